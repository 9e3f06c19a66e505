"""What evidence tells of deliveries is kept when AWS has forgotten it."""

import datetime as dt

import pytest

from findings.checks.base import built_in
from findings.delivery_history import Measure
from findings.facts.base import Gap, GapReason
from findings.models import DeliveryRecord, ProductionChange, ScopeKind
from findings.selectors.dora import Knowledge, dora_of
from findings.selectors.scopes_of_scorecards import Scope
from findings.services.delivery_records import CHECK, deliveries_forget, deliveries_record
from findings.services.overrides import override_set
from findings.services.retention import retention_sweep
from tests.factories.accounts import AccountFactory
from tests.findings.checks.builders_codedeploy import deployment_group, group_deployment, history
from tests.findings.checks.builders_codepipeline import (
    PROD,
    SOURCE,
    activity,
    deployments,
    execution,
    pipeline,
    run,
)
from tests.findings.checks.cases import NOW, ago
from tests.findings.services.lab import Lab

pytestmark = pytest.mark.django_db

SHOP = pipeline(SOURCE, PROD)
KEY = "pipeline:eu-west-1:shop"
LISTING = "codepipeline.deployments"


@pytest.fixture
def lab():
    found = Lab(registry={CHECK: built_in()[CHECK]}, now=NOW)
    found.account.environment = "production"
    found.account.save()
    return found


def scan(lab, *runs, known_from=None, rollbacks=(), more=None, record=True):
    """A scan that finds these deployments of the shop, and what is kept of it."""
    facts = {
        LISTING: [deployments(*runs, known_from=known_from or lab.now - dt.timedelta(days=90))],
        "codepipeline.pipeline": [SHOP],
        "codepipeline.activity": [activity(rollbacks=rollbacks)],
        "codedeploy.deployment_history": [history(known_from=lab.now - dt.timedelta(days=90))],
    }
    lab.scan(facts=facts | (more or {}))
    return kept(lab) if record else None


def kept(lab):
    return deliveries_record(organization=lab.organization, registry=built_in(), now=lab.now)


def figures(lab, days=90):
    scope = Scope(
        kind=ScopeKind.ORGANIZATION,
        of=lab.organization,
        accounts=lab.organization.accounts.all(),
        is_whole=True,
    )
    [told] = dora_of([scope], days=days, now=lab.now)
    return told


def values(told):
    return {f.measure.value: (f.figure.value, f.figure.n, f.knowledge.value) for f in told.figures}


def test_changes_are_kept_once(lab):
    assert scan(lab, run(3), run(2, "Failed"), run(1)) == 1
    rows = ProductionChange.objects.order_by("ended_at")
    assert [(r.change_id, r.source, r.succeeded, r.is_rollback) for r in rows] == [
        ("e-3", KEY, True, False),
        ("e-2", KEY, False, False),
        ("e-1", KEY, True, False),
    ]
    record = DeliveryRecord.objects.get()
    assert (record.account, record.evidence_at, record.gaps) == (lab.account, NOW, [])
    assert record.sources == {KEY: {"since": ago(days=90).isoformat(), "until": NOW.isoformat()}}
    assert kept(lab) == 0
    lab.wait(days=1)
    assert scan(lab, run(3), run(2, "Failed"), run(1)) == 1
    assert ProductionChange.objects.count() == 3


def test_what_aws_has_forgotten_is_still_known(lab):
    scan(lab, run(80), run(1))
    lab.wait(days=60)
    scan(lab, run(1), run(-59))
    told = figures(lab, days=150)
    assert values(told)["deployment_frequency"] == (3 / (150 / 7), 3, "known")
    assert told.missing == {}
    assert figures(lab, days=151).missing == {"no_longer_kept": 1}


@pytest.mark.one_database
def test_across_a_hole_nobody_knows(lab):
    scan(lab, run(80), run(1))
    lab.wait(days=91)
    scan(lab, run(-90))
    told = figures(lab, days=120)
    assert told.missing == {"no_longer_kept": 1}
    assert values(told)["deployment_frequency"][1:] == (2, "partial")
    assert values(figures(lab))["deployment_frequency"][1:] == (1, "known")


def test_a_retry_and_a_rollback_are_kept_as_aws_tells_them_last(lab):
    scan(lab, run(3, "Failed", execution="a"))
    lab.wait(days=1)
    back = execution(id="b", started_at=ago(hours=4))
    again = [run(2, execution="a"), run(0.1, execution="b")]
    scan(lab, *again, rollbacks=(back,))
    rows = ProductionChange.objects.order_by("change_id")
    assert [(r.change_id, r.succeeded, r.is_rollback) for r in rows] == [
        ("a", True, False),
        ("b", True, True),
    ]


@pytest.mark.one_database
def test_what_succeeded_when_it_was_retried_had_failed_first(lab):
    scan(lab, run(3, "Failed", execution="a"), run(2.9, execution="a"), run(1))
    told = values(figures(lab, days=7))
    assert told["deployment_frequency"] == (2.0, 2, "known")
    assert told["change_failure_rate"] == (50.0, 2, "known")
    assert told["time_to_restore"] == (pytest.approx(2.4), 1, "known")


@pytest.mark.one_database
def test_deployments_without_a_pipeline_count_as_deployments_only(lab):
    group = deployment_group()
    direct = {
        "codedeploy.deployment_group": [group],
        "codedeploy.deployment_history": [history(group_deployment(2), group_deployment(1))],
    }
    scan(lab, run(1), more=direct)
    told = values(figures(lab, days=7))
    assert told["deployment_frequency"] == (3.0, 3, "known")
    assert told["lead_time"] == (2.0, 1, "known")
    assert told["change_failure_rate"] == (0.0, 1, "known")
    assert told["time_to_restore"] == (None, 0, "none")
    assert figures(lab).sources == 2


@pytest.mark.one_database
def test_nothing_that_deploys_is_no_figure_and_not_zero(lab):
    lab.scan(facts={})
    told = figures(lab)
    assert (told.missing, told.evidence_at) == ({"not_scanned": 1}, None)
    assert {f.knowledge for f in told.figures} == {Knowledge.UNKNOWN}
    lab.wait(days=1)
    scan(lab, more={LISTING: [], "codepipeline.pipeline": [], "codepipeline.activity": []})
    told = figures(lab)
    assert (told.sources, told.missing, told.evidence_at) == (0, {}, lab.now)
    assert {(f.figure.value, f.figure.n, f.knowledge) for f in told.figures} == {
        (None, 0, Knowledge.NONE)
    }


@pytest.mark.one_database
def test_zero_deployments_of_a_known_pipeline_are_zero(lab):
    scan(lab)
    assert values(figures(lab))["deployment_frequency"] == (0.0, 0, "known")


def test_what_could_not_be_read_makes_unknown_and_keeps_what_was_known(lab):
    denied = Gap(kind=LISTING, reason=GapReason.ACCESS_DENIED)
    scan(lab, more={LISTING: denied})
    told = figures(lab)
    assert told.missing == {"access_denied": 1}
    assert {f.knowledge for f in told.figures} == {Knowledge.UNKNOWN}
    lab.wait(days=1)
    scan(lab, run(1))
    assert values(figures(lab))["deployment_frequency"][1:] == (1, "known")
    lab.wait(days=1)
    scan(lab, more={LISTING: denied})
    assert values(figures(lab))["deployment_frequency"][1:] == (1, "partial")


@pytest.mark.one_database
def test_while_a_pipeline_is_not_read_nothing_of_codedeploy_is_recorded(lab):
    """The pipeline may have made it, and would tell of it again once it is read."""
    direct = {
        "codedeploy.deployment_group": [deployment_group()],
        "codedeploy.deployment_history": [history(group_deployment(1))],
    }
    scan(lab, more={LISTING: Gap(kind=LISTING, reason=GapReason.ACCESS_DENIED)} | direct)
    assert not ProductionChange.objects.exists()
    lab.wait(days=1)
    scan(lab, run(1, external_id="d-1"), more=direct)
    assert [row.change_id for row in ProductionChange.objects.all()] == ["e-1"]


def test_an_account_that_nobody_has_scanned_is_missing(lab):
    scan(lab, run(1))
    AccountFactory(organization=lab.organization)
    told = figures(lab)
    assert (told.accounts, told.missing) == (2, {"not_scanned": 1})
    assert values(told)["lead_time"] == (2.0, 1, "partial")


def test_another_meaning_of_production_is_looked_at_again(lab):
    scan(lab, run(1))
    lab.account.environment = "sandbox"
    lab.account.save()
    assert kept(lab) == 1
    override_set(
        actor=None,
        organization=lab.organization,
        check=CHECK,
        parameter="production_stage",
        value="Nothing",
        now=NOW,
    )
    assert kept(lab) == 1
    assert values(figures(lab))["deployment_frequency"][1:] == (1, "known")


def test_what_is_kept_long_enough_is_forgotten_and_then_not_known(lab):
    scan(lab, run(80), run(1))
    lab.wait(days=1000)
    assert retention_sweep(days={"event": 1030}, now=lab.now)["production_change"] == 1
    [kept_span] = DeliveryRecord.objects.get().sources.values()
    assert kept_span["since"] == (lab.now - dt.timedelta(days=1030)).isoformat()
    assert figures(lab, days=90).missing == {"no_longer_kept": 1}
    assert deliveries_forget(before=lab.now) == 1
    assert DeliveryRecord.objects.get().sources == {}


@pytest.mark.one_database
def test_every_measure_is_told_with_window_and_method(lab):
    scan(lab, run(1))
    told = figures(lab, days=30)
    assert [f.measure for f in told.figures] == list(Measure)
    assert {(f.figure.window.since, f.figure.window.until) for f in told.figures} == {
        (ago(days=30), NOW)
    }
    assert all(f.figure.method for f in told.figures)
