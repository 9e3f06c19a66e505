"""O3: logs are protected, and tell what happened to notifications."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.operate.monitoring import AUDIT_LOGS
from findings.checks.outcomes import Outcome, Status, all_of, any_of, not_applicable, outcome, part
from findings.checks.parameters import Flag, Prefixes
from findings.facts.base import Facts
from findings.facts.cloudwatch import Alarm
from findings.facts.events import Rule
from findings.facts.logs import LogGroup
from findings.facts.sns import Topic

SENSITIVE_LOGS = (*AUDIT_LOGS, "/prod/", "/production/", "prod-", "production-")


@Check(
    title="Encrypt sensitive log groups with a customer managed key",
    row=Row.MONITORING,
    resource=LogGroup,
    severity=Severity.LOW,
    best_practices=("OPS04-BP02",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Prefixes("sensitive_prefixes", SENSITIVE_LOGS),),
    not_applicable_when="The name of the group begins with none of sensitive_prefixes.",
    remediation="Associate the group with a key whose policy lets CloudWatch Logs of the region use"
    " it for this group.",
    cli=("aws logs associate-kms-key --log-group-name GROUP --kms-key-id KEY_ARN",),
)
def cloudwatch_log_group_encrypted(group: LogGroup, facts: Facts, context: Context) -> Outcome:
    if not group.name.startswith(context.sensitive_prefixes):
        return not_applicable("its name is not one of sensitive logs")
    return outcome(group.key_id is not None, "" if group.key_id else "no key is associated with it")


@Check(
    title="Log notification delivery status on alert topics",
    row=Row.MONITORING,
    resource=Topic,
    needs=(Alarm, Rule),
    severity=Severity.LOW,
    best_practices=("OPS08-BP04", "OPS10-BP04"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Flag("alert_topics_only", True),),
    not_applicable_when="No alarm or event rule of the region names the topic, or nobody is"
    " subscribed by a protocol whose delivery SNS can log.",
    remediation="Set the feedback roles of the protocols that subscribers use, where the topic is"
    " declared.",
    cli=(
        "aws sns set-topic-attributes --topic-arn TOPIC_ARN"
        " --attribute-name HTTPFailureFeedbackRoleArn --attribute-value ROLE_ARN",
    ),
)
def sns_delivery_status_logged(topic: Topic, facts: Facts, context: Context) -> Outcome:
    used = {one.delivery for one in topic.subscriptions if one.is_confirmed and one.delivery}
    if not used:
        return not_applicable("nobody is subscribed by a protocol whose delivery can be logged")
    if context.alert_topics_only:
        named = any_of(
            part("alarm", lambda: _is_of_an_alarm(topic, facts)),
            part("rule", lambda: _is_of_a_rule(topic, facts)),
        )
        if named.status is Status.FAIL:
            return not_applicable("no alarm or rule of its region names it")
        if named.status is Status.UNKNOWN:
            return named
    told = f"used: {', '.join(sorted(used))}; logged: {', '.join(topic.logged_deliveries)}"
    return outcome(not used.isdisjoint(topic.logged_deliveries), told)


def _is_of_an_alarm(topic: Topic, facts: Facts) -> Outcome:
    return any_of(
        facts.of(Alarm),
        lambda alarm: any_of(
            part("ALARM", lambda: topic.arn in alarm.alarm_actions),
            part("OK", lambda: topic.arn in alarm.ok_actions),
            part("no data", lambda: topic.arn in alarm.insufficient_data_actions),
        ),
    )


def _is_of_a_rule(topic: Topic, facts: Facts) -> Outcome:
    """A disabled rule sends nothing."""
    return any_of(
        facts.of(Rule),
        lambda rule: all_of(
            part("enabled", lambda: rule.is_enabled),
            part("target", lambda: any(target.arn == topic.arn for target in rule.targets)),
        ),
    )
