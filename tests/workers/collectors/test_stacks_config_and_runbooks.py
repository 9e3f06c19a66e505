"""Collectors and checks of CloudFormation, Config and Systems Manager against the simulator."""

from datetime import UTC, datetime

import pytest

from findings.checks.base import Run, built_in, kinds_of, run
from findings.checks.context import Horizon
from findings.facts.base import AWS_ORGANIZATION, Evidence, Place, Scope
from simulator.answers import key
from simulator.organization import MANAGEMENT_ID
from simulator.server import serve
from simulator.world import World
from tests.workers.collectors.simulated import Scanner, context_of
from workers.aws.collection import collect

LOCAL = (
    "cloudformation_stack_status_healthy",
    "cloudformation_stack_termination_protected",
    "cloudformation_stateful_resource_deletion_policy",
    "cloudformation_stack_drift_in_sync",
    "config_recorder_recording_all_regions",
    "config_delivery_channel_healthy",
    "config_rules_evaluating",
    "config_recorder_global_types_single_region",
    "ssm_runbook_exists",
    "ssm_document_not_public",
    "ssm_public_sharing_blocked",
    "cloudformation_changeset_no_stale_pending",
    "cloudformation_update_success_rate",
    "cloudformation_template_version_traceable",
    "cloudformation_changeset_replacement_reviewed",
    "cloudformation_cdk_bootstrap_current",
)
WIDE = (
    "cloudformation_stackset_auto_deployment_enabled",
    "config_organization_aggregator_complete",
    "ssm_runbook_rehearsed_recently",
)
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module", params=[1, 2, 3], ids=["day 1", "day 2", "day 3"])
def scanned(request):
    """What the key says of each subject now, and the results."""
    world = World(epoch=EPOCH, day=request.param)
    with serve(world) as url:
        scanner = Scanner(world, url)
        results = scanner.judge(LOCAL) | judge_widely(scanner)
    return {subject: answer.at(world.clock()) for subject, answer in key(world).items()}, results
