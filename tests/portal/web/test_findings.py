import datetime as dt
import uuid

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from findings.checks.base import built_in
from findings.facts.base import Gap, GapReason
from findings.models import CallLog, EvidenceBlob, Finding, FindingEvent, Scan, Workflow
from findings.selectors import finding_list
from findings.services.workflow import finding_move
from tests.factories.findings import NOW, EpisodeFactory, FindingFactory
from tests.findings.checks.builders_cloudtrail import trail
from tests.modules import differing
from tests.portal.web.pages import links_of, main_text_of, text_of
from tests.portal.world import CHECK

DENIED = Gap(
    kind="cloudtrail.trail",
    reason=GapReason.ACCESS_DENIED,
    operation="cloudtrail:DescribeTrails",
    code="AccessDeniedException",
)
LIST = reverse("finding-list")
EACH = f"{LIST}?group=none"


def detail(finding):
    return reverse("finding-detail", args=[finding.uid])


def resources(page):
    return [finding.resource for finding in page.context["findings"]]


def places(page):
    return {(finding.account.name, finding.resource) for finding in page.context["findings"]}


@pytest.fixture
def findings(world):
    """Findings of every severity in shop, the first of which are closed or unverified."""
    FindingFactory(account=world.shop, resource="closed", is_open=False, evidence_status="pass")
    FindingFactory(account=world.shop, resource="unseen", unverified_since=NOW)
    FindingFactory(
        account=world.shop,
        resource="tail",
        row="O4",
        check_id="lambda_tracing_active",
        region="us-east-1",
        severity="low",
        severity_rank=3,
        message="tracing is off",
    )


def test_findings_are_grouped_by_check_within_what_is_seen(sign_in, world):
    page = sign_in("viewer").get(LIST)
    assert [(g.check, g.findings, g.accounts) for g in page.context["groups"]] == [(CHECK, 2, 2)]
    assert "2 findings of 1 check" in text_of(page)
    assert f"?check={CHECK}&group=none" in links_of(page)
    assert sign_in("viewer of Prod").get(LIST).context["groups"][0].findings == 1


def test_a_list_shows_only_findings_of_visible_accounts(sign_in, world):
    assert places(sign_in("viewer").get(EACH)) == {("sandbox", ""), ("shop", "")}
    assert places(sign_in("contributor of Prod").get(EACH)) == {("shop", "")}
    assert places(sign_in("stranger").get(EACH)) == {("foreign", "")}
    assert places(sign_in("nobody").get(EACH)) == set()


FILTERS = [
    ("account=shop", set()),
    ("ou=Prod", {"", "tail", "unseen"}),
    ("severity=low", {"tail"}),
    ("row=O4", {"tail"}),
    ("check=lambda_tracing_active", {"tail"}),
    ("region=us-east-1", {"tail"}),
    ("search=TRACING", {"tail"}),
    ("search=tai", {"tail"}),
    ("search=%00tai", {"tail"}),
    ("state=closed&ou=Prod", {"closed"}),
    ("state=unverified", {"unseen"}),
    ("state=all&ou=Prod", {"", "tail", "unseen", "closed"}),
    ("state=nonsense", set()),
    ("severity=nonsense", set()),
    ("scan=nonsense&change=new", set()),
    ("scan=&change=new", set()),
]


def test_filters(sign_in, findings):
    client = sign_in("viewer")
    found = {query: set(resources(client.get(f"{EACH}&{query}"))) for query, _ in FILTERS}
    assert differing(found, dict(FILTERS)) == {}


def test_the_findings_of_one_account(sign_in, world):
    page = sign_in("viewer").get(f"{EACH}&account={world.sandbox.account_id}")
    assert places(page) == {("sandbox", "")}


def test_the_findings_that_a_scan_changed(sign_in, world):
    later = world.lab.wait(days=1).scan(facts={"cloudtrail.trail": (trail(),)})
    query = f"{EACH}&state=all&scan={{}}&change={{}}"
    page = sign_in("viewer").get(query.format(later.uid, "resolved"))
    assert places(page) == {("sandbox", ""), ("shop", "")}
    assert resources(sign_in("viewer").get(query.format(later.uid, "new"))) == []
    page = sign_in("viewer of Prod").get(query.format(world.scan.uid, "new"))
    assert places(page) == {("shop", "")}


def test_pages_follow_each_other_in_order_without_gap_or_overlap(sign_in, world, monkeypatch):
    monkeypatch.setattr(finding_list, "PAGE", 2)
    for days, severity in ((1, "high"), (2, "high"), (2, "high"), (0, "critical")):
        rank = {"critical": 0, "high": 1}[severity]
        opened_at = NOW + dt.timedelta(days=days)
        FindingFactory(
            account=world.shop, severity=severity, severity_rank=rank, opened_at=opened_at
        )
    client, address, seen = sign_in("viewer"), EACH, []
    while address:
        page = client.get(address)
        seen.append(page.context["findings"])
        assert "6 findings" in text_of(page)
        address = next((f"{LIST}{link}" for link in links_of(page) if "after=" in link), None)
    assert [len(part) for part in seen] == [2, 2, 2]
    keys = [(f.severity_rank, -f.opened_at.timestamp(), -f.pk) for part in seen for f in part]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    "after", ["x", "1_2_x", "1_2", "1__2", f"1_{'9' * 30}_1", "9_9_9_9", "-1_0_0", "%00"]
)
def test_a_place_that_no_page_gave_is_refused_with_advice(sign_in, after):
    answer = sign_in("viewer").get(f"{EACH}&after={after}")
    assert answer.status_code == 400
    assert "Begin again at its first page." in text_of(answer)


def test_an_empty_list_says_which_kind_of_empty_it_is(sign_in, world):
    assert "No finding matches this filter" in text_of(sign_in("viewer").get(f"{LIST}?row=E3"))
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(LIST))
    Finding.objects.update(is_open=False, evidence_status="pass")
    assert "No open finding" in text_of(sign_in("viewer").get(LIST))
    FindingEvent.objects.all().delete()
    Finding.objects.all().delete()
    Scan.objects.all().delete()
    assert "Nothing was collected yet" in text_of(sign_in("viewer").get(LIST))


def test_a_finding_tells_what_was_found_what_was_expected_and_what_to_do(sign_in, world):
    finding, check = world.finding(), built_in()[CHECK].check
    text = main_text_of(sign_in("viewer").get(detail(finding)))
    assert finding.message
    assert f"Found: {finding.message}" in text
    assert f"Expected: {check.title}" in text
    assert check.remediation in text
    assert "logging Fail" in text
    assert "OPS" in text
    assert "Opened: first collected" in text


def test_a_finding_shows_its_evidence_and_the_calls(sign_in, world):
    page = sign_in("viewer").get(detail(world.finding()))
    (evidence,) = page.context["evidence"]
    assert (evidence.kind, evidence.region) == ("cloudtrail.trail", "eu-west-1")
    assert '"is_logging": false' in evidence.facts[0]
    assert evidence.facts[0] in page.content.decode().replace("&quot;", '"')


def test_evidence_that_is_no_longer_kept_is_not_shown_as_empty(sign_in, world):
    EvidenceBlob.objects.all().delete()
    CallLog.objects.all().delete()
    text = main_text_of(sign_in("viewer").get(detail(world.finding())))
    assert "The facts are no longer kept." in text
    assert "is empty" not in text


def test_evidence_says_what_is_from_the_portals_own_history():
    def shown(told_since):
        kind = {"kind": "k", "collected_at": NOW, "listed": 1, "told_since": told_since}
        return render_to_string("findings/_evidence.html", {"kind": kind})

    told = "AWS itself tells of this since 2026-03-02 09:00; what was before is from the portal"
    assert told in shown(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
    assert "AWS itself" not in shown(None)


def test_a_finding_that_could_not_be_verified_says_since_when(sign_in, world):
    Finding.objects.update(unverified_since=NOW)
    assert "Unknown not verified since" in text_of(sign_in("viewer").get(detail(world.finding())))


def test_a_finding_of_a_check_that_is_gone_is_still_shown(sign_in, world):
    finding = FindingFactory(account=world.shop, check_id="check_of_old", message="it was bad")
    EpisodeFactory(finding=finding)
    page = sign_in("contributor").get(detail(finding))
    assert "This check is no longer part of the catalogue." in text_of(page)
    assert "it was bad" in text_of(page)
    assert "Re-check now" not in text_of(page)


def test_history_names_who_said_what(sign_in, world):
    finding = world.finding()
    actor = world.person("contributor")
    finding_move(actor=actor, finding=finding, to=Workflow.TRIAGED, note="looking into it", now=NOW)
    text = main_text_of(sign_in("viewer").get(detail(finding)))
    assert "Workflow: workflow: new → triaged contributor looking into it" in text


def test_only_contributors_are_offered_a_recheck(sign_in, world):
    offered = {
        who: "Re-check now" in text_of(sign_in(who).get(detail(world.finding())))
        for who in ("viewer", "contributor of Prod", "contributor")
    }
    assert offered == {"viewer": False, "contributor of Prod": True, "contributor": True}


def test_a_recheck_scans_what_the_finding_is_about(sign_in, world):
    finding = world.finding()
    answer = sign_in("contributor of Prod").post(reverse("finding-recheck", args=[finding.uid]))
    scan = Scan.objects.first()
    assert answer.url == reverse("scan-detail", args=[scan.uid])
    assert scan.selection == {"accounts": [world.shop.account_id], "rows": [finding.row]}
    assert scan.requested_by == world.person("contributor of Prod")


def test_a_recheck_of_an_account_that_is_no_longer_scanned_says_why(sign_in, world):
    world.shop.excluded, world.shop.excluded_reason = True, "being closed"
    world.shop.save()
    address = reverse("finding-recheck", args=[world.finding().uid])
    answer = sign_in("contributor").post(address, follow=True)
    assert "is not scanned: it is excluded (being closed)" in text_of(answer)
    assert Scan.objects.filter(kind="targeted").count() == 0


def test_an_unknown_finding_is_not_found(sign_in):
    answer = sign_in("viewer").get(reverse("finding-detail", args=[uuid.uuid4()]))
    assert answer.status_code == 404
    assert sign_in("viewer").get("/findings/not-a-uuid/").status_code == 404


def moved(client, finding, to, **more):
    return client.post(reverse("finding-move", args=[finding.uid]), {"to": to, **more}, follow=True)


def test_a_fix_is_claimed_on_its_page_and_a_scan_looks(sign_in, world):
    client, finding = sign_in("contributor of Prod"), world.finding()
    assert "It is fixed" in main_text_of(client.get(detail(finding)))
    told = main_text_of(moved(client, finding, "fix_claimed", note="logging is on"))
    assert "A scan looks whether it is there" in told
    scan = Scan.objects.get(trigger="claim")
    assert scan.selection["accounts"] == [world.shop.account_id]
    assert FindingEvent.objects.get(kind="workflow").note == "logging is on"
    assert "Take the claim back" in told
    told = text_of(moved(client, finding, "in_progress"))
    assert "The fix is claimed" not in told


def test_a_claim_that_no_scan_can_see_says_so_and_stays(sign_in, world):
    finding, gap = world.finding(), {"cloudtrail.trail": DENIED}
    finding_move(actor=None, finding=finding, to=Workflow.FIX_CLAIMED, now=world.lab.now)
    world.lab.wait(hours=1).scan(facts=gap)
    told = main_text_of(sign_in("viewer of Prod").get(detail(finding)))
    assert "It cannot be verified:" in told
    assert f"shop ({world.shop.account_id}), {world.lab.organization.regions[0]}: not" in told
    assert "access denied" in told
    finding.refresh_from_db()
    assert finding.is_open
    fine = {"cloudtrail.trail": (trail(is_logging=False),)}
    world.lab.wait(hours=1).scan(facts=fine)
    told = main_text_of(sign_in("viewer of Prod").get(detail(finding)))
    assert "It cannot be verified" not in told
    assert "The fix is claimed" not in told


def test_a_claim_in_an_account_that_is_not_scanned_says_so(sign_in, world):
    finding = world.finding()
    world.shop.excluded, world.shop.excluded_reason = True, "old"
    world.shop.save()
    told = main_text_of(moved(sign_in("contributor"), finding, "fix_claimed"))
    assert "The next scan that can look decides" in told
    assert "not collected, not scanned" in told


def test_moves_that_cannot_be_made_are_told(sign_in, world):
    client, finding = sign_in("contributor"), world.finding()
    for to in ("resolved", "eaten", ""):
        assert moved(client, finding, to).status_code == 400
    assert moved(client, finding, "triaged", note="x" * 10_001).status_code == 400
    moved(client, finding, "fix_claimed")
    assert "can become in_progress" in text_of(moved(client, finding, "triaged"))
