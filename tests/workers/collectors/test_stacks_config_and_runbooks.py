"""Collectors and checks of CloudFormation, Config and Systems Manager against the simulator."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from findings.facts.base import Evidence
from simulator.answers import AWS_ORGANIZATION, key
from simulator.server import serve
from simulator.world import World
from tests.workers.collectors.simulated import Scanner

pytestmark = pytest.mark.xdist_group(
    "test_stacks_config_and_runbooks"
)  # the world is collected once

CHECKS = (
    "cloudformation_stack_status_healthy",
    "cloudformation_stack_termination_protected",
    "cloudformation_stateful_resource_deletion_policy",
    "cloudformation_stack_drift_in_sync",
    "cloudformation_stackset_auto_deployment_enabled",
    "config_recorder_recording_all_regions",
    "config_delivery_channel_healthy",
    "config_rules_evaluating",
    "config_organization_aggregator_complete",
    "config_recorder_global_types_single_region",
    "ssm_runbook_exists",
    "ssm_runbook_rehearsed_recently",
    "ssm_document_not_public",
    "ssm_public_sharing_blocked",
    "cloudformation_changeset_no_stale_pending",
    "cloudformation_update_success_rate",
    "cloudformation_template_version_traceable",
    "cloudformation_changeset_replacement_reviewed",
    "cloudformation_cdk_bootstrap_current",
)
NEVER_NOT_APPLICABLE = {
    "cloudformation_stack_status_healthy",  # deleted stacks are not collected
    "config_recorder_recording_all_regions",
    "ssm_public_sharing_blocked",
}
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Scanned(NamedTuple):
    world: World
    evidence: Evidence
    scanner: Scanner

    def differences(self, now):
        """What is judged otherwise than the key says, by subject."""
        judged = self.scanner.judge_gathered(self.evidence, CHECKS, now)
        said = {subject: str(result.status) for subject, result in judged.items()}
        expected = self.expected(now)
        return {
            subject: (expected.get(subject), said.get(subject))
            for subject in expected.keys() | said.keys()
            if expected.get(subject) != said.get(subject)
        }

    def expected(self, now):
        answers = key(self.world).items()
        return {s: answer.at(now) for s, answer in answers if s.check in CHECKS}


@pytest.fixture(scope="module", params=[1, 2], ids=["day 1", "day 2"])
def scanned(request):
    world = World(epoch=EPOCH, day=request.param)
    with serve(world) as url:
        scanner = Scanner(world, url)
        return Scanned(world, scanner.gather(CHECKS), scanner)


def test_every_subject_is_judged_as_the_key_says(scanned):
    assert scanned.differences(scanned.world.clock()) == {}


@pytest.mark.parametrize("days", [8, 30, 100])
def test_time_alone_turns_what_the_key_says_and_nothing_else(scanned, days):
    later = scanned.world.clock() + timedelta(days=days)
    assert scanned.differences(later) == {}
    assert scanned.expected(later) != scanned.expected(scanned.world.clock())


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_passes_fails_and_may_not_apply_somewhere(scanned, check):
    expected = scanned.expected(scanned.world.clock())
    seen = {status for s, status in expected.items() if s.check == check}
    if any(s.check == check and s.region == AWS_ORGANIZATION for s in expected):
        assert seen  # there is one organization: it takes its variants in turn
    else:
        wanted = {"pass", "fail", *(() if check in NEVER_NOT_APPLICABLE else ("not_applicable",))}
        assert wanted <= seen
