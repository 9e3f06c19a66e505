"""A real organization of moto behind HTTP: made with boto3, synchronized, scanned, judged."""

from dataclasses import dataclass

import pytest
from botocore.credentials import Credentials
from django.conf import settings

from accounts.models import Account
from accounts.services.organizations import organization_create
from findings.facts.base import AWS_GLOBAL
from findings.models import Episode, Finding, Scan
from findings.services.reassessments import results_of
from tests.emulator.aws_states import (
    ACCOUNT,
    APPROVAL,
    CHANGED,
    DEPLOYMENT,
    OTHER_REGION,
    QUEUE,
    REGION,
    TEST,
    Aws,
    alarm,
    bucket,
    change_set,
    document,
    function,
    log_group,
    pipeline,
    project,
    recorder,
    role,
    rule,
    session_as,
    stack,
    topic,
    trail,
)
from tests.emulator.conftest import moto_over_http
from tests.flow.harness import Demo, for_a_module, statuses_of, subject_of
from workers.aws.engine.clients import Clients
from workers.aws.engine.retries import ATTEMPTS, Backoff, Trouble
from workers.aws.sessions import Hub
from workers.tasks import shards

KEYS = Credentials("AKIAIOSFODNN7EXAMPLE", "only for tests")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"
WIDE, GLOBAL = "aws-organization", "aws-global"


@dataclass
class Made:
    """The accounts that were made, and the topics that others may use."""

    shop: str
    lab: str
    heard: str
    unheard: str


def make_organization():
    management = Aws(REGION)
    organizations = management.organizations
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    workloads = make_unit(organizations, root, "Workloads")
    units = {
        "shop": make_unit(organizations, workloads, "Prod"),
        "lab": make_unit(organizations, root, "Sandbox"),
    }
    found = {name: make_account(organizations, root, unit, name) for name, unit in units.items()}
    heard = topic(management, "heard", is_heard=True)
    made = Made(heard=heard, unheard=topic(management, "unheard", is_heard=False), **found)
    make_management(management)
    make_shop(made)
    make_lab(made)
    return made


def make_unit(organizations, parent, name):
    made = organizations.create_organizational_unit(ParentId=parent, Name=name)
    return made["OrganizationalUnit"]["Id"]


def make_account(organizations, root, unit, name):
    tags = [{"Key": "Owner", "Value": f"team-{name}"}]
    made = organizations.create_account(AccountName=name, Email=f"{name}@example.com", Tags=tags)
    account = made["CreateAccountStatus"]["AccountId"]
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    return account


def make_management(aws):
    trail(aws, "organization", IsMultiRegionTrail=True, IsOrganizationTrail=True)
    aws.config.put_configuration_aggregator(
        ConfigurationAggregatorName="all",
        OrganizationAggregationSource={
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/aggregator",
            "AllAwsRegions": True,
        },
    )
    aws.cloudformation.create_stack_set(StackSetName="baseline-roles", TemplateBody="{}")


def make_shop(made):
    session = session_as(made.shop)
    here, there = (Aws(region, session, made.shop) for region in (REGION, OTHER_REGION))
    stack(here, "protected", EnableTerminationProtection=True, tags={"GitCommit": "0123abcd"})
    stack(here, "data", bucket(DeletionPolicy="Retain", UpdateReplacePolicy="Retain"))
    stack(here, "lost", bucket())
    change_set(here, "protected", "UPDATE", CHANGED)
    alarm(here, "heard", [made.heard])
    alarm(here, "unheard", [made.unheard])
    alarm(here, "mute")
    log_group(here, "forever")
    log_group(here, "month", 30)
    target = {"Arn": f"arn:aws:lambda:{REGION}:{made.shop}:function:traced"}
    letters = {"DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{made.shop}:letters"}}
    rule(here, "caught", [target | letters], {"source": ["aws.ec2"]})
    rule(here, "lost", [target], {"source": ["aws.ec2"]})
    recorder(here, is_started=True)
    recorder(there, is_started=True)
    document(here, "private")
    document(here, "public", "all")
    project(here, "plain")
    project(here, "keys", variables=[("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI", "PLAINTEXT")])
    arn = role(here, "all")
    function(here, "traced", arn, "Active")
    function(here, "untraced", arn)
    pipeline(here, "gated", arn, ("Test", TEST), ("Approve", APPROVAL), ("Prod", DEPLOYMENT))
    pipeline(here, "straight", arn, ("Prod", DEPLOYMENT))
    trail(there, "own", IsMultiRegionTrail=True, EnableLogFileValidation=True)


def make_lab(made):
    aws = Aws(REGION, session_as(made.lab), made.lab)
    stack(aws, "trial", QUEUE)
    recorder(aws, is_started=False)
    trail(aws, "own", logs=False)


def verdicts_of(made):
    """(check, account, region) -> resource -> verdict."""
    shop, lab = (made.shop, REGION), (made.lab, REGION)
    own = f"arn:aws:cloudtrail:{OTHER_REGION}:{made.shop}:trail/own"
    return {
        ("cloudformation_stack_termination_protected", *shop): {
            "protected": PASS,
            "data": FAIL,
            "lost": FAIL,
        },
        ("cloudformation_stack_termination_protected", *lab): {"trial": NOT_APPLICABLE},
        ("cloudformation_stateful_resource_deletion_policy", *shop): {
            "protected": NOT_APPLICABLE,
            "data": PASS,
            "lost": FAIL,
        },
        ("cloudformation_changeset_no_stale_pending", *shop): {
            "protected": PASS,
            "data": NOT_APPLICABLE,
            "lost": NOT_APPLICABLE,
        },
        ("cloudwatch_alarm_target_reachable", *shop): {
            "heard": PASS,
            "unheard": FAIL,
            "mute": NOT_APPLICABLE,
        },
        ("cloudwatch_alarm_actions_configured", *shop): {
            "heard": PASS,
            "unheard": PASS,
            "mute": FAIL,
        },
        ("cloudwatch_alarm_flapping_bounded", *shop): dict.fromkeys(
            ("heard", "unheard", "mute"), UNKNOWN
        ),
        ("cloudwatch_log_group_retention_set", *shop): {"forever": FAIL, "month": PASS},
        ("eventbridge_target_dead_letter_queue", *shop): {
            "default/caught": PASS,
            "default/lost": FAIL,
        },
        ("ssm_document_not_public", *shop): {"private": PASS, "public": FAIL},
        ("ssm_runbook_exists", *shop): {"": FAIL},
        ("ssm_runbook_exists", made.shop, OTHER_REGION): {"": UNKNOWN},
        ("codebuild_no_plaintext_secrets", *shop): {"plain": PASS, "keys": FAIL},
        ("codecommit_repository_active", *shop): {"": UNKNOWN},
        ("lambda_tracing_active", *shop): {"traced": PASS, "untraced": FAIL},
        ("codepipeline_production_gate", *shop): {"gated": PASS, "straight": FAIL},
        ("config_recorder_recording_all_regions", made.shop, GLOBAL): {"": PASS},
        ("config_recorder_recording_all_regions", made.lab, GLOBAL): {"": FAIL},
        ("cloudtrail_multi_region_logging", made.shop, GLOBAL): {"": PASS},
        ("cloudtrail_multi_region_logging", made.lab, GLOBAL): {"": FAIL},
        ("cloudtrail_log_file_validation", made.shop, OTHER_REGION): {own: PASS},
        ("cloudtrail_log_file_validation", *shop): {own: NOT_APPLICABLE},
        ("cloudtrail_organization_trail_logging", ACCOUNT, WIDE): {"": PASS},
        ("config_organization_aggregator_complete", ACCOUNT, WIDE): {"": PASS},
        ("cloudformation_stackset_auto_deployment_enabled", ACCOUNT, WIDE): {
            "baseline-roles": FAIL
        },
    }


@dataclass
class Scanned:
    """A scan, and one after some things were repaired or deleted."""

    made: Made
    first: Scan
    results: list
    open_at_first: set
    second: Scan

    @property
    def statuses(self):
        return statuses_of(self.results)


@pytest.fixture(scope="module")
def scanned(django_db_setup, django_db_blocker, moto_server):
    with (
        moto_over_http(moto_server),
        pytest.MonkeyPatch.context() as monkeypatch,
        for_a_module(django_db_blocker),
    ):
        made = make_organization()
        demo = set_up(moto_server, monkeypatch)
        demo.sync()
        first = demo.scan()
        results, failing = list(results_of(first)), open_findings()
        repair(made)
        second = demo.scan(accounts=[made.shop], rows=["O3", "E1"])
        yield Scanned(made, first, results, failing, second)


def set_up(url, monkeypatch):
    """The organization in Cairn's database, and a hub that never waits.

    What moto lacks it answers as broken, however often it is asked.
    """
    monkeypatch.setattr(settings, "AWS_ENDPOINT_URL", url)
    monkeypatch.setitem(ATTEMPTS, Trouble.BROKEN, 2)
    hub = Hub(credentials=KEYS, clients=Clients(backoff=Backoff(sleep=lambda _: None)))
    monkeypatch.setattr(shards, "process_hub", lambda: hub)
    organization = organization_create(
        actor=None,
        name="Moto",
        management_account_id=ACCOUNT,
        external_id="of-the-emulator",
        regions=[REGION, OTHER_REGION],
    )
    return Demo(None, organization, hub, "")


def repair(made):
    aws = Aws(REGION, session_as(made.shop), made.shop)
    aws.logs.put_retention_policy(logGroupName="forever", retentionInDays=365)
    aws.codebuild.delete_project(name="keys")


def open_findings():
    return set(map(subject_of, Finding.objects.open().select_related("account")))


def test_the_organization_is_read_with_its_units_and_tags(scanned):
    found = {a.account_id: (a.name, a.ou_path, a.environment) for a in Account.objects.all()}
    assert found == {
        ACCOUNT: ("master", "", ""),
        scanned.made.shop: ("shop", "Workloads/Prod", "production"),
        scanned.made.lab: ("lab", "Sandbox", "sandbox"),
    }
    assert Account.objects.get(name="shop").tags == {"Owner": "team-shop"}


def test_the_scan_ends_and_no_shard_of_it_failed(scanned):
    """But those of accounts as a whole, of which moto tells nothing."""
    assert scanned.first.state == Scan.State.PARTIAL
    shards = scanned.first.shards.exclude(region=AWS_GLOBAL)
    states = {shard.state for shard in shards}
    assert states <= {"collected", "partial"}


def test_what_was_made_is_judged_as_it_was_made(scanned):
    wanted = verdicts_of(scanned.made)
    said = {key: {} for key in wanted}
    for subject, status in scanned.statuses.items():
        if subject[:3] in wanted:
            said[subject[:3]][subject.resource] = status
    assert said == wanted


def test_each_failing_result_is_an_open_finding_and_nothing_else_is(scanned):
    failing = {subject for subject, status in scanned.statuses.items() if status == FAIL}
    assert scanned.open_at_first == failing


def test_what_was_repaired_or_deleted_is_closed_by_the_next_scan_and_nothing_else_is(scanned):
    closed = Episode.objects.filter(closed_by=scanned.second).select_related("finding")
    causes = {(episode.finding.resource, episode.close_cause) for episode in closed}
    assert causes == {("forever", "verified"), ("keys", "resource_gone")}
    assert open_findings() < scanned.open_at_first


def test_what_moto_lacks_is_a_gap_and_never_a_verdict(scanned):
    lacking = {gap.operation for result in scanned.results for gap in result.gaps}
    assert lacking >= {"codecommit:ListRepositories", "cloudwatch:DescribeAlarmHistory"}
    for result in scanned.results:
        assert bool(result.gaps) is (result.status == UNKNOWN)


def test_nothing_was_asked_of_anything_but_moto(scanned):
    """pytest-socket refuses other hosts; a call to one would be a gap of the reason unreachable."""
    reasons = {gap.reason for result in scanned.results for gap in result.gaps}
    assert reasons <= {"failed", "service_not_available", "not_supplied"}
