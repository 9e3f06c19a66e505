import pytest
from django.urls import reverse

from findings.catalogue.best_practices import best_practices
from findings.checks.base import built_in
from tests.portal.web.pages import links_of, main_text_of
from tests.portal.world import CHECK

LIST = reverse("catalogue")
GROUPS = "cloudwatch_log_group_retention_set"


def detail(check):
    return reverse("check-detail", args=[check])


def test_every_check_and_practice_is_listed(sign_in, world):
    answer = sign_in("viewer").get(LIST)
    assert {detail(check) for check in built_in()} <= set(links_of(answer))
    assert {practice.source for practice in best_practices().values()} <= set(links_of(answer))


@pytest.mark.parametrize(("who", "failing"), [("viewer", 2), ("viewer of Prod", 1), ("nobody", 0)])
def test_results_are_counted_where_a_person_may_look(sign_in, world, who, failing):
    for path in (LIST, detail(CHECK)):
        answer = sign_in(who).get(path)
        assert answer.status_code == 200
        counts = answer.context.get("counts") or dict_of(answer)[CHECK]
        assert counts.failed == failing


def dict_of(answer):
    return {page.id: counts for _, _, pages in answer.context["rows"] for page, counts in pages}


def test_a_stranger_sees_the_catalogue_with_the_results_of_others_left_out(sign_in, world):
    assert dict_of(sign_in("stranger").get(LIST))[CHECK].failed == 1  # of the stranger's own


def test_a_check_tells_what_it_reads_and_how_to_remedy(sign_in, world):
    check = built_in()[GROUPS].check
    text = main_text_of(sign_in("viewer").get(detail(GROUPS)))
    for told in (check.remediation, *check.cli, "logs:DescribeLogGroups", "min_days 365 days"):
        assert told in text
    assert "Type: AWS::Logs::LogGroup" in text


def test_a_check_tells_which_tools_stand_in_for_it(sign_in, world):
    viewer = sign_in("viewer")
    text = main_text_of(viewer.get(detail("cloudtrail_lake_store_configured")))
    for tool in built_in()["cloudtrail_lake_store_configured"].check.alternatives:
        assert "Or a declared tool" in text
        assert tool.label in text
    assert "Or a declared tool" not in main_text_of(viewer.get(detail(GROUPS)))


def test_a_check_that_is_not_there_is_not_found(sign_in, world):
    assert sign_in("viewer").get(detail("nothing")).status_code == 404


def test_nobody_is_asked_to_sign_in(client, db):
    assert client.get(LIST).url.startswith("/login/?next=")
