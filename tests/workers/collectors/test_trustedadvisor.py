"""Recommendations of Trusted Advisor."""

import pytest
from botocore.exceptions import ClientError

from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.trustedadvisor import parse_recommendation, recommendations

ARN = "arn:aws:trustedadvisor::111111111111:recommendation/1"
RAW = {
    "id": "11111111-1111-4111-a111-111111111111",
    "arn": ARN,
    "type": "standard",
    "status": "error",
    "pillars": ["operational_excellence"],
    "source": "ta_check",
    "name": "Alarms",
    "resourcesAggregates": {"okCount": 0, "warningCount": 0, "errorCount": 1},
}
ASKED = {"pillar": "operational_excellence", "status": "error"}


def test_errors_of_the_pillar_are_listed():
    session = StubbedSession()
    session.answer(
        "trustedadvisor", "list_recommendations", {"recommendationSummaries": [RAW]}, **ASKED
    )
    (found,) = recommendations(session)
    assert (found.arn, found.name) == (ARN, "Alarms")
    session.assert_all_asked()


def test_nothing_is_invented_for_what_a_recommendation_does_not_say():
    found = parse_recommendation(RAW)
    assert (found.stage, found.created_at, found.updated_at) == (None, None, None)


def test_of_priority_stage_and_age_are_told():
    told = {"lifecycleStage": "dismissed", "createdAt": NOW, "lastUpdatedAt": NOW}
    found = parse_recommendation(RAW | told)
    assert (found.stage, found.created_at, found.updated_at) == ("dismissed", NOW, NOW)


def test_a_refusal_is_not_an_empty_list():
    session = StubbedSession()
    session.refuse("trustedadvisor", "list_recommendations", "AccessDeniedException")
    with pytest.raises(ClientError):
        list(recommendations(session))
