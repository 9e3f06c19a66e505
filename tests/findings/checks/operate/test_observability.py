from findings.facts.base import Gap, GapReason, Place
from findings.facts.dashboards import Dashboard
from findings.facts.oam import AttachedLink, Link, Sink
from findings.facts.organizations import MemberAccount
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    assert_outcomes,
)

DENIED = Gap(kind="cloudwatch.alarm", reason=GapReason.ACCESS_DENIED)


def dashboard(*alarms, name="shop"):
    return Dashboard(name=name, alarms=alarms)


THEIRS = f"arn:aws:cloudwatch:{OTHER_REGION}:{OTHER}:alarm:shop:eu"
DASHBOARDS = [
    Case("shows metrics", PASS, [dashboard()]),
    Case("shows an alarm", PASS, [dashboard(alarm().arn), alarm()]),
    Case("none", FAIL, [alarm()], message="0 dashboards"),
    Case("one of two that are wanted", FAIL, [dashboard()], parameters={"min_dashboards": 2}),
    Case(
        "shows an alarm that is gone",
        FAIL,
        [dashboard(alarm().arn), alarm("orders-5xx")],
        message=f"shop shows {alarm().arn}, which does not exist",
    ),
    Case(
        "one of two shows an alarm that is gone",
        FAIL,
        [dashboard(), dashboard(alarm().arn, name="orders")],
    ),
    Case("shows what is no alarm", FAIL, [dashboard("shop-5xx")]),
    Case(
        "shows an alarm of another account",
        PASS,
        [dashboard(THEIRS)],
        elsewhere={Place(OTHER, OTHER_REGION): [alarm("shop:eu")]},
    ),
    Case(
        "the alarm stands in another region",
        FAIL,
        [dashboard(THEIRS)],
        elsewhere={
            Place(OTHER, OTHER_REGION): [],
            Place(ACCOUNT, OTHER_REGION): [alarm("shop:eu")],
        },
    ),
    Case("shows an alarm of a stranger", UNKNOWN, [dashboard(THEIRS)]),
    Case("alarms were denied", UNKNOWN, [dashboard(alarm().arn)], gaps=[DENIED]),
    Case("alarms were denied, and it shows none", PASS, [dashboard()], gaps=[DENIED]),
    Case("what it shows was denied", UNKNOWN, [Dashboard(name="shop", alarms=DENIED)]),
    Case(
        "dashboards are kept in a monitoring account",
        NOT_APPLICABLE,
        parameters={"in_monitoring_account": True},
        message="kept in a monitoring account",
    ),
]

ALL = ("AWS::CloudWatch::Metric", "AWS::Logs::LogGroup", "AWS::XRay::Trace")
SINK_ARN = f"arn:aws:oam:eu-west-1:{OTHER}:sink/1"


def link(types=ALL, sink=SINK_ARN):
    return Link(sink=sink, resource_types=types)


def sink(*accounts, types=ALL, name="monitoring"):
    links = tuple(AttachedLink(account=account, resource_types=types) for account in accounts)
    return Sink(name=name, arn=SINK_ARN, links=links)


def member(account, state="ACTIVE"):
    return MemberAccount(id=account, state=state)


OTHERS = [f"3000000000{number:02}" for number in range(20)]
ORGANIZATION = [member(account) for account in (ACCOUNT, *OTHERS)]
MEMBERS_DENIED = Gap(kind=MemberAccount.kind, reason=GapReason.ACCESS_DENIED)
SINKS_DENIED = Gap(kind=Sink.kind, reason=GapReason.ACCESS_DENIED)
LINKED = [
    Case("linked", PASS, [link(), *ORGANIZATION]),
    Case("shows more", PASS, [link((*ALL, "AWS::ApplicationInsights::Application"))]),
    Case("not linked", FAIL, ORGANIZATION, message="linked to no sink"),
    *(
        Case(
            f"does not show {left_out}",
            FAIL,
            [link(tuple(name for name in ALL if name != left_out)), *ORGANIZATION],
            message=f"does not show {left_out}",
        )
        for left_out in ALL
    ),
    Case("one of two links shows all", PASS, [link(ALL[:1], sink="arn:x"), link(), *ORGANIZATION]),
    Case("linked in another region", PASS, ORGANIZATION, {Place(ACCOUNT, OTHER_REGION): [link()]}),
    Case("has a sink that nobody uses", FAIL, [sink(), *ORGANIZATION], message="no sink"),
    Case("has a sink that nobody uses, and a link", PASS, [sink(), link(), *ORGANIZATION]),
    Case(
        "shows exactly the share",
        PASS,
        [sink(*OTHERS[1:]), *ORGANIZATION],
        message="monitoring shows 19 of 20 accounts",
    ),
    Case("shows less", FAIL, [sink(*OTHERS[2:]), *ORGANIZATION], message="18 of 20"),
    Case(
        "half of them may do",
        PASS,
        [sink(*OTHERS[10:]), *ORGANIZATION],
        parameters={"min_percent": 50},
    ),
    Case("shows metrics only", FAIL, [sink(*OTHERS, types=ALL[:1]), *ORGANIZATION]),
    Case("links of strangers do not count", FAIL, [sink(*OTHERS[2:], OTHER), *ORGANIZATION]),
    Case(
        "two sinks do not add up",
        FAIL,
        [sink(*OTHERS[10:]), sink(*OTHERS[:10], name="b"), *ORGANIZATION],
    ),
    Case("one of two sinks shows all", PASS, [sink(name="a"), sink(*OTHERS), *ORGANIZATION]),
    Case(
        "a monitoring account is not judged by its link",
        FAIL,
        [sink(*OTHERS[2:]), link(), *ORGANIZATION],
    ),
    Case(
        "suspended accounts show nothing",
        PASS,
        [sink(*OTHERS[1:]), *ORGANIZATION, member(OTHER, "SUSPENDED")],
    ),
    Case("is alone", NOT_APPLICABLE, [member(ACCOUNT)], message="one active account"),
    Case(
        "is alone with a suspended one", NOT_APPLICABLE, [member(ACCOUNT), member(OTHER, "CLOSED")]
    ),
    Case("accounts are not known, but the link is", PASS, [link()], gaps=[MEMBERS_DENIED]),
    Case("accounts are not known", UNKNOWN, gaps=[MEMBERS_DENIED]),
    Case("sinks are not known", UNKNOWN, [link(), *ORGANIZATION], gaps=[SINKS_DENIED]),
]

TABLE = {
    "cloudwatch_dashboard_present": DASHBOARDS,
    "cloudwatch_cross_account_observability_linked": LINKED,
}


def test_outcomes():
    assert_outcomes(TABLE)
