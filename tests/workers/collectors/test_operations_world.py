"""Collectors and checks of change, audit and monitoring against the simulated organization."""

from datetime import UTC, datetime, timedelta

import pytest

from findings.checks.base import built_in, kinds_of
from simulator.answers import AWS_ORGANIZATION, key
from simulator.server import serve
from simulator.world import World
from tests.workers.collectors.simulated import Scanner
from tests.workers.collectors.test_default_world import blobs, observations
from workers.collectors.base import collectors

pytestmark = pytest.mark.xdist_group("test_operations_world")  # the world is collected once

CHECKS = (
    "cloudformation_stack_change_notified",
    "config_compliance_changes_routed",
    "eventbridge_automated_response_present",
    "eventbridge_target_dead_letter_queue",
    "cloudtrail_organization_trail_logging",
    "cloudtrail_multi_region_logging",
    "cloudtrail_management_events_complete",
    "cloudtrail_log_file_validation",
    "cloudtrail_s3_delivery_healthy",
    "cloudtrail_cloudwatch_logs_integrated",
    "cloudtrail_delivery_notified",
    "cloudtrail_no_redundant_trails",
    "cloudwatch_alarm_actions_configured",
    "cloudwatch_alarm_actions_enabled",
    "cloudwatch_alarm_target_reachable",
    "cloudwatch_alarm_insufficient_data_bounded",
    "cloudwatch_log_group_retention_set",
    "eventbridge_health_events_routed",
    "cloudwatch_alarm_flapping_bounded",
    "cloudwatch_alarm_reviewed",
)
NEVER_NOT_APPLICABLE = {
    "cloudtrail_multi_region_logging",
    "cloudtrail_no_redundant_trails",
    "cloudwatch_alarm_actions_enabled",
    "eventbridge_health_events_routed",  # the simulated accounts are in one partition
}
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIMES = [(1, 0), (2, 0), (3, 0), (1, 30)]
"""Days of the world, and by how many days the clock is ahead of it."""


@pytest.fixture(scope="module", params=TIMES, ids=["day 1", "day 2", "day 3", "30 days later"])
def scanned(request):
    """What the key says of each subject now, and the results."""
    day, later = request.param
    world = World(epoch=EPOCH, day=day)
    world.set_clock(EPOCH + timedelta(days=later))
    with serve(world) as url:
        results = Scanner(world, url).judge_everywhere(CHECKS)
    return {subject: answer.at(world.clock()) for subject, answer in key(world).items()}, results


@pytest.mark.parametrize("check", CHECKS)
def test_every_subject_is_judged_as_the_key_says(scanned, check):
    expected, results = scanned
    said = {s: str(r.status) for s, r in results.items() if s.check == check}
    assert said == {s: status for s, status in expected.items() if s.check == check}


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_passes_fails_and_may_not_apply_somewhere(check):
    said = {s: a.status for s, a in key(World(epoch=EPOCH)).items() if s.check == check}
    if {s.region for s in said} == {AWS_ORGANIZATION}:
        return  # there is one organization: it takes its variants in turn
    wanted = {"pass", "fail", *(() if check in NEVER_NOT_APPLICABLE else ("not_applicable",))}
    assert wanted <= set(said.values())


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


OPERATIONS = {
    operation: {
        check
        for check in CHECKS
        if any(operation in collectors()[kind].operations for kind in built_in()[check].needs)
    }
    for service in ("cloudtrail", "cloudwatch", "events", "logs", "organizations", "sns")
    for operation in {o for found in collectors().values() for o in found.operations}
    if operation.startswith(f"{service}:")
}


@pytest.mark.parametrize("operation", sorted(op for op, checks in OPERATIONS.items() if checks))
def test_a_denied_operation_leaves_unknown_what_reads_it_and_nothing_else(operation):
    world = World(epoch=EPOCH, accounts=6, regions=1, faults=[f"access_denied:{operation}"])
    with serve(world) as url:
        results = Scanner(world, url).judge_everywhere(CHECKS)
    expected = {subject: answer.at(world.clock()) for subject, answer in key(world).items()}
    unknown = {s for s, result in results.items() if result.status == "unknown"}
    known = results.keys() - unknown
    assert {s: str(results[s].status) for s in known} == {s: expected[s] for s in known}
    ours = {s for s in unknown if expected.get(s) != "unknown"}
    assert ours
    assert {s.check for s in ours} <= OPERATIONS[operation]
