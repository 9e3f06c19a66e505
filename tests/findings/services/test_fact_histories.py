"""What AWS has forgotten is still judged: checks read the portal's own history, too."""

import datetime as dt
import json
import zlib

import pytest

from findings.catalogue.pillar import Row
from findings.checks.base import built_in
from findings.checks.outcomes import Status
from findings.facts.base import Gap, GapReason
from findings.facts.cloudwatch import AlarmTransitions
from findings.models import FactHistory
from findings.selectors.evidence import evidence_of_finding
from findings.services.fact_histories import KEPT, histories_forget
from findings.services.overrides import override_set
from findings.services.reassessments import reassess, results_of
from findings.services.retention import retention_sweep
from tests.factories.accounts import UserFactory
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
from tests.findings.services.lab import Lab, finding

pytestmark = pytest.mark.django_db

CHECKS = (
    "dora_deployment_frequency",
    "dora_lead_time_for_changes",
    "dora_change_failure_rate",
    "dora_time_to_restore",
)
SHOP = pipeline(SOURCE, PROD)
RUNS = "codepipeline.deployments"
FREQUENCY = CHECKS[0]


@pytest.fixture
def lab():
    found = Lab(registry={check: built_in()[check] for check in CHECKS}, now=NOW)
    found.account.environment = "production"
    found.account.save()
    return found


def known(lab, days):
    return lab.now - dt.timedelta(days=days)


def told(lab, *runs, days=90, direct=(), alarms=(), **fields):
    """What AWS tells of a shop's pipeline, of the last so many days."""
    return {
        RUNS: [deployments(*runs, known_from=known(lab, days))],
        "codepipeline.pipeline": [SHOP],
        "codepipeline.activity": [activity(**fields)],
        "codedeploy.deployment_history": [history(*direct, known_from=known(lab, 90))],
        "codedeploy.deployment_group": [deployment_group()] if direct else [],
        "cloudwatch.alarm_transitions": alarms,
    }


def verdict(lab, scan, check=FREQUENCY):
    [found] = [r for r in results_of(scan, registry=lab.registry, now=lab.now) if r.check == check]
    return found.status, found.message


def override(lab, check, parameter, value):
    override_set(
        actor=None,
        organization=lab.organization,
        check=check,
        parameter=parameter,
        value=value,
        now=lab.now,
    )


def weekly(weeks):
    return [run(1 + 7 * number) for number in range(weeks)]


def test_a_deployment_that_aws_has_forgotten_still_counts(lab):
    """AWS tells of 90 days; half a year is asked for."""
    override(lab, FREQUENCY, "window_days", 180)
    first = lab.scan(facts=told(lab, *weekly(13)))
    assert verdict(lab, first)[0] is Status.UNKNOWN
    lab.wait(days=90)
    later = [run(-89 + 7 * number) for number in range(13)]
    second = lab.scan(facts=told(lab, *later))
    assert verdict(lab, second) == (
        Status.PASS,
        "weekly: 26 deployments in 180 days; in part by the portal's own history, since 2026-03-17",
    )


@pytest.mark.one_database
def test_it_is_found_wanting_once_the_whole_window_is_known(lab):
    override(lab, FREQUENCY, "window_days", 180)
    lab.scan(facts=told(lab, *weekly(13)))
    lab.wait(days=90)
    lab.scan(facts=told(lab, run(-60)))
    assert "14 deployments in 180 days" in finding(check=FREQUENCY, resource="").message


@pytest.mark.one_database
def test_a_listing_that_is_cut_short_is_completed(lab):
    lab.scan(facts=told(lab, *weekly(12), run(89)))
    lab.wait(days=1)
    cut = lab.scan(facts=told(lab, run(1), run(-0.5), days=2))
    assert verdict(lab, cut) == (
        Status.PASS,
        "weekly: 14 deployments in 90 days; in part by the portal's own history, since 2026-03-17",
    )


@pytest.mark.one_database
def test_the_evidence_says_which_part_is_from_the_portal(lab):
    lab.scan(facts=told(lab, run(40, "Failed"), run(30)))
    lab.wait(days=1)
    override(lab, CHECKS[2], "min_changes", 2)
    lab.scan(facts=told(lab, run(-0.5), days=2))
    found = finding(check=CHECKS[2], resource="shop")
    assert "1 of 3 changes failed" in found.message
    shown = evidence_of_finding(
        found,
        lab.registry[CHECKS[2]],
        UserFactory(is_superuser=True),
        shows_personal=True,
        operations={},
    )
    (deployed,) = [item for item in shown if item.kind == RUNS]
    (fact,) = map(json.loads, deployed.facts)
    assert [one["execution"] for one in fact["runs"]] == ["e-40", "e-30", "e--0.5"]
    assert deployed.told_since == known(lab, 2)
    assert {item.told_since for item in shown if item is not deployed} == {None}


@pytest.mark.one_database
def test_rollbacks_are_known_as_far_back_as_they_were(lab):
    """Of a pipeline AWS tells the newest 100 executions."""
    back = execution(id="e-30", started_at=ago(days=30.1))
    lab.scan(facts=told(lab, run(40), run(30), *weekly(4), rollbacks=(back,)))
    lab.wait(days=1)
    facts = told(lab, run(40), run(30), *weekly(4), rollbacks_known_from=ago(days=5))
    assert verdict(lab, lab.scan(facts=facts), CHECKS[2]) == (
        Status.FAIL,
        "20 percent: 1 of 5 changes failed or were taken back; 5 changes in 90 days; in part by"
        " the portal's own history, since 2026-03-17",
    )


@pytest.mark.one_database
def test_lead_times_are_counted_from_what_is_kept(lab):
    lab.scan(facts=told(lab, *[run(n, committed=3) for n in (50, 40, 30)]))
    lab.wait(days=1)
    facts = told(lab, run(-0.2, committed=3), run(-0.4, committed=3), days=2)
    status, message = verdict(lab, lab.scan(facts=facts), CHECKS[1])
    assert status is Status.PASS
    assert message.startswith("3 median hours from commit to production; 5 changes in 90 days; in ")


@pytest.mark.one_database
def test_alarms_are_known_for_longer_than_cloudwatch_keeps_them(lab):
    override(lab, CHECKS[3], "service_alarm_prefixes", ["svc-"])

    def alarm(*reds):
        return [
            AlarmTransitions(
                alarm="svc-shop",
                known_from=known(lab, 30),
                alarmed_at=tuple(ago(days=red) for red in reds),
                recovered_at=tuple(ago(days=red - 2) for red in reds),
            )
        ]

    quiet = lab.scan(facts=told(lab, run(5), alarms=alarm()))
    assert verdict(lab, quiet, CHECKS[3])[0] is Status.UNKNOWN
    lab.wait(days=1)
    lab.scan(facts=told(lab, run(5), alarms=alarm(5)))
    lab.wait(days=29)
    lab.scan(facts=told(lab, run(5), alarms=alarm()))
    lab.wait(days=29)
    last = lab.scan(facts=told(lab, run(5), alarms=alarm()))
    assert verdict(lab, last, CHECKS[3]) == (
        Status.FAIL,
        "1 failures restored, 0 not yet; in the median not within 24 hours; in part by the portal's"
        " own history, since 2026-05-16",
    )


@pytest.mark.one_database
def test_deployments_of_codedeploy_are_kept_too(lab):
    override(lab, FREQUENCY, "window_days", 180)
    lab.scan(facts=told(lab, direct=[group_deployment(1 + 7 * n) for n in range(13)]))
    lab.wait(days=90)
    later = [group_deployment(-89 + 7 * n, id=f"later-{n}") for n in range(13)]
    status, message = verdict(lab, lab.scan(facts=told(lab, direct=later)))
    assert (status, message.partition(";")[0]) == (
        Status.PASS,
        "weekly: 26 deployments in 180 days",
    )


@pytest.mark.one_database
def test_what_was_in_progress_is_counted_by_how_it_ended(lab):
    lab.scan(facts=told(lab, *weekly(12), run(0.01, "InProgress", execution="x")))
    lab.wait(days=1)
    scan = lab.scan(facts=told(lab, *weekly(12), run(-0.1, execution="x")))
    assert verdict(lab, scan)[1] == "weekly: 13 deployments in 90 days"


@pytest.mark.one_database
def test_across_a_hole_nothing_is_known(lab):
    override(lab, FREQUENCY, "window_days", 180)
    lab.scan(facts=told(lab, *weekly(13)))
    lab.wait(days=91)
    assert verdict(lab, lab.scan(facts=told(lab, run(-60))))[0] is Status.UNKNOWN


@pytest.mark.one_database
def test_what_may_not_be_read_is_unknown_whatever_is_kept(lab):
    lab.scan(facts=told(lab, *weekly(13)))
    lab.wait(days=1)
    denied = {RUNS: Gap(kind=RUNS, reason=GapReason.ACCESS_DENIED)}
    scan = lab.scan(facts=told(lab) | denied)
    assert verdict(lab, scan)[0] is Status.UNKNOWN
    assert FactHistory.objects.filter(kind=RUNS).exists()
    lab.wait(days=1)
    assert verdict(lab, lab.scan(facts=told(lab, days=2)))[0] is Status.PASS


def test_a_scan_that_tells_nothing_new_writes_nothing(lab):
    def rows():
        return list(FactHistory.objects.order_by("id").values_list("id", "until", "body"))

    lab.scan(facts=told(lab, *weekly(13)))
    before = rows()
    assert {row.kind for row in FactHistory.objects.all()} == {
        RUNS,
        "codepipeline.activity",
        "codedeploy.deployment_history",
    }
    lab.wait(days=1)
    lab.scan(facts=told(lab, *weekly(12)))
    assert rows() == before
    lab.wait(days=6)
    lab.scan(facts=told(lab, *weekly(12)))
    assert {until for _, until, _ in rows()} == {lab.now}


def test_judged_again_and_recorded_twice_it_says_the_same(lab):
    override(lab, FREQUENCY, "window_days", 180)
    lab.scan(facts=told(lab, run(50)))
    lab.wait(days=90)
    scan = lab.scan(facts=told(lab, run(-60)))
    before = verdict(lab, scan)
    assert reassess(organization=lab.organization, registry=lab.registry, now=lab.now) == 0
    assert verdict(lab, scan) == before


def test_a_shard_that_comes_late_is_kept_like_one_in_time(lab):
    """The newer scan is committed first; the older one then adds what only it has seen."""
    override(lab, FREQUENCY, "window_days", 91)
    late = lab.start(rows=[Row.FEEDBACK.value])
    facts = told(lab, *weekly(12), run(89.5))
    old = [lab.harvest(lab.claim(shard), facts) for shard in late.shards.order_by("id")]
    lab.wait(days=1)
    newer = lab.scan(facts=told(lab, *weekly(12)))
    assert verdict(lab, newer)[0] is Status.UNKNOWN
    assert all(lab.commit(harvest) for harvest in old)
    assert verdict(lab, newer)[0] is Status.PASS


def test_a_history_of_another_form_is_begun_again(lab):
    lab.scan(facts=told(lab, *weekly(13)))
    FactHistory.objects.update(body=zlib.compress(b'{"kind": "x", "version": 1, "pasts": {}}'))
    lab.wait(days=1)
    assert verdict(lab, lab.scan(facts=told(lab, run(1))))[0] is Status.FAIL
    lab.wait(days=1)
    assert verdict(lab, lab.scan(facts=told(lab, days=2)))[1].startswith("rarer: 1 deployments")


def test_what_is_kept_is_shortened_and_then_forgotten(lab):
    lab.scan(facts=told(lab, run(80)))
    for _ in range(5):
        lab.wait(days=90)
        lab.scan(facts=told(lab))
    override(lab, FREQUENCY, "window_days", KEPT.days + 2)
    lab.wait(days=1)
    assert verdict(lab, lab.scan(facts=told(lab)))[0] is Status.UNKNOWN
    assert histories_forget(now=lab.now + KEPT - dt.timedelta(days=1)) == 0
    later = lab.now + KEPT + dt.timedelta(days=1)
    assert retention_sweep(days={}, now=later)["fact_history"] == 3
