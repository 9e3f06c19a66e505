import uuid

import pytest
from django.urls import reverse

from findings.facts.base import Gap, GapReason
from findings.models import Scan, ScanAccount, Shard
from findings.selectors import progress
from portal.web import scans
from tests.factories.findings import ScanFactory
from tests.findings.checks.builders_cloudtrail import trail
from tests.portal.web.pages import links_of, main_text_of, text_of, title_of

LIST, START = reverse("scan-list"), reverse("scan-start")
DENIED = Gap(
    kind="cloudtrail.trail",
    reason=GapReason.ACCESS_DENIED,
    operation="cloudtrail:DescribeTrails",
    code="AccessDeniedException",
)


def detail(scan, view="scan-detail"):
    return reverse(view, args=[scan.uid])


def accounts(page):
    return [line.account.name for line in page.context["grid"].lines]


def start(client, world, **fields):
    return client.post(START, {"organization": world.ours.pk, **fields})


def test_the_list_says_who_asked_for_what_and_how_it_went(sign_in, world):
    Scan.objects.filter(pk=world.scan.pk).update(
        requested_by=world.person("contributor"), trigger="api", error="half of it is missing"
    )
    text = main_text_of(sign_in("viewer").get(LIST))
    for told in ("Full, Ours", "contributor API", "Finished", "half of it is missing", "0 s"):
        assert told in text


def test_a_scan_is_listed_for_who_sees_an_account_of_it(sign_in, world):
    of_sandbox = world.lab.scan(facts={}, selection={"accounts": [world.sandbox.account_id]})
    listed = {
        who: [scan.pk for scan, *_ in sign_in(who).get(LIST).context["lines"]]
        for who in ("viewer", "viewer of Prod", "nobody")
    }
    assert listed == {
        "viewer": [of_sandbox.pk, world.scan.pk],
        "viewer of Prod": [world.scan.pk],
        "nobody": [],
    }


def test_numbers_are_of_the_accounts_that_the_person_sees(sign_in, world):
    Shard.objects.filter(account=world.shop).update(api_calls=3)
    Scan.objects.filter(pk=world.scan.pk).update(api_calls=10)
    for who, shards, calls in (("viewer", 2, 10), ("viewer of Prod", 1, 3)):
        _, tally, _ = sign_in(who).get(LIST).context["lines"][0]
        assert (tally.total, tally.api_calls) == (shards, calls)
        page = sign_in(who).get(detail(world.scan))
        assert (page.context["tally"].total, page.context["tally"].api_calls) == (shards, calls)


def test_a_selection_hides_places_from_who_may_not_see_them(sign_in, world):
    both = [world.shop.account_id, world.sandbox.account_id]
    scan = world.lab.scan(facts={}, selection={"accounts": both, "rows": ["O2"]})
    for address in (LIST, detail(scan)):
        assert f"Accounts: {', '.join(both)}" in text_of(sign_in("viewer").get(address))
        text = text_of(sign_in("viewer of Prod").get(address))
        assert "Rows: O2" in text
        assert world.sandbox.account_id not in text


def test_older_scans_are_on_the_next_page(sign_in, world, monkeypatch):
    monkeypatch.setattr(scans, "PAGE", 1)
    newer = ScanFactory(organization=world.ours)
    page = sign_in("viewer").get(LIST)
    assert [scan.pk for scan, *_ in page.context["lines"]] == [newer.pk]
    (next_page,) = [link for link in links_of(page) if "before=" in link]
    page = sign_in("viewer").get(f"{LIST}{next_page}")
    assert [scan.pk for scan, *_ in page.context["lines"]] == [world.scan.pk]
    assert not [link for link in links_of(page) if "before=" in link]


@pytest.mark.parametrize("before", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_place_that_no_page_gave_is_refused(sign_in, before):
    assert sign_in("viewer").get(f"{LIST}?before={before}").status_code == 400


def test_the_form_is_offered_to_those_who_may_scan_something(sign_in):
    offered = {
        who: "Start a scan" in text_of(sign_in(who).get(LIST))
        for who in ("viewer", "contributor of Prod", "contributor", "nobody")
    }
    assert offered == {
        "viewer": False,
        "contributor of Prod": True,
        "contributor": True,
        "nobody": False,
    }


def test_the_form_offers_only_what_the_person_may_scan(sign_in, world):
    form = sign_in("contributor of Prod").get(LIST).context["form"]
    assert form.fields["ous"].choices == [("Prod", "Prod")]
    assert list(form.fields["organization"].queryset) == [world.ours]


def test_a_scan_of_everything_is_started(sign_in, world):
    answer = start(sign_in("contributor"), world)
    scan = Scan.objects.first()
    assert answer.url == detail(scan)
    assert (scan.kind, scan.trigger, scan.state) == ("full", "person", "queued")
    assert scan.requested_by == world.person("contributor")


def test_a_scan_of_a_part_is_started(sign_in, world):
    shop = world.shop.account_id
    start(
        sign_in("contributor of Prod"),
        world,
        ous=["Prod"],
        accounts=f" {shop}, {shop} ",
        regions="eu-west-1",
        rows=["O2"],
    )
    assert Scan.objects.first().selection == {
        "ous": ["Prod"],
        "accounts": [shop],
        "regions": ["eu-west-1"],
        "rows": ["O2"],
    }


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"accounts": "123"}, "accounts", "'123' is not an AWS account id: 12 digits"),
        ({"accounts": "12345678901²"}, "accounts", "is not an AWS account id"),
        ({"regions": "europe"}, "regions", "'europe' is not an AWS region, such as eu-west-1"),
        ({"rows": ["X9"]}, "rows", "X9 is not one of the available choices"),
        ({"ous": ["Secret"]}, "ous", "Secret is not one of the available choices"),
        ({"organization": "0"}, "organization", "not one of the available choices"),
        ({"accounts": "999999999999"}, None, "999999999999 is not an account of Ours"),
        ({"regions": "ap-south-1"}, None, "its regions are eu-west-1"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_starts_nothing(sign_in, world, fields, field, told):
    answer = start(sign_in("contributor"), world, **fields)
    assert answer.status_code == 422
    errors = answer.context["form"].errors.get(field or "__all__", [])
    assert told in " ".join(errors)
    assert told.replace("'", "&#x27;") in answer.content.decode()
    assert Scan.objects.filter(organization=world.ours).count() == 1


def test_a_second_full_scan_is_refused_with_what_to_do(sign_in, world):
    start(sign_in("contributor"), world)
    answer = start(sign_in("contributor"), world)
    assert answer.status_code == 422
    assert "A full scan of Ours is under way" in text_of(answer)


def test_who_may_not_scan_the_organization_is_refused(sign_in, world):
    assert start(sign_in("contributor of Prod"), world).status_code == 403
    for who in ("viewer", "stranger", "nobody"):
        assert start(sign_in(who), world).status_code == 422
    assert Scan.objects.filter(organization=world.ours).count() == 1


def test_a_scan_shows_the_accounts_and_regions_that_the_person_sees(sign_in, world):
    assert accounts(sign_in("viewer").get(detail(world.scan))) == ["sandbox", "shop"]
    assert accounts(sign_in("viewer of Prod").get(detail(world.scan))) == ["shop"]


def test_an_account_that_could_not_be_entered_says_why(sign_in, world):
    ScanAccount.objects.filter(account=world.shop).update(error="the role is missing")
    ScanAccount.objects.filter(account=world.sandbox).update(access="pending_closure")
    text = main_text_of(sign_in("viewer").get(detail(world.scan)))
    assert "shop the role is missing" in text
    assert "sandbox pending closure" in text


def test_accounts_are_paged(sign_in, world, monkeypatch):
    monkeypatch.setattr(progress, "PAGE", 1)
    page = sign_in("viewer").get(detail(world.scan))
    assert accounts(page) == ["sandbox"]
    (next_page,) = [link for link in links_of(page) if "start=" in link]
    assert accounts(sign_in("viewer").get(f"{detail(world.scan)}{next_page}")) == ["shop"]


def test_a_page_that_is_no_number_is_refused(sign_in, world):
    assert sign_in("viewer").get(f"{detail(world.scan)}?start=x").status_code == 400


def test_an_ended_scan_tells_what_it_changed_with_links(sign_in, world):
    scan = world.lab.wait(days=1).scan(facts={"cloudtrail.trail": (trail(),)})
    page = sign_in("viewer").get(detail(scan))
    assert "Resolved, verified by evidence 2 2 critical" in main_text_of(page)
    wanted = f"/findings/?scan={scan.uid}&change=resolved&state=all&group=none"
    assert wanted in links_of(page)
    mine = sign_in("viewer of Prod").get(detail(scan)).context["changes"]
    assert [(change.name, change.total) for change in mine] == [("resolved", 1)]


def test_a_scan_that_changed_nothing_says_so(sign_in, world):
    scan = world.lab.scan(facts={"cloudtrail.trail": (trail(is_logging=False),)})
    assert "No finding was opened or closed." in text_of(sign_in("viewer").get(detail(scan)))


def test_gaps_name_the_missing_action_and_what_to_do(sign_in, world):
    scan = world.lab.scan(facts={"cloudtrail.trail": DENIED})
    page = sign_in("viewer").get(detail(scan))
    text = main_text_of(page)
    assert "Access denied AccessDeniedException cloudtrail:DescribeTrails" in text
    assert "IAM action cloudtrail:DescribeTrails" in text
    assert "Allow cloudtrail:DescribeTrails to the scanner's role" in text
    (gap, _), *others = page.context["gaps"]
    assert (gap.accounts, gap.shards, others) == (2, 2, [])
    mine, _ = sign_in("viewer of Prod").get(detail(scan)).context["gaps"][0]
    assert (mine.accounts, mine.shards) == (1, 1)


def test_a_gap_leads_to_its_accounts(sign_in, world):
    account = world.sandbox.account_id
    scan = world.lab.start()
    for member in scan.scan_accounts.all():
        found = DENIED if member.account.account_id == account else ()
        claim = world.lab.claim_account(scan, member.account)
        for shard in Shard.objects.filter(scan=scan, account=claim.account):
            harvest = world.lab.harvest(world.lab.claim(shard), {"cloudtrail.trail": found})
            world.lab.commit(harvest)
    Scan.objects.filter(pk=scan.pk).update(state="finished", finished_at=world.lab.now)
    page = sign_in("viewer").get(detail(scan))
    link = next(link for link in links_of(page) if link.startswith("?gap="))
    narrowed = sign_in("viewer").get(f"{detail(scan)}{link.partition('#')[0]}")
    assert accounts(narrowed) == ["sandbox"]
    assert "Only the account in which cloudtrail:DescribeTrails was not collected" in text_of(
        narrowed
    )
    assert accounts(sign_in("viewer").get(f"{detail(scan)}?gap=unknown")) == ["sandbox", "shop"]


def test_a_scan_under_way_asks_for_its_progress_and_shows_no_result_yet(sign_in, world):
    scan = world.lab.start()
    page = sign_in("contributor").get(detail(scan))
    body = page.content.decode()
    assert f'hx-get="{detail(scan, "scan-progress")}?start=0"' in body
    assert "<noscript>" in body
    assert "0 of 2 shards" in text_of(page)
    assert "Not collected" not in text_of(page)
    assert "Cancel" in text_of(page)


def test_the_progress_of_a_scan_is_a_part_of_its_page(sign_in, world):
    scan = world.lab.start()
    body = sign_in("viewer").get(detail(scan, "scan-progress")).content.decode()
    assert "<html" not in body
    assert 'id="progress"' in body
    assert 'id="grid"' in body


def test_when_it_has_ended_the_page_is_loaded_again_and_asks_no_more(sign_in, world):
    answer = sign_in("viewer").get(detail(world.scan, "scan-progress"))
    assert answer["HX-Refresh"] == "true"
    assert "hx-get" not in sign_in("viewer").get(detail(world.scan)).content.decode()


def test_a_scan_is_cancelled(sign_in, world):
    scan = world.lab.start()
    answer = sign_in("contributor").post(detail(scan, "scan-cancel"), follow=True)
    assert "The scan is cancelled; what was collected is kept." in text_of(answer)
    scan.refresh_from_db()
    assert scan.state == "cancelled"


def test_a_scan_that_has_ended_cannot_be_cancelled(sign_in, world):
    answer = sign_in("contributor").post(detail(world.scan, "scan-cancel"), follow=True)
    assert "The scan has ended already." in text_of(answer)


def test_what_failed_is_retried(sign_in, world):
    scan = world.lab.scan(facts={"cloudtrail.trail": DENIED})
    assert "Retry what failed" in text_of(sign_in("contributor").get(detail(scan)))
    answer = sign_in("contributor").post(detail(scan, "scan-retry"))
    again = Scan.objects.first()
    assert (again.retry_of, answer.url) == (scan, detail(again))


def test_there_is_nothing_to_retry_where_nothing_failed(sign_in, world):
    assert "Retry what failed" not in text_of(sign_in("contributor").get(detail(world.scan)))
    answer = sign_in("contributor").post(detail(world.scan, "scan-retry"), follow=True)
    assert "there is nothing to retry" in text_of(answer)


def test_the_title_names_the_scan(sign_in, world):
    page = sign_in("viewer").get(detail(world.scan))
    assert title_of(page) == "Full scan of Ours · Cairn"


def test_an_unknown_scan_is_not_found(sign_in):
    assert sign_in("viewer").get(reverse("scan-detail", args=[uuid.uuid4()])).status_code == 404
