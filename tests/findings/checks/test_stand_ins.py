"""Tools that are declared to do what a check looks for."""

import datetime as dt

import pytest

from findings.catalogue.tools import Tool
from findings.checks.base import Run, built_in, run
from findings.checks.context import Horizon
from findings.checks.outcomes import Status, outcome
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION, Evidence, Place, Scope
from findings.facts.declared import Declared
from tests.findings.checks.cases import ACCOUNT, HERE, NOW, account
from tests.findings.checks.test_base import DENIED, Lamp, Socket, define, is_on, lamp

DAY, TICK = dt.timedelta(days=1), dt.timedelta(microseconds=1)
LIT = {HERE: {"test.lamp": (lamp("a"), lamp("b", is_on=False))}}


def tool(kind=Tool.TRACING, name="Datadog", starts_at=NOW - DAY, ends_at=NOW + DAY, **more):
    given = {"last_day": dt.date(2027, 3, 31), "is_organization_wide": False}
    return Declared(kind=kind, name=name, starts_at=starts_at, ends_at=ends_at, **(given | more))


def judged(*tools, shards=LIT, place=HERE, now=NOW, **fields):
    definition = define(
        is_on if "scope" not in fields else fields.pop("function"),
        **({"resource": Lamp, "alternatives": (Tool.TRACING, Tool.MONITORING)} | fields),
    )
    horizon = Horizon(now)
    given = Run(accounts={ACCOUNT: account()}, horizon=horizon, tools={ACCOUNT: tools})
    return list(run([definition], Evidence(shards), [place], given)), horizon.valid_until


def statuses(found):
    return [(result.resource, result.status) for result in found[0]]


JUDGED = [("a", Status.PASS), ("b", Status.FAIL)]
STOOD_IN_FOR = [("a", Status.NOT_APPLICABLE), ("b", Status.NOT_APPLICABLE)]


def test_a_declared_tool_makes_each_result_not_applicable_and_names_itself_and_its_end():
    found, _ = judged(tool())
    assert {result.status for result in found} == {Status.NOT_APPLICABLE}
    assert found[0].message == "Datadog is declared to do this until 2027-03-31"


@pytest.mark.parametrize("kind", list(Tool))
def test_only_a_tool_of_a_kind_that_the_check_names_stands_in(kind):
    wanted = STOOD_IN_FOR if kind in (Tool.TRACING, Tool.MONITORING) else JUDGED
    assert statuses(judged(tool(kind))) == wanted


def test_a_check_that_names_no_kind_is_judged():
    assert statuses(judged(tool(), alternatives=())) == JUDGED


@pytest.mark.parametrize(
    ("now", "wanted", "holds"),
    [
        (NOW - DAY - TICK, JUDGED, NOW - DAY - TICK),
        (NOW - DAY, STOOD_IN_FOR, NOW + DAY - TICK),
        (NOW + DAY - TICK, STOOD_IN_FOR, NOW + DAY - TICK),
        (NOW + DAY, JUDGED, None),
    ],
)
def test_it_stands_in_from_its_start_until_just_before_its_end(now, wanted, holds):
    found = judged(tool(), now=now)
    assert (statuses(found), found[1]) == (wanted, holds)


def test_a_tool_of_another_kind_moves_no_horizon():
    assert judged(tool(Tool.DELIVERY))[1] is None


def test_of_several_the_one_that_ends_last_is_told():
    later = tool(Tool.MONITORING, "Grafana", ends_at=NOW + 2 * DAY)
    for order in ([tool(), later], [later, tool()]):
        found, holds = judged(*order)
        assert found[0].message.startswith("Grafana ")
        assert holds == NOW + 2 * DAY - TICK


def test_what_could_not_be_listed_does_not_apply_either():
    found, _ = judged(tool(), shards={HERE: {"test.lamp": DENIED}})
    assert [(r.resource, r.status, r.gaps) for r in found] == [("", Status.NOT_APPLICABLE, ())]


def test_where_nothing_is_nothing_is_said():
    assert judged(tool(), shards={HERE: {"test.lamp": ()}})[0] == []


def has_socket(facts, context):
    return outcome(bool(facts.of(Socket)))


@pytest.mark.parametrize(
    ("fields", "region"),
    [
        ({"scope": Scope.ACCOUNT, "needs": (Socket,)}, AWS_GLOBAL),
        ({"scope": Scope.REGION, "needs": (Lamp,), "rollup": True}, AWS_GLOBAL),
        ({"scope": Scope.REGION, "needs": (Lamp,)}, HERE.region),
    ],
)
def test_a_check_of_a_region_or_account_gives_its_one_result(fields, region):
    place = Place(ACCOUNT, region)
    shards = {HERE: {"test.lamp": ()}, Place(ACCOUNT, AWS_GLOBAL): {"test.socket": ()}}
    found = judged(tool(), shards=shards, place=place, resource=None, function=has_socket, **fields)
    assert statuses(found) == [("", Status.NOT_APPLICABLE)]


@pytest.mark.parametrize(
    ("is_wide", "status"), [(True, Status.NOT_APPLICABLE), (False, Status.FAIL)]
)
def test_where_the_organization_is_judged_only_a_tool_of_all_of_it_stands_in(is_wide, status):
    place = Place(ACCOUNT, AWS_ORGANIZATION)
    found = judged(
        tool(is_organization_wide=is_wide),
        shards={place: {}, Place(ACCOUNT, AWS_GLOBAL): {"test.socket": ()}},
        place=place,
        resource=None,
        function=has_socket,
        scope=Scope.ORGANIZATION,
        needs=(Socket,),
    )
    assert statuses(found) == [("", status)]


def test_a_check_names_a_kind_once():
    for definition in built_in().values():
        kinds = definition.check.alternatives
        assert len(set(kinds)) == len(kinds), definition.id


def test_each_kind_of_tool_stands_in_for_some_check():
    named = {kind for d in built_in().values() for kind in d.check.alternatives}
    assert named == set(Tool)
