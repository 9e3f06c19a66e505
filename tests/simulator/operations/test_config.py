import pytest
from botocore.exceptions import ClientError

from simulator.days import Change

ACCOUNT, HOME = "100000000003", "us-east-1"
SECURITY_HUB = "AWSConfigurationRecorderForSecurityHub_1"


@pytest.fixture
def config(simulator):
    changes = [
        Change(day=1, facet="config.recorders", variant="of_a_service", account=ACCOUNT),
        Change(day=1, facet="config.rules", variant="few", account=ACCOUNT, region=HOME),
    ]
    return simulator(changes=changes).member("config", ACCOUNT, HOME)


def test_a_recorder_of_a_service_is_told_only_when_it_is_asked_for(config):
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []
    asked = {"ServicePrincipal": "securityhub.amazonaws.com"}
    (found,) = config.describe_configuration_recorders(**asked)["ConfigurationRecorders"]
    assert found["name"] == SECURITY_HUB
    states = config.describe_configuration_recorder_status(
        ConfigurationRecorderNames=[SECURITY_HUB]
    )
    assert states["ConfigurationRecordersStatus"][0]["recording"]


def test_what_is_not_there_is_an_error_of_its_own(config):
    with pytest.raises(config.exceptions.NoSuchConfigurationRecorderException):
        config.describe_configuration_recorders(ConfigurationRecorderNames=["none"])
    with pytest.raises(config.exceptions.NoSuchDeliveryChannelException):
        config.describe_delivery_channels(DeliveryChannelNames=["none"])
    with pytest.raises(ClientError, match="NoSuchConfigRule"):
        config.describe_config_rules(ConfigRuleNames=["none"])


def test_every_rule_has_a_state_on_pages_of_another_size(config):
    rules = [
        rule["ConfigRuleName"]
        for page in config.get_paginator("describe_config_rules").paginate()
        for rule in page["ConfigRules"]
    ]
    states = [
        state["ConfigRuleName"]
        for page in config.get_paginator("describe_config_rule_evaluation_status").paginate()
        for state in page["ConfigRulesEvaluationStatus"]
    ]
    assert len(rules) == 10
    assert states == rules
