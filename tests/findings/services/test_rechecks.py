"""What is scanned again: all that the check of a finding reads, or a claim is never decided."""

import pytest

from accounts.access import Denied
from findings.checks.base import built_in
from findings.models import Scan, Workflow
from findings.services.claims import claims_recheck, finding_claim
from findings.services.rechecks import check_recheck, findings_recheck
from findings.services.workflow import finding_move
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    person_with,
)
from tests.factories.findings import EpisodeFactory, FindingFactory

pytestmark = pytest.mark.django_db

OWN, MANAGEMENT = "111111111111", "999999999999"
REGION = "eu-west-1"
ONLY_ITS_REGION = "codebuild_no_plaintext_secrets"
READ_BY_THE_MANAGEMENT_ACCOUNT = "cloudformation_stackset_drift_in_sync"
READ_EVERYWHERE = "cloudtrail_bucket_protected"
OF_ITS_ACCOUNT = "cloudtrail_multi_region_logging"


@pytest.fixture
def account():
    organization = OrganizationFactory(management_account_id=MANAGEMENT)
    AccountFactory(organization=organization, account_id=MANAGEMENT)
    return AccountFactory(
        organization=organization, account_id=OWN, ou=OuFactory(organization=organization)
    )


def finding(account, check, region=REGION):
    row = built_in()[check].check.row
    return FindingFactory(account=account, check_id=check, row=row, region=region)


def asked(actor, *findings):
    scan = findings_recheck(actor=actor, findings=findings, trigger=Scan.Trigger.CLAIM, now=NOW)
    return scan.selection


@pytest.mark.parametrize(
    ("check", "region", "accounts", "regions"),
    [
        (ONLY_ITS_REGION, REGION, [OWN], [REGION]),
        (OF_ITS_ACCOUNT, "aws-global", [OWN], None),
        (OF_ITS_ACCOUNT, REGION, [OWN], None),
        (READ_BY_THE_MANAGEMENT_ACCOUNT, REGION, [OWN, MANAGEMENT], None),
        (READ_EVERYWHERE, REGION, None, None),
        ("of a version that is gone", REGION, [OWN], [REGION]),
    ],
)
def test_a_scan_visits_all_that_the_check_reads(account, check, region, accounts, regions):
    known = built_in()
    row = known[check].check.row if check in known else "O2"
    found = FindingFactory(account=account, check_id=check, row=row, region=region)
    expected = {"accounts": accounts, "regions": regions, "rows": [row]}
    assert asked(None, found) == {name: value for name, value in expected.items() if value}


def test_who_may_not_scan_the_organization_has_the_own_account_looked_at(account):
    actor = person_with("contributor", organization=account.organization, ou=account.ou)
    assert asked(actor, finding(account, READ_EVERYWHERE))["accounts"] == [OWN]
    with pytest.raises(Denied):
        asked(
            person_with("viewer", organization=account.organization),
            finding(account, ONLY_ITS_REGION),
        )


def test_findings_are_looked_at_together_and_once(account):
    both = finding(account, ONLY_ITS_REGION), finding(account, ONLY_ITS_REGION, "us-east-1")
    assert asked(None, *both)["regions"] == [REGION, "us-east-1"]
    asked(None, *both)
    assert Scan.objects.count() == 1


def test_a_check_is_looked_at_in_all_regions_of_accounts(account):
    def ask(check):
        return check_recheck(
            organization=account.organization,
            definition=built_in()[check],
            accounts=[account.pk],
            now=NOW,
        )

    assert ask(ONLY_ITS_REGION).selection == {"accounts": [OWN], "rows": ["E1"]}
    account.state = "SUSPENDED"
    account.save()
    assert ask(ONLY_ITS_REGION) is None


def claimed(*findings):
    return claims_recheck(findings=findings, now=NOW)


def test_claims_share_a_scan_that_has_not_begun(account):
    first = claimed(finding(account, ONLY_ITS_REGION))
    assert claimed(finding(account, ONLY_ITS_REGION)) == first
    assert claimed(finding(account, ONLY_ITS_REGION, "us-east-1")) == first
    first.refresh_from_db()
    assert first.selection["regions"] == [REGION, "us-east-1"]
    other = AccountFactory(organization=account.organization, account_id="222222222222")
    assert claimed(finding(other, ONLY_ITS_REGION)) != first
    assert Scan.objects.count() == 2


def test_a_check_claimed_in_a_thousand_accounts_is_looked_at_by_one_scan(account):
    others = [AccountFactory(organization=account.organization) for _ in range(3)]
    scans = {claimed(finding(one, ONLY_ITS_REGION)).pk for one in (account, *others)}
    assert len(scans) == 1
    assert len(Scan.objects.get().selection["accounts"]) == 4
    assert claimed(finding(account, READ_EVERYWHERE)).pk not in scans


def test_a_scan_that_runs_has_read_before_the_claim(account):
    running = claimed(finding(account, ONLY_ITS_REGION))
    Scan.objects.update(state=Scan.State.RUNNING, started_at=NOW)
    assert claimed(finding(account, ONLY_ITS_REGION)) != running
    assert claimed(finding(account, ONLY_ITS_REGION)) != running
    assert Scan.objects.count() == 2


def test_a_claim_names_its_scan_and_who_claims_need_not_scan_all_that_it_reads(account):
    actor = person_with("contributor", organization=account.organization, ou=account.ou)
    found = EpisodeFactory(finding=finding(account, READ_EVERYWHERE)).finding
    episode = finding_claim(actor=actor, finding=found, now=NOW)
    scan = Scan.objects.get()
    assert (episode.claim_scan, scan.trigger, scan.requested_by) == (scan, "claim", None)
    assert "accounts" not in scan.selection
    episode = finding_move(actor=actor, finding=found, to=Workflow.IN_PROGRESS, now=NOW)
    assert (episode.claimed_at, episode.claim_scan) == (None, None)
    viewer = person_with("viewer", organization=account.organization)
    with pytest.raises(Denied):
        finding_claim(actor=viewer, finding=found, now=NOW)
    account.excluded, account.excluded_reason = True, "old"
    account.save()
    assert finding_claim(actor=actor, finding=found, now=NOW).claim_scan is None
    assert Scan.objects.count() == 1
