import datetime as dt

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from findings.facts.base import AWS_ORGANIZATION, Fact, Gap, GapReason
from findings.models import CallLog, EvidenceBlob, Observation, RegionState, Shard
from findings.selectors import evidence as selector
from findings.selectors.evidence import evidence_of_finding
from tests.factories.accounts import AccountFactory, OuFactory, UserFactory, person_with
from tests.findings.services.lab import (
    ALL,
    DAY,
    NOW,
    OTHER_REGION,
    REGION,
    Box,
    Lab,
    Shelf,
    Sign,
    box,
    define,
    denied,
    finding,
    only,
)

pytestmark = pytest.mark.django_db
OPERATIONS = {"lab.box": {"lab:ListBoxes"}}


@pytest.fixture
def everyone():
    return UserFactory(is_superuser=True)


def evidence(found, user, definition=None, **options):
    given = {"shows_personal": True, "operations": OPERATIONS}
    return evidence_of_finding(found, definition or ALL[found.check_id], user, **(given | options))


def facts_of(item):
    return [msgspec.json.decode(text) for text in item.facts]


def test_of_a_resource_the_fact_itself_is_shown(everyone):
    Lab(registry=only("box_is_sealed")).scan(box("a", is_sealed=False), box("b", is_sealed=False))
    (item,) = evidence(finding(resource="b"), everyone)
    assert [fact["name"] for fact in facts_of(item)] == ["b"]
    assert (item.kind, item.region, item.listed, item.omitted) == ("lab.box", REGION, 2, 0)
    assert item.collected_at == NOW


def test_only_the_place_of_the_finding_is_shown(everyone):
    lab = Lab(registry=only("box_is_sealed"), regions=(REGION, OTHER_REGION))
    lab.scan(facts={REGION: {"lab.box": (box(is_sealed=False),)}, OTHER_REGION: {}})
    (item,) = evidence(finding(), everyone)
    assert item.region == REGION


def test_what_a_check_of_an_account_reads_is_shown_for_all_its_regions(everyone):
    lab = Lab(registry=only("account_has_shelf_for_boxes"), regions=(REGION, OTHER_REGION))
    lab.scan(facts={"lab.box": (box(),), "lab.shelf": ()})
    found = evidence(finding("account_has_shelf_for_boxes", ""), everyone)
    assert [(item.kind, item.region) for item in found] == [
        ("lab.shelf", "aws-global"),
        ("lab.box", REGION),
        ("lab.box", OTHER_REGION),
    ]


def test_what_is_of_the_organization_is_shown_to_those_who_see_its_account(everyone):
    lab = Lab(registry=only("box_label_is_on_sign"))
    ou = OuFactory(organization=lab.organization)
    member = AccountFactory(organization=lab.organization, ou=ou)
    lab.scan(facts={"lab.box": (box(label="x"),), "lab.sign": (Sign(text="y"),)})
    found = finding("box_label_is_on_sign", account=member)
    kinds = [(item.kind, item.region) for item in evidence(found, everyone)]
    assert kinds == [("lab.box", REGION), ("lab.sign", AWS_ORGANIZATION)]
    viewer = person_with("viewer", organization=lab.organization, ou=ou)
    assert [item.kind for item in evidence(found, viewer)] == ["lab.box"]


def test_a_gap_is_shown_as_a_gap_and_not_as_nothing(everyone):
    lab = Lab(registry=only("box_is_sealed"))
    lab.scan(box(is_sealed=False))
    lab.wait(days=1).scan(facts={"lab.box": denied()})
    (item,) = evidence(finding(), everyone)
    assert item.gap == denied()
    assert (item.facts, item.listed) == ((), None)


def test_a_resource_that_is_no_longer_listed_is_told_from_an_empty_listing(everyone):
    lab = Lab(registry=only("box_is_sealed"))
    lab.scan(box("a", is_sealed=False))
    found = finding()
    lab.wait(days=1).scan(box("b"))
    (item,) = evidence(found, everyone)
    assert (item.facts, item.listed) == ((), 1)
    lab.wait(days=1).scan()
    (item,) = evidence(found, everyone)
    assert (item.facts, item.listed) == ((), 0)


def test_facts_that_are_no_longer_kept_are_none_rather_than_no_facts(everyone):
    Lab(registry=only("box_is_sealed")).scan(box(is_sealed=False))
    EvidenceBlob.objects.all().delete()
    (item,) = evidence(finding(), everyone)
    assert item.listed is None


def test_without_its_observation_a_fact_says_which_fields_are_no_longer_kept(everyone):
    Lab(registry=only("box_is_sealed")).scan(box(is_sealed=False))
    Observation.objects.all().delete()
    ((fact,),) = [facts_of(item) for item in evidence(finding(), everyone)]
    assert fact["is_sealed"] is False
    assert fact["looked_at"].startswith("(not collected: no longer kept")


def test_a_field_that_was_denied_is_told_with_its_operation(everyone):
    gap = Gap(
        kind="lab.box", reason=GapReason.ACCESS_DENIED, operation="lab:GetLabel", code="Denied"
    )
    Lab(registry=only("box_is_new")).scan(box(made_at=NOW - 100 * DAY, label=gap))
    ((fact,),) = [facts_of(item) for item in evidence(finding("box_is_new"), everyone)]
    assert fact["label"] == "(not collected: access denied lab:GetLabel Denied)"


def test_a_field_that_nobody_asked_for_is_no_failure(everyone):
    gap = Gap(kind="lab.box", reason=GapReason.NOT_SUPPLIED, operation="lab:GetLabel")
    Lab(registry=only("box_is_new")).scan(box(made_at=NOW - 100 * DAY, label=gap))
    ((fact,),) = [facts_of(item) for item in evidence(finding("box_is_new"), everyone)]
    assert fact["label"] == "(not asked for)"


class Locker(Fact, kind="lab.locker", identity=("number",), personal=("holder",)):
    number: str
    holder: str
    is_locked: bool


def locker_is_locked(locker, facts, context):
    raise NotImplementedError


@pytest.mark.parametrize(("shows", "told"), [(True, "Ann"), (False, "(personal)")])
def test_personal_fields_are_shown_by_permission(everyone, shows, told):
    definition = define(locker_is_locked, resource=Locker)
    lab = Lab(registry=only("box_is_sealed"))
    scan = lab.scan(box("1", is_sealed=False))
    _store(lab, scan, (Locker(number="1", holder="Ann", is_locked=False),))
    found = evidence(finding(resource="1"), everyone, definition, shows_personal=shows)
    ((fact,),) = [facts_of(item) for item in found]
    assert (fact["holder"], fact["is_locked"]) == (told, False)


def _store(lab, scan, facts):
    """Gives the shard of a scan other facts, as if it had collected these."""
    from findings.packing import pack
    from findings.services.evidence import evidence_store

    kind = facts[0].kind
    shard = Shard.objects.get(scan=scan)
    shard.manifest = evidence_store(packed=pack([kind], {kind: facts}), now=lab.now)
    shard.save()
    RegionState.objects.filter(region=shard.region).update(sources={str(shard.pk): [kind]})


def test_only_the_calls_that_collect_the_kind_are_shown(everyone):
    Lab(registry=only("box_is_sealed")).scan(box(is_sealed=False))
    (item,) = evidence(finding(), everyone)
    assert [call["operation"] for call in item.calls] == ["lab:ListBoxes"]
    (item,) = evidence(finding(), everyone, operations={"lab.box": {"lab:GetBox"}})
    assert item.calls == ()
    CallLog.objects.all().delete()
    (item,) = evidence(finding(), everyone)
    assert item.calls == ()


def test_of_many_facts_some_are_shown_and_the_others_counted(everyone):
    lab = Lab(registry=only("account_boxes_are_sealed"))
    lab.scan(*(box(f"{n}", is_sealed=False) for n in range(7)))
    (item,) = evidence(finding("account_boxes_are_sealed", ""), everyone)
    assert (len(item.facts), item.omitted, item.listed) == (selector.SHOWN_FACTS, 2, 7)


def test_it_takes_a_handful_of_queries_however_many_places_there_are(everyone):
    regions = tuple(f"eu-west-{n}" for n in range(1, 15))
    lab = Lab(registry=only("account_has_shelf_for_boxes"), regions=regions)
    lab.scan(facts={"lab.box": (box(),), "lab.shelf": (Shelf(label="z"),)})
    lab.wait(days=1).scan(facts={"lab.box": (box(label="x"),), "lab.shelf": ()})
    found = finding("account_has_shelf_for_boxes", "")
    with CaptureQueriesContext(connection) as captured:
        shown = evidence(found, everyone)
    assert len(shown) == selector.SHOWN_PLACES
    assert len(captured) <= 3


def test_what_a_later_scan_collected_replaces_the_evidence(everyone):
    lab = Lab(registry=only("box_is_sealed"))
    lab.scan(box(is_sealed=False))
    lab.wait(hours=1).scan(box(is_sealed=False, label="moved"))
    (item,) = evidence(finding(), everyone)
    assert item.collected_at == NOW + dt.timedelta(hours=1)
    assert facts_of(item)[0]["label"] == "moved"
    assert Box.kind == item.kind
