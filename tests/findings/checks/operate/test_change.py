from findings.facts.base import Gap, GapReason
from tests.findings.checks.builders_cloudformation import nested, stack
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.builders_config import channel, recorder, service_recorder
from tests.findings.checks.builders_events import FUNCTION, QUEUE, TOPIC, rule, target
from tests.findings.checks.builders_logs import log_group
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    assert_outcomes,
)

NO_TARGETS = Gap(kind="events.rule", reason=GapReason.ACCESS_DENIED)

STATUS_CHANGE = {
    "source": ["aws.cloudformation"],
    "detail-type": ["CloudFormation Stack Status Change"],
}


def on_status_change(**fields):
    return rule("stacks", STATUS_CHANGE, **fields)


STACK_NOTIFIED = [
    Case("notifies a topic", PASS, [stack(notification_arns=(TOPIC,))]),
    Case("a rule takes its changes", PASS, [stack(), on_status_change()]),
    Case("a rule takes all changes", PASS, [stack(), rule(pattern={"source": [{"prefix": ""}]})]),
    Case(
        "a rule takes changes by their type alone",
        PASS,
        [stack(), rule(pattern={"detail-type": [{"prefix": "CloudFormation Stack"}]})],
    ),
    Case(
        "a rule takes failures",
        PASS,
        [
            stack(),
            rule(
                pattern=STATUS_CHANGE
                | {"detail": {"status-details": {"status": [{"suffix": "_FAILED"}]}}}
            ),
        ],
    ),
    Case("neither topic nor rule", FAIL, [stack()], message="not met: event rule"),
    Case("a disabled rule", FAIL, [stack(), on_status_change(state="DISABLED")]),
    Case(
        "a rule that takes all management events",
        PASS,
        [stack(), on_status_change(state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")],
    ),
    Case("a rule in a state of the future", FAIL, [stack(), on_status_change(state="NEW")]),
    Case("a rule of another bus", FAIL, [stack(), on_status_change(bus="orders")]),
    Case(
        "a rule of changes of resources",
        FAIL,
        [
            stack(),
            rule(
                pattern=STATUS_CHANGE | {"detail-type": ["CloudFormation Resource Status Change"]}
            ),
        ],
    ),
    Case("a rule of another service", FAIL, [stack(), rule(pattern={"source": ["aws.config"]})]),
    Case(
        "a rule of another stack",
        FAIL,
        [
            stack(),
            rule(pattern=STATUS_CHANGE | {"detail": {"stack-id": [stack("orders").id]}}),
        ],
    ),
    Case("a rule of a schedule", FAIL, [stack(), rule(schedule="rate(1 day)")]),
    Case(
        "an archive's own rule",
        FAIL,
        [
            stack(),
            rule(
                pattern={"replay-name": [{"exists": False}]},
                managed_by="prod.vhs.events.aws.internal",
            ),
        ],
    ),
    Case(
        "a rule of User Notifications",
        PASS,
        [stack(), on_status_change(managed_by="notifications.amazonaws.com")],
    ),
    Case(
        "rules do not count here",
        FAIL,
        [stack(), on_status_change()],
        parameters={"accept_event_rule": False},
    ),
    Case(
        "rules do not count here, and a topic does",
        PASS,
        [stack(notification_arns=(TOPIC,))],
        parameters={"accept_event_rule": False},
    ),
    Case("is nested", NOT_APPLICABLE, [nested()], message="nested"),
]

COMPLIANCE = {"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"]}

COMPLIANCE_ROUTED = [
    Case("the channel has a topic", PASS, [recorder(), channel(topic_arn=TOPIC)]),
    Case("a rule sends on", PASS, [recorder(), channel(), rule(pattern=COMPLIANCE)]),
    Case(
        "a rule sends on what is not compliant",
        PASS,
        [
            recorder(),
            rule(
                pattern=COMPLIANCE
                | {"detail": {"newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]}}}
            ),
        ],
    ),
    Case(
        "a rule sends on what is compliant again",
        FAIL,
        [
            recorder(),
            rule(
                pattern=COMPLIANCE
                | {"detail": {"newEvaluationResult": {"complianceType": ["COMPLIANT"]}}}
            ),
        ],
    ),
    Case("nothing is sent", FAIL, [recorder(), channel()], message="topic of the delivery channel"),
    Case("a rule sends nowhere", FAIL, [recorder(), rule(pattern=COMPLIANCE, targets=())]),
    Case(
        "where a rule sends to is not known",
        UNKNOWN,
        [recorder(), rule(pattern=COMPLIANCE, targets=NO_TARGETS)],
    ),
    Case(
        "where another rule sends to is not known",
        PASS,
        [recorder(), rule("a", COMPLIANCE, targets=NO_TARGETS), rule("b", COMPLIANCE)],
    ),
    Case(
        "a rule of configuration items",
        FAIL,
        [
            recorder(),
            rule(pattern=COMPLIANCE | {"detail-type": ["Config Configuration Item Change"]}),
        ],
    ),
    Case(
        "nothing is recorded",
        NOT_APPLICABLE,
        [channel(topic_arn=TOPIC)],
        message="nothing is recorded",
    ),
    Case(
        "a service records for itself",
        NOT_APPLICABLE,
        [service_recorder()],
    ),
    Case(
        "a service records for itself, and the customer too",
        FAIL,
        [recorder(), service_recorder()],
    ),
]

ANY = {"source": ["aws.ec2"]}
MACHINE = target(f"arn:aws:states:{REGION}:111111111111:stateMachine:recover")
AUTOMATION = target(
    f"arn:aws:ssm:{REGION}:111111111111:automation-definition/AWS-RestartEC2Instance:$DEFAULT"
)
RUN_COMMAND = target(f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript")
LAYER = target(f"arn:aws:lambda:{REGION}:111111111111:layer:tools")
NOTICE = target(TOPIC)

AUTOMATED_RESPONSE = [
    Case("starts a function", PASS, [alarm(), rule(pattern=ANY)], message="1 found"),
    Case("starts a state machine", PASS, [alarm(), rule(pattern=ANY, targets=(MACHINE,))]),
    Case("starts an Automation", PASS, [alarm(), rule(pattern=ANY, targets=(NOTICE, AUTOMATION))]),
    Case(
        "sends a notice", FAIL, [alarm(), rule(pattern=ANY, targets=(NOTICE,))], message="responder"
    ),
    Case("runs a command", FAIL, [alarm(), rule(pattern=ANY, targets=(RUN_COMMAND,))]),
    Case("names something else of Lambda", FAIL, [alarm(), rule(pattern=ANY, targets=(LAYER,))]),
    Case("does nothing", FAIL, [alarm()], message="0 found, 1 expected"),
    Case("is disabled", FAIL, [alarm(), rule(pattern=ANY, state="DISABLED")]),
    Case("runs on a schedule", FAIL, [alarm(), rule(schedule="rate(1 day)")]),
    Case(
        "is a service's own",
        FAIL,
        [alarm(), rule(pattern=ANY, managed_by="autoscaling.amazonaws.com")],
    ),
    Case("stands on another bus", PASS, [alarm(), rule(pattern=ANY, bus="orders")]),
    Case(
        "fewer rules than are wanted",
        FAIL,
        [alarm(), rule(pattern=ANY)],
        parameters={"min_rules": 2},
    ),
    Case("the region has log groups only", FAIL, [log_group()]),
    Case("the region has stacks only", FAIL, [stack()]),
    Case("the region has nothing", NOT_APPLICABLE, message="no alarm, log group or stack"),
    Case(
        "the region has nothing as far as is known",
        UNKNOWN,
        gaps=[Gap(kind="logs.log_group", reason=GapReason.ACCESS_DENIED)],
    ),
    Case("responds, in a region that has nothing else", PASS, [rule(pattern=ANY)]),
    Case("its targets are not known", UNKNOWN, [alarm(), rule(pattern=ANY, targets=NO_TARGETS)]),
]

BARE = target(dead_letter_arn=None)

DEAD_LETTERS = [
    Case("has a queue for what is not delivered", PASS, [rule(pattern=ANY)]),
    Case("has none", FAIL, [rule(pattern=ANY, targets=(BARE,))], message=FUNCTION),
    Case(
        "one of two targets has none",
        FAIL,
        [rule(targets=(target(), target(TOPIC, dead_letter_arn=None, id="2")))],
        message=f"not met: 2: no dead-letter queue for {TOPIC}",
    ),
    Case("a schedule has none", FAIL, [rule(schedule="rate(1 day)", targets=(BARE,))]),
    Case(
        "schedules do not count here",
        NOT_APPLICABLE,
        [rule(schedule="rate(1 day)", targets=(BARE,))],
        parameters={"ignore_schedule_rules": True},
        message="schedule",
    ),
    Case(
        "schedules do not count here, patterns do",
        FAIL,
        [rule(pattern=ANY, schedule="rate(1 day)", targets=(BARE,))],
        parameters={"ignore_schedule_rules": True},
    ),
    Case(
        "sends to a queue",
        NOT_APPLICABLE,
        [rule(targets=(target(QUEUE, dead_letter_arn=None),))],
        message="nothing but queues",
    ),
    Case(
        "sends to a queue, and to a function without one",
        FAIL,
        [rule(targets=(target(QUEUE, dead_letter_arn=None), target(dead_letter_arn=None, id="2")))],
    ),
    Case("sends nowhere", NOT_APPLICABLE, [rule(pattern=ANY, targets=())]),
    Case(
        "is disabled", NOT_APPLICABLE, [rule(state="DISABLED", targets=(BARE,))], message="disabled"
    ),
    Case("is in a state of the future", FAIL, [rule(state="NEW", targets=(BARE,))]),
    Case(
        "is a service's own",
        NOT_APPLICABLE,
        [rule(managed_by="autoscaling.amazonaws.com", targets=(BARE,))],
        message="autoscaling.amazonaws.com manages it",
    ),
    Case("stands on another bus", FAIL, [rule(bus="orders", targets=(BARE,))]),
]

TABLE = {
    "cloudformation_stack_change_notified": STACK_NOTIFIED,
    "config_compliance_changes_routed": COMPLIANCE_ROUTED,
    "eventbridge_automated_response_present": AUTOMATED_RESPONSE,
    "eventbridge_target_dead_letter_queue": DEAD_LETTERS,
}


def test_outcomes():
    assert_outcomes(TABLE)
