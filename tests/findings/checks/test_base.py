"""The engine of the checks, on small facts of its own."""

import pytest

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check, Definition, Run, run
from findings.checks.context import Horizon
from findings.checks.outcomes import Status, all_of, any_of, every, failed, outcome, part, passed
from findings.checks.parameters import Days
from findings.facts.base import (
    AWS_GLOBAL,
    Evidence,
    Fact,
    Facts,
    Gap,
    GapReason,
    Listing,
    NotCollected,
    Place,
    Scope,
)
from tests.findings.checks.cases import ACCOUNT, HERE, NOW, OTHER_REGION, REGION, account, ago


class Lamp(Fact, kind="test.lamp", identity=("name",), volatile=("seen_at",)):
    name: str
    is_on: bool
    seen_at: object


class Socket(Fact, kind="test.socket", scope=Scope.ACCOUNT, identity=("name",)):
    name: str


DENIED = Gap(kind="test.lamp", reason=GapReason.ACCESS_DENIED, operation="lamps:List", code="No")


def lamp(name="a", is_on=True, seen_at=NOW):
    return Lamp(name=name, is_on=is_on, seen_at=seen_at)


def define(function, **fields):
    given = {
        "title": "t",
        "row": Row.AUDIT,
        "severity": Severity.LOW,
        "best_practices": ("OPS01-BP01",),
        "principles": (Principle.OPERATIONS_AS_CODE,),
        "remediation": "r",
    }
    return Definition(id="lamp_check", check=Check(**(given | fields)), function=function)


def outcomes(definition, shards, places=(HERE,), horizon=None):
    given = Run(accounts={ACCOUNT: account()}, horizon=horizon or Horizon(NOW))
    return list(run([definition], Evidence(shards), places, given))


def is_on(lamp, facts, context):
    return outcome(lamp.is_on)


def test_a_resource_check_gives_one_result_per_resource():
    shards = {HERE: {"test.lamp": (lamp("a"), lamp("b", is_on=False))}}
    found = outcomes(define(is_on, resource=Lamp), shards)
    assert [(r.resource, r.status) for r in found] == [("a", Status.PASS), ("b", Status.FAIL)]


def test_no_resource_gives_no_result():
    assert outcomes(define(is_on, resource=Lamp), {HERE: {"test.lamp": ()}}) == []


def test_a_listing_that_was_not_collected_gives_one_unknown_result():
    (found,) = outcomes(define(is_on, resource=Lamp), {HERE: {"test.lamp": DENIED}})
    assert (found.status, found.resource, found.gaps) == (Status.UNKNOWN, "", (DENIED,))
    assert "lamps:List" in found.message


def test_a_kind_nobody_collected_is_unknown_and_not_empty():
    (found,) = outcomes(define(is_on, resource=Lamp), {HERE: {}})
    assert found.gaps[0].reason is GapReason.NOT_SUPPLIED


def test_a_field_that_was_not_collected_makes_only_its_resource_unknown():
    shards = {HERE: {"test.lamp": (lamp("a", is_on=DENIED), lamp("b"))}}
    found = outcomes(define(is_on, resource=Lamp), shards)
    assert [r.status for r in found] == [Status.UNKNOWN, Status.PASS]


def test_a_check_that_breaks_is_unknown_and_not_a_verdict():
    def breaks(lamp, facts, context):
        raise ZeroDivisionError

    (found,) = outcomes(define(breaks, resource=Lamp), {HERE: {"test.lamp": (lamp(),)}})
    assert found.status is Status.UNKNOWN
    assert found.gaps[0].code == "ZeroDivisionError"


def test_reading_an_undeclared_kind_is_refused():
    facts = Facts(Evidence({}), HERE, {})
    with pytest.raises(LookupError, match="without declaring"):
        facts.of(Lamp)


def test_a_scope_in_which_nobody_collected_anything_is_unknown_and_not_empty():
    elsewhere = Evidence({Place("999999999999", REGION): {"test.lamp": (lamp(),)}})
    listing = elsewhere.listing(Lamp, Scope.ACCOUNT, HERE)
    assert (listing.known, listing.gaps[0].reason) == ((), GapReason.NOT_SUPPLIED)


def test_a_check_reads_a_narrower_scope_than_it_declares_but_no_wider_one():
    far = Place("999999999999", OTHER_REGION)
    evidence = Evidence({HERE: {"test.lamp": (lamp("a"),)}, far: {"test.lamp": (lamp("b"),)}})
    wide = Facts(evidence, HERE, {"test.lamp": Scope.ORGANIZATION})
    assert [len(wide.of(Lamp)), len(wide.of(Lamp, Scope.ACCOUNT))] == [2, 1]
    narrow = Facts(evidence, HERE, {"test.lamp": Scope.REGION})
    with pytest.raises(LookupError, match="wider than its needs"):
        narrow.of(Lamp, Scope.ACCOUNT)


def test_a_check_of_the_organization_reads_another_place_and_a_missing_one_is_a_gap():
    far = Place("999999999999", OTHER_REGION)
    evidence = Evidence({HERE: {"test.lamp": ()}, far: {"test.lamp": (lamp("b"),)}})
    wide = Facts(evidence, HERE, {"test.lamp": Scope.ORGANIZATION})
    assert [item.name for item in wide.at(Lamp, far)] == ["b"]
    with pytest.raises(NotCollected):
        len(wide.at(Lamp, Place("999999999999", REGION)))
    with pytest.raises(LookupError, match="wider than its needs"):
        Facts(evidence, HERE, {"test.lamp": Scope.ACCOUNT}).at(Lamp, far)


def test_a_check_of_the_organization_reads_all_regions_of_another_account():
    far, farther = Place("999999999999", REGION), Place("999999999999", OTHER_REGION)
    shards = {place: {"test.lamp": (lamp(place.region),)} for place in (HERE, far, farther)}
    evidence = Evidence(shards)
    wide = Facts(evidence, HERE, {"test.lamp": Scope.ORGANIZATION})
    assert {item.name for item in wide.of_account(Lamp, far.account)} == {REGION, OTHER_REGION}
    with pytest.raises(NotCollected):
        len(wide.of_account(Lamp, "888888888888"))
    with pytest.raises(LookupError, match="wider than its needs"):
        Facts(evidence, HERE, {"test.lamp": Scope.ACCOUNT}).of_account(Lamp, far.account)


def test_a_check_of_an_account_sees_all_its_regions_and_no_other_account():
    def counts(facts, context):
        return passed(str(len(facts.of(Lamp))))

    other = Place(ACCOUNT, OTHER_REGION)
    shards = {
        HERE: {"test.lamp": (lamp("a"),)},
        other: {"test.lamp": (lamp("b"),)},
        Place("999999999999", REGION): {"test.lamp": (lamp("c"),)},
    }
    definition = define(counts, scope=Scope.ACCOUNT, needs=(Lamp,))
    (found,) = outcomes(definition, shards, [Place(ACCOUNT, AWS_GLOBAL)])
    assert found.message == "2"
    assert definition.stage is Scope.ACCOUNT


def test_a_region_check_that_reads_account_facts_waits_for_the_account():
    definition = define(is_on, scope=Scope.REGION, needs=(Lamp, Socket))
    assert definition.home is Scope.REGION
    assert definition.stage is Scope.ACCOUNT


def test_a_rolled_up_check_has_one_result_whose_parts_are_regions():
    def lit(facts, context):
        return any_of(facts.of(Lamp), lambda lamp: lamp.is_on)

    shards = {
        HERE: {"test.lamp": (lamp("a"),)},
        Place(ACCOUNT, OTHER_REGION): {"test.lamp": (lamp("b", is_on=False),)},
        Place(ACCOUNT, AWS_GLOBAL): {},
    }
    definition = define(lit, scope=Scope.REGION, needs=(Lamp,), rollup=True)
    (found,) = outcomes(definition, shards, list(shards))
    assert (found.status, found.region) == (Status.FAIL, AWS_GLOBAL)
    assert [(p.name, p.status) for p in found.parts] == [
        (REGION, Status.PASS),
        (OTHER_REGION, Status.FAIL),
    ]


@pytest.mark.parametrize(
    ("first", "second", "both", "either"),
    [
        (True, True, Status.PASS, Status.PASS),
        (True, False, Status.FAIL, Status.PASS),
        (True, None, Status.UNKNOWN, Status.PASS),
        (False, None, Status.FAIL, Status.UNKNOWN),
        (None, None, Status.UNKNOWN, Status.UNKNOWN),
        (False, False, Status.FAIL, Status.FAIL),
    ],
)
def test_parts_combine_by_kleenes_logic_in_any_order(first, second, both, either):
    def read(value):
        if value is None:
            raise NotCollected(DENIED)
        return value

    parts = [part("one", lambda: read(first)), part("two", lambda: read(second))]
    for order in (parts, parts[::-1]):
        assert all_of(*order).status is both
        assert any_of(*order).status is either


def test_a_gap_in_a_listing_can_neither_pass_every_nor_fail_any():
    gapped = Listing([lamp("a")], [DENIED])
    assert every(gapped, lambda lamp: lamp.is_on).status is Status.UNKNOWN
    assert every(gapped, lambda lamp: not lamp.is_on).status is Status.FAIL
    assert any_of(gapped, lambda lamp: lamp.is_on).status is Status.PASS
    assert any_of(gapped, lambda lamp: not lamp.is_on).status is Status.UNKNOWN


def test_any_of_nothing_fails_and_every_of_nothing_passes():
    assert any_of(Listing([]), lambda lamp: True).status is Status.FAIL
    assert every(Listing([]), lambda lamp: False).status is Status.PASS


def test_plain_python_over_an_incomplete_listing_is_unknown_unless_decided():
    gapped = Listing([lamp("a")], [DENIED])
    assert any(item.is_on for item in gapped)
    with pytest.raises(NotCollected):
        any(not item.is_on for item in gapped)
    with pytest.raises(NotCollected):
        len(gapped)
    with pytest.raises(NotCollected):
        bool(Listing([], [DENIED]))


def test_the_limit_itself_is_within_and_an_instant_more_is_not():
    def recent(lamp, facts, context):
        return outcome(context.within(lamp.seen_at, days=context.max_days))

    definition = define(recent, resource=Lamp, parameters=(Days("max_days", 7),))
    horizon = Horizon(NOW)
    (at_limit,) = outcomes(
        definition, {HERE: {"test.lamp": (lamp(seen_at=ago(days=7)),)}}, horizon=horizon
    )
    (beyond,) = outcomes(definition, {HERE: {"test.lamp": (lamp(seen_at=ago(days=7, seconds=1)),)}})
    assert (at_limit.status, beyond.status) == (Status.PASS, Status.FAIL)
    assert horizon.valid_until == NOW


def test_a_check_names_either_a_resource_or_a_wider_scope():
    with pytest.raises(TypeError, match="either resource= or a wider scope="):
        define(is_on)
    with pytest.raises(TypeError, match="either resource= or a wider scope="):
        define(is_on, resource=Lamp, scope=Scope.REGION)


def test_a_fact_class_refuses_defaults_and_unknown_declarations():
    with pytest.raises(TypeError, match="no defaults"):

        class Bad(Fact, kind="test.bad", identity=("name",)):
            name: str = "x"

    with pytest.raises(TypeError, match="does not have"):

        class Worse(Fact, kind="test.worse", identity=("nome",)):
            name: str


def test_a_message_of_all_of_names_the_parts_that_are_not_met():
    found = all_of(part("lit", lambda: failed("it is dark")), part("dry", lambda: True))
    assert found.message == "not met: lit: it is dark"
