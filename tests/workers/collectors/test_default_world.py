"""Collectors and checks of tracing, delivery and feedback against the simulated organization."""

from datetime import UTC, datetime, timedelta

import pytest

from findings.checks.base import built_in, kinds_of
from findings.facts.base import GapReason
from findings.facts.codec import encode_blob, encode_observation
from simulator.answers import key, not_collected
from simulator.server import serve
from simulator.world import World
from tests.workers.collectors.simulated import Scanner

pytestmark = pytest.mark.xdist_group("test_default_world")  # the world is collected once

CHECKS = (
    "lambda_tracing_active",
    "xray_traces_received_recently",
    "xray_sampling_rules_tuned",
    "xray_groups_with_insights",
    "codecommit_approval_rule_required",
    "codecommit_repository_active",
    "codebuild_no_plaintext_secrets",
    "codebuild_project_not_privileged",
    "codebuild_logs_enabled",
    "codebuild_source_credentials_federated",
    "codebuild_buildspec_controlled",
    "codedeploy_auto_rollback_and_alarms",
    "codedeploy_gradual_traffic_shift",
    "codepipeline_production_gate",
    "codepipeline_source_event_driven",
    "codepipeline_rollback_on_failure",
    "codepipeline_deploys_one_target_at_a_time",
    "codepipeline_execution_healthy",
    "xray_service_fault_rate_within_budget",
    "cloudwatch_alarm_flapping_bounded",
    "cloudwatch_alarm_reviewed",
    "cloudwatch_business_kpi_published",
)
READING_THE_GRAPH = {
    "xray_traces_received_recently",
    "xray_sampling_rules_tuned",
    "xray_groups_with_insights",
    "xray_service_fault_rate_within_budget",
}
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


TIMES = [(1, 0), (2, 0), (1, 30)]
"""Days of the world, and by how many days the clock is ahead of it."""


@pytest.fixture(scope="module", params=TIMES, ids=["day 1", "day 2", "30 days later"])
def scanned(request):
    """The world, what its key says of each subject now, and the results."""
    day, later = request.param
    world = World(epoch=EPOCH, day=day)
    world.set_clock(EPOCH + timedelta(days=later))
    with serve(world) as url:
        results = Scanner(world, url).judge(CHECKS)
    denied = {gap.account for gap in not_collected(world) if gap.operation}
    expected = {
        subject: "unknown"
        if subject.account in denied and subject.check in READING_THE_GRAPH
        else answer.at(world.clock())
        for subject, answer in key(world).items()
    }
    return world, expected, results


@pytest.mark.parametrize("check", CHECKS)
def test_every_subject_is_judged_as_the_key_says(scanned, check):
    _, expected, results = scanned
    said = {s: str(r.status) for s, r in results.items() if s.check == check}
    assert said == {s: status for s, status in expected.items() if s.check == check}


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_passes_somewhere_and_fails_somewhere(check):
    said = {answer.status for s, answer in key(World(epoch=EPOCH)).items() if s.check == check}
    assert {"pass", "fail"} <= said


def test_what_moves_by_itself_is_in_no_blob():
    """A second reading an hour later: the same blobs, other observations."""
    world = World(epoch=EPOCH)
    kinds = kinds_of(built_in()[check] for check in CHECKS)
    with serve(world) as url:
        scanner = Scanner(world, url)
        accounts = [account for account in world.accounts if world.is_reachable(account)][:6]
        first = [scanner.collect(account, kinds) for account in accounts]
        world.set_clock(EPOCH + timedelta(hours=1, seconds=1))
        second = [scanner.collect(account, kinds) for account in accounts]
    assert blobs(first, kinds) == blobs(second, kinds)
    assert observations(first, kinds) != observations(second, kinds)


def blobs(evidences, kinds):
    return [
        encode_blob(kinds[kind], facts)
        for evidence in evidences
        for shard in evidence.shards.values()
        for kind, facts in shard.items()
    ]


def observations(evidences, kinds):
    return [
        encode_observation(kinds[kind], facts)
        for evidence in evidences
        for shard in evidence.shards.values()
        for kind, facts in shard.items()
    ]


def test_a_denied_graph_is_named_in_what_depends_on_it(scanned):
    world, _, results = scanned
    (account, *_) = (gap.account for gap in not_collected(world) if gap.operation)
    gaps = {
        (gap.operation, gap.reason)
        for subject, result in results.items()
        if subject.account == account
        for gap in result.gaps
        if gap.kind == "xray.service"
    }
    assert gaps == {("xray:GetServiceGraph", GapReason.ACCESS_DENIED)}
