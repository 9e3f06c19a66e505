"""AWS Config: recorders, delivery channels, rules and aggregators of a region.

Records of `config.recorders`, `config.delivery_channels` and `config.rules` hold their state as
`_status`. Recorders that a service owns (`servicePrincipal`) are told only when they are asked for.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

Record = dict[str, Any]


def _recorders(call: Call) -> list[Record]:
    principal = call.parameters.get("ServicePrincipal")
    names = call.parameters.get("ConfigurationRecorderNames")
    found = [
        recorder
        for recorder in call.place.all("config.recorders")
        if (recorder["name"] in names if names else recorder.get("servicePrincipal") == principal)
    ]
    if names and not found:
        raise AwsError("NoSuchConfigurationRecorderException", f"There is no recorder {names[0]}.")
    return found


@operation("config", "DescribeConfigurationRecorders")
def describe_configuration_recorders(call: Call) -> dict[str, Any]:
    return {"ConfigurationRecorders": _recorders(call)}


@operation("config", "DescribeConfigurationRecorderStatus")
def describe_configuration_recorder_status(call: Call) -> dict[str, Any]:
    states = [{"name": found["name"], **found["_status"]} for found in _recorders(call)]
    return {"ConfigurationRecordersStatus": states}


def _channels(call: Call) -> list[Record]:
    names = call.parameters.get("DeliveryChannelNames")
    channels = call.place.all("config.delivery_channels")
    found = [channel for channel in channels if not names or channel["name"] in names]
    if names and not found:
        raise AwsError("NoSuchDeliveryChannelException", f"There is no channel {names[0]}.")
    return found


@operation("config", "DescribeDeliveryChannels")
def describe_delivery_channels(call: Call) -> dict[str, Any]:
    return {"DeliveryChannels": _channels(call)}


@operation("config", "DescribeDeliveryChannelStatus")
def describe_delivery_channel_status(call: Call) -> dict[str, Any]:
    states = [{"name": found["name"], **found["_status"]} for found in _channels(call)]
    return {"DeliveryChannelsStatus": states}


def _rules(call: Call) -> list[Record]:
    names = call.parameters.get("ConfigRuleNames")
    rules = call.place.all("config.rules")
    found = [rule for rule in rules if not names or rule["ConfigRuleName"] in names]
    if names and not found:
        raise AwsError("NoSuchConfigRuleException", f"There is no rule {names[0]}.")
    return found


@operation("config", "DescribeConfigRules")
def describe_config_rules(call: Call) -> dict[str, Any]:
    return call.page(_rules(call), "ConfigRules", size=12)


@operation("config", "DescribeConfigRuleEvaluationStatus")
def describe_config_rule_evaluation_status(call: Call) -> dict[str, Any]:
    states = [
        {name: rule.get(name) for name in ("ConfigRuleName", "ConfigRuleArn", "ConfigRuleId")}
        | rule["_status"]
        for rule in _rules(call)
    ]
    return call.page(states, "ConfigRulesEvaluationStatus", size=12, limit_in="Limit")


@operation("config", "DescribeConfigurationAggregators")
def describe_configuration_aggregators(call: Call) -> dict[str, Any]:
    found = call.place.all("config.aggregators")
    return call.page(found, "ConfigurationAggregators", size=2, limit_in="Limit")


@operation("config", "DescribeConfigurationAggregatorSourcesStatus")
def describe_configuration_aggregator_sources_status(call: Call) -> dict[str, Any]:
    """Records of `config.aggregators` hold their sources as `_sources`."""
    name = call.parameters["ConfigurationAggregatorName"]
    found = call.place.find("config.aggregators", ConfigurationAggregatorName=name)
    if found is None:
        raise AwsError("NoSuchConfigurationAggregatorException", f"There is no aggregator {name}.")
    wanted = call.parameters.get("UpdateStatus")
    sources = [s for s in found["_sources"] if not wanted or s["LastUpdateStatus"] in wanted]
    return call.page(sources, "AggregatedSourceStatusList", size=20, limit_in="Limit")
