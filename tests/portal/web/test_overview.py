import re
from datetime import timedelta

import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Grant
from findings.models import Alert, CheckStatus, Scan
from portal import context
from portal.templatetags.portal import NOTHING
from tests.factories.accounts import AccountFactory, OrganizationFactory, UserFactory, person_with
from tests.factories.findings import (
    CheckStatusFactory,
    SuppressedFindingFactory,
    SuppressionFactory,
)
from tests.portal.web.pages import links_of, main_text_of, text_of, title_of
from tests.portal.world import EVERYBODY

OVERVIEW = reverse("overview")


def test_it_begins_with_the_sentence_of_truth(sign_in):
    page = sign_in("viewer").get(OVERVIEW)
    assert title_of(page) == "Overview · Cairn"
    assert (
        "All 2 accounts were fully collected; 2 are below target; 2 critical findings."
        in text_of(page)
    )


def test_everything_on_it_is_of_accounts_that_the_person_sees(sign_in):
    page = sign_in("viewer of Prod").get(OVERVIEW)
    text = text_of(page)
    assert "The one account was fully collected; 1 is below target; 1 critical finding." in text
    assert "Prod 1" in text
    assert "Dev" not in text
    assert "Theirs" not in text
    assert page.context["accounts"] == 1
    assert page.context["open_findings"] == 1
    assert [change.total for change in page.context["changes"]] == [1]


def test_the_counts_of_the_navigation_are_of_the_same_accounts(sign_in):
    for who, findings in (("viewer", 2), ("viewer of Prod", 1), ("stranger", 1), ("nobody", 0)):
        assert sign_in(who).get(OVERVIEW).context["navigation"].findings == findings


def test_one_link_of_the_navigation_is_marked(sign_in):
    client = sign_in("administrator")
    links = {view: view for view in ("overview", "finding-list", "notification-settings")}
    links |= dict.fromkeys(("settings-index", "connection-list"), "settings-index")
    for view, link in links.items():
        page = client.get(reverse(view)).content.decode()
        marked = re.findall(r'nav-link" href="([^"]*)" aria-current="page"', page)
        assert marked == [reverse(link)], view


def test_the_navigation_counts_anew_what_came_and_what_is_over(sign_in, world):
    """The query stays the same for a person whose grants stay the same."""
    client = sign_in("administrator")

    def counted():
        navigation = client.get(OVERVIEW).context["navigation"]
        return navigation.findings, navigation.suppressions

    assert counted() == (2, 0)
    now = timezone.now()
    soon = now + timedelta(hours=2)
    suppression = SuppressionFactory(organization=world.ours, ends_at=soon)
    finding = world.finding()
    SuppressedFindingFactory(
        suppression=suppression, finding=finding, episode=finding.episodes.get(), from_at=now
    )
    waiting = {"is_approved": None, "decided_at": None, "asked_by": world.person("viewer")}
    SuppressionFactory(organization=world.ours, ends_at=soon, **waiting)
    assert counted() == (1, 1)
    with time_machine.travel(soon):
        assert counted() == (2, 0)
    Grant.objects.filter(user__username="administrator").update(ou=world.dev)
    assert counted() == (1, 0)


def test_the_query_of_the_navigation_is_made_of_grants_alone(
    world, monkeypatch, django_assert_max_num_queries
):
    """What else was read for it would be told as it was then for as long as the process lives."""
    monkeypatch.setattr(context, "_prepared", {})
    for person in [world.person(who) for who in EVERYBODY]:
        with django_assert_max_num_queries(2):  # grants, and all counts
            context.navigation_of(person)


def test_running_scans_are_counted_and_linked(sign_in, world):
    scan = world.lab.start()
    page = sign_in("viewer").get(OVERVIEW)
    assert page.context["navigation"].running_scans == 1
    assert reverse("scan-detail", args=[scan.uid]) in links_of(page)


def test_a_share_says_how_much_is_known(sign_in, world):
    CheckStatus.objects.all().delete()
    CheckStatusFactory(account=world.shop, row="O2", passed=3, failed=1, unknown=1)
    CheckStatusFactory(account=world.shop, row="P1", unknown=2)
    text = main_text_of(sign_in("viewer").get(OVERVIEW))
    assert "Results that pass 75 % 57 % known" in text
    assert "75 % 80 % known" in text
    assert f"{NOTHING} 0 % known" in text


def test_an_ou_is_coloured_by_its_share_and_a_dash_says_that_nothing_is_known(sign_in, world):
    CheckStatus.objects.all().delete()
    CheckStatusFactory(account=world.shop, row="O2", passed=3, failed=1)
    body = sign_in("viewer").get(OVERVIEW).content.decode()
    assert body.count('<td class="cell heat-7">75</td>') == 1
    assert body.count(f'<td class="cell cell-none">{NOTHING}</td>') == 19


def test_accounts_that_cannot_be_entered_are_named_with_the_reason(sign_in, world):
    world.shop.role_health, world.shop.role_health_message = "role_missing", "deploy the role"
    world.shop.save()
    assert "shop Role missing deploy the role" in text_of(sign_in("viewer").get(OVERVIEW))


def test_an_active_alert_is_shown_to_those_of_its_organization(sign_in, world):
    Alert.objects.create(
        organization=world.ours,
        kind="schedule_missed",
        subject="x",
        message="nightly was missed",
        raised_at=timezone.now(),
    )
    assert "nightly was missed" in text_of(sign_in("viewer").get(OVERVIEW))
    assert "nightly was missed" not in text_of(sign_in("stranger").get(OVERVIEW))


def test_before_the_first_scan_nothing_is_claimed(client, db):
    organization = OrganizationFactory()
    AccountFactory(organization=organization)
    client.force_login(person_with("viewer", organization=organization))
    text = main_text_of(client.get(OVERVIEW))
    assert "Nothing was scanned yet: what the accounts do is not known." in text
    assert "none yet" in text
    assert "%" not in text.replace("Percent", "")


def test_who_has_no_role_is_told_that_no_account_is_known(client, world):
    client.force_login(UserFactory())
    assert "No account is known yet" in text_of(client.get(OVERVIEW))


def test_a_cancelled_scan_is_the_last_scan_too(sign_in, world):
    Scan.objects.filter(pk=world.scan.pk).update(state=Scan.State.CANCELLED)
    assert "Full · Cancelled" in text_of(sign_in("viewer").get(OVERVIEW))
