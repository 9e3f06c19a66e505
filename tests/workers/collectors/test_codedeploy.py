"""CodeDeploy deployment groups."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.codedeploy import deployment_groups, parse_deployment_group

ARN = "arn:aws:codedeploy:eu-west-1:111111111111:deploymentgroup:shop/prod"
INFO = {"applicationName": "shop", "deploymentGroupName": "prod"}


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def listing(session, *groups, application="shop"):
    session.answer("codedeploy", "list_applications", {"applications": [application]})
    session.answer(
        "codedeploy",
        "list_deployment_groups",
        {"applicationName": application, "deploymentGroups": list(groups)},
        applicationName=application,
    )


def test_an_application_without_groups_costs_no_further_call(session):
    listing(session)
    assert list(deployment_groups(session)) == []


def test_a_group_is_named_by_its_application(session):
    listing(session, "prod")
    session.answer("codedeploy", "batch_get_deployment_groups", {"deploymentGroupsInfo": [INFO]})
    (group,) = deployment_groups(session)
    assert (group.key, group.arn) == ("shop/prod", ARN)


def test_what_a_group_does_not_say_is_off():
    group = parse_deployment_group("shop", ARN, INFO, {})
    assert (group.is_rollback_enabled, group.rollback_events) == (False, ())
    assert (group.are_alarms_enabled, group.alarms) == (False, ())
    assert not group.ignores_alarm_poll_failure
    assert (group.last_attempted, group.last_successful) == (None, None)


def test_what_a_group_says_is_kept():
    group = parse_deployment_group(
        "shop",
        ARN,
        INFO
        | {
            "computePlatform": "ECS",
            "autoRollbackConfiguration": {"enabled": True, "events": ["B", "A"]},
            "alarmConfiguration": {
                "enabled": True,
                "ignorePollAlarmFailure": True,
                "alarms": [{"name": "b"}, {"name": "a"}, {}],
            },
            "lastAttemptedDeployment": {"status": "Failed", "createTime": NOW},
        },
        {},
    )
    assert (group.is_rollback_enabled, group.rollback_events) == (True, ("A", "B"))
    assert (group.are_alarms_enabled, group.alarms) == (True, ("a", "b"))
    assert group.ignores_alarm_poll_failure
    assert (group.last_attempted.status, group.last_attempted.created_at) == ("Failed", NOW)
    assert group.last_attempted.ended_at is None


def test_a_group_that_a_batch_could_not_describe_is_there_but_not_known(session):
    listing(session, "prod", "test")
    answer = {"deploymentGroupsInfo": [INFO], "errorMessage": "test could not be read"}
    session.answer("codedeploy", "batch_get_deployment_groups", answer)
    prod, test = deployment_groups(session)
    assert not prod.gaps
    assert test.key == "shop/test"
    assert test.gaps["alarms"].reason is GapReason.FAILED


def test_what_is_gone_meanwhile_is_left_out(session):
    listing(session, "prod")
    session.answer("codedeploy", "batch_get_deployment_groups", {"deploymentGroupsInfo": []})
    assert list(deployment_groups(session)) == []


def test_an_application_that_is_gone_meanwhile_is_left_out(session):
    session.answer("codedeploy", "list_applications", {"applications": ["shop"]})
    session.refuse("codedeploy", "list_deployment_groups", "ApplicationDoesNotExistException")
    assert list(deployment_groups(session)) == []


def configured(session, *groups):
    """Groups by name and the configuration each uses."""
    listing(session, *(name for name, _ in groups))
    described = [
        INFO | {"deploymentGroupName": name, "deploymentConfigName": used} for name, used in groups
    ]
    answer = {"deploymentGroupsInfo": described}
    session.answer("codedeploy", "batch_get_deployment_groups", answer)


def test_a_configuration_that_groups_share_is_read_once(session):
    configured(session, ("prod", "canary"), ("test", "canary"), ("old", "half"))
    routing = {"deploymentConfigInfo": {"trafficRoutingConfig": {"type": "TimeBasedCanary"}}}
    session.answer("codedeploy", "get_deployment_config", routing, deploymentConfigName="canary")
    hosts = {"minimumHealthyHosts": {"type": "FLEET_PERCENT", "value": 50}}
    session.answer(
        "codedeploy",
        "get_deployment_config",
        {"deploymentConfigInfo": hosts},
        deploymentConfigName="half",
    )
    prod, test, old = deployment_groups(session)
    assert prod.traffic_routing == test.traffic_routing == "TimeBasedCanary"
    assert prod.minimum_healthy is None
    assert (old.traffic_routing, old.minimum_healthy.value) == (None, 50)


def test_a_refused_configuration_leaves_the_rest_of_the_group(session):
    configured(session, ("prod", "canary"))
    session.refuse("codedeploy", "get_deployment_config", "AccessDeniedException")
    (group,) = deployment_groups(session)
    assert set(group.gaps) == {"traffic_routing", "minimum_healthy"}


def test_a_configuration_that_is_gone_tells_nothing(session):
    configured(session, ("prod", "canary"))
    gone = "DeploymentConfigDoesNotExistException"
    session.refuse("codedeploy", "get_deployment_config", gone)
    (group,) = deployment_groups(session)
    assert (group.traffic_routing, group.minimum_healthy) == (None, None)
