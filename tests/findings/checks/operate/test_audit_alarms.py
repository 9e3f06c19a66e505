"""O2 audit: alarms on what the record shows."""

from findings.checks.audit_patterns import BASELINE
from findings.facts.base import Place
from findings.facts.cloudwatch import AlarmMetric
from tests.findings.checks.builders_cloudtrail import trail
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.builders_events import rule
from tests.findings.checks.builders_logs import metric_filter
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    assert_outcomes,
)

NAMES = [
    "StopLogging",
    "DeleteTrail",
    "UpdateTrail",
    "PutEventSelectors",
    "StopConfigurationRecorder",
    "DeleteDeliveryChannel",
]


def of_calls(*names):
    return "{" + " || ".join(f"($.eventName = {name})" for name in names) + "}"


def streaming(account=ACCOUNT, **fields):
    """A trail that writes to the log group ``trail`` of an account."""
    group = f"arn:aws:logs:{REGION}:{account}:log-group:trail:*"
    return trail(**({"owner": account, "log_group_arn": group} | fields))


def going_off(metric="Audit", namespace="CloudTrailMetrics", **fields):
    watched = AlarmMetric(namespace=namespace, name=metric, dimensions={}, account=None)
    return alarm(metrics=(watched,), **fields)


def routing(*names, service="aws.cloudtrail", **fields):
    pattern = {
        "source": [service],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventName": list(names)},
    }
    return rule(f"on-{service}", pattern, **fields)


ALL = metric_filter(of_calls(*NAMES))
SEEN = streaming(OTHER, is_organization=True, is_shadow=True)
OWNERS = Place(OTHER, REGION)
ON_TRAILS = routing(*NAMES[:4])
ON_RECORDERS = routing(*NAMES[4:], service="aws.config")
TRAILS_ONLY = {"events": [f"cloudtrail:{name}" for name in NAMES[:4]]}
RECORDERS_ONLY = {"events": [f"config:{name}" for name in NAMES[4:]]}

CHANGES = [
    Case("a filter and its alarm", PASS, [streaming(), ALL, going_off()]),
    Case("no trail", FAIL, [ALL, going_off()], message="config:StopConfigurationRecorder"),
    *(
        Case(
            f"all but {name}",
            FAIL,
            [streaming(), metric_filter(of_calls(*set(NAMES) - {name})), going_off()],
            message=name,
        )
        for name in NAMES
    ),
    Case(
        "two filters",
        PASS,
        [
            streaming(),
            metric_filter(of_calls(*NAMES[:4])),
            metric_filter("{ $.eventSource = config* }", "config", metric="Config"),
            going_off(),
            going_off("Config", name="config"),
        ],
    ),
    Case(
        "a filter that cannot be read", UNKNOWN, [streaming(), metric_filter("{ ? }"), going_off()]
    ),
    Case(
        "a filter of another group",
        FAIL,
        [streaming(), metric_filter("", log_group="shop"), going_off()],
    ),
    Case("no alarm", FAIL, [streaming(), ALL]),
    Case("an alarm of another metric", FAIL, [streaming(), ALL, going_off("Other")]),
    Case("an alarm of another namespace", FAIL, [streaming(), ALL, going_off(namespace="Shop")]),
    Case("a silent alarm", FAIL, [streaming(), ALL, going_off(alarm_actions=())]),
    Case("a muted alarm", FAIL, [streaming(), ALL, going_off(actions_enabled=False)]),
    Case("a trail without log group", FAIL, [trail(), ALL, going_off()]),
    Case("a trail that is stopped", FAIL, [streaming(is_logging=False), ALL, going_off()]),
    Case("a trail of one region", FAIL, [streaming(is_multi_region=False), ALL, going_off()]),
    Case("by the organization", PASS, [SEEN], elsewhere={OWNERS: [ALL, going_off()]}),
    Case("by an account that nobody collected", UNKNOWN, [SEEN]),
    Case("by rules", PASS, [trail(), ON_TRAILS, ON_RECORDERS]),
    Case(
        "by a rule and a filter",
        PASS,
        [streaming(), ON_TRAILS, metric_filter(of_calls(*NAMES[4:])), going_off()],
    ),
    Case("by a rule for trails only", FAIL, [trail(), ON_TRAILS], message="not met: config:"),
    Case(
        "by a rule for recorders only",
        FAIL,
        [trail(), ON_RECORDERS],
        message="not met: cloudtrail:",
    ),
    Case(
        "by rules without targets", FAIL, [trail(), routing(*NAMES[:4], targets=()), ON_RECORDERS]
    ),
    Case(
        "by a disabled rule", FAIL, [trail(), routing(*NAMES[:4], state="DISABLED"), ON_RECORDERS]
    ),
    Case(
        "by rules of one region",
        FAIL,
        [trail(), ON_TRAILS, ON_RECORDERS],
        elsewhere={Place(ACCOUNT, OTHER_REGION): []},
        message=f"no event rule in {OTHER_REGION}",
    ),
    Case(
        "a trail's home has its rule",
        PASS,
        [trail(), ON_TRAILS],
        elsewhere={Place(ACCOUNT, OTHER_REGION): []},
        parameters=TRAILS_ONLY,
    ),
    Case(
        "a trail's home has none",
        FAIL,
        [ON_TRAILS],
        elsewhere={Place(ACCOUNT, OTHER_REGION): [trail(home_region=OTHER_REGION)]},
        parameters=TRAILS_ONLY,
    ),
    Case(
        "the organization's trail is not the account's",
        PASS,
        [SEEN, ON_RECORDERS],
        elsewhere={OWNERS: []},
    ),
    Case(
        "the home of the organization's trail has none",
        PASS,
        [trail(), streaming(OTHER, is_shadow=True, home_region=OTHER_REGION), ON_TRAILS],
        elsewhere={Place(ACCOUNT, OTHER_REGION): []},
        parameters=TRAILS_ONLY,
    ),
    Case(
        "no trail to change",
        NOT_APPLICABLE,
        [SEEN],
        elsewhere={OWNERS: []},
        parameters=TRAILS_ONLY,
        message="no trail of its own",
    ),
    Case("recorders only", PASS, [trail(), ON_RECORDERS], parameters=RECORDERS_ONLY),
    Case(
        "another tool alerts",
        NOT_APPLICABLE,
        [trail()],
        parameters={"alerting_tool": "SIEM"},
        message="SIEM",
    ),
    Case("nobody alerts", FAIL, [trail()], parameters={"alerting_tool": "none"}),
    Case("nobody is named", FAIL, [trail()], parameters={"alerting_tool": ""}),
]

CIS = {
    "use of root": '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS'
    ' && $.eventType !="AwsServiceEvent"}',
    "unauthorised calls": '{(($.errorCode="*UnauthorizedOperation") ||'
    ' ($.errorCode="AccessDenied*")) && ($.eventName!="HeadBucket")}',
    "sign-in without MFA": '{ ($.eventName = "ConsoleLogin") &&'
    ' ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") &&'
    ' ($.responseElements.ConsoleLogin = "Success") }',
    **{
        name: "{" + " || ".join(f"($.eventName={e['eventName']})" for e in events) + "}"
        for name, events in list(BASELINE.items())[3:]
    },
}


def watched(*left_out, instead=""):
    """Facts by which all kinds of events are alarmed, but some; those in another way."""
    kept = [CIS[name][1:-1] for name in BASELINE if name not in left_out]
    pattern = " || ".join(f"({one})" for one in [*kept, *([instead] if instead else [])])
    return [streaming(), metric_filter("{" + pattern + "}"), going_off()]


ONE = "ERROR"
PATTERNS = [
    Case(
        "all of them",
        PASS,
        watched(),
        message="12 kinds of events are asked for; not alarmed: none",
    ),
    *(
        Case(f"all but {name}", FAIL, watched(name), message=f"not alarmed: {name}")
        for name in BASELINE
    ),
    Case("none", FAIL, [streaming()]),
    Case("one pattern for everything", PASS, [streaming(), metric_filter(""), going_off()]),
    Case(
        "denied calls of one sort",
        FAIL,
        watched("unauthorised calls", instead='$.errorCode="AccessDenied*"'),
    ),
    Case(
        "no sign-in of users",
        FAIL,
        watched(
            "sign-in without MFA",
            instead='$.eventName="ConsoleLogin" && $.userIdentity.type = "Root"',
        ),
    ),
    Case("a text in all of them", FAIL, [streaming(), metric_filter(ONE), going_off()]),
    Case(
        "enough of them",
        PASS,
        watched("VPCs"),
        parameters={"min_covered_percent": 91},
        message="not alarmed: VPCs",
    ),
    Case(
        "exactly enough",
        PASS,
        watched("VPCs", "gateways", "route tables"),
        parameters={"min_covered_percent": 75},
    ),
    Case("not enough of them", FAIL, watched("VPCs"), parameters={"min_covered_percent": 92}),
    Case(
        "what is asked for",
        PASS,
        watched("VPCs", "gateways"),
        parameters={"pattern_set": ["use of root"]},
    ),
    Case("not what is asked for", FAIL, watched("VPCs"), parameters={"pattern_set": ["VPCs"]}),
    Case(
        "nothing is asked for",
        NOT_APPLICABLE,
        watched(),
        parameters={"pattern_set": []},
        message="no kind",
    ),
    Case("at the organization's trail", PASS, [SEEN], elsewhere={OWNERS: watched()[1:]}),
    Case("where nobody looked", UNKNOWN, [SEEN]),
    Case("no trail", FAIL, watched()[1:]),
    Case(
        "another tool alerts",
        NOT_APPLICABLE,
        [],
        parameters={"alerting_tool": "GuardDuty"},
        message="GuardDuty",
    ),
    Case("nobody alerts", FAIL, [streaming()], parameters={"alerting_tool": "none"}),
    Case("nobody is named", FAIL, [streaming()], parameters={"alerting_tool": ""}),
]

TABLE = {
    "cloudtrail_audit_change_alarmed": CHANGES,
    "cloudtrail_baseline_metric_filters_alarmed": PATTERNS,
}


def test_outcomes():
    assert_outcomes(TABLE)
