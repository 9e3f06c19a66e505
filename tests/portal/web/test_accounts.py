import pytest
from django.urls import reverse

from accounts.models import Account, AccountEvent
from findings.models import RegionState, Shard
from findings.selectors import account_list
from portal.templatetags.portal import NOTHING
from tests.factories.accounts import NOW, AccountFactory, OuFactory, TeamFactory
from tests.factories.findings import AwsJobFactory, RegionStateFactory
from tests.modules import differing
from tests.portal.web.pages import links_of, main_text_of, text_of

LIST = reverse("account-list")


def names(page):
    return [line.account.name for line in page.context["lines"]]


def detail(account):
    return reverse("account-detail", args=[account.uid])


def test_the_list_shows_what_the_person_sees_by_ou(sign_in, world):
    world.account("at root")
    assert names(sign_in("viewer").get(LIST)) == ["at root", "sandbox", "shop"]
    assert names(sign_in("contributor of Prod").get(LIST)) == ["shop"]
    assert names(sign_in("stranger").get(LIST)) == ["foreign"]


FILTERS = [
    ("q=sho", ["shop"]),
    ("q=SHOP", ["shop"]),
    ("ou=Prod", ["retired", "shop"]),
    ("ou=Pro", []),
    ("state=SUSPENDED", ["retired"]),
    ("state=LEFT", ["gone"]),
    ("state=nonsense", []),
    ("role_health=denied", ["sandbox"]),
    ("q=%00shop", ["shop"]),
    ("unknown=1", ["sandbox", "retired", "shop"]),
]


def test_filters(sign_in, world):
    Account.objects.filter(pk=world.sandbox.pk).update(role_health="denied")
    world.account("retired", ou=world.prod, state="SUSPENDED")
    world.account("gone", state="LEFT", left_at=NOW)
    client = sign_in("viewer")
    found = {query: names(client.get(f"{LIST}?{query}")) for query, _ in FILTERS}
    assert differing(found, dict(FILTERS)) == {}


def test_an_ou_holds_what_is_below_it(sign_in, world):
    below = OuFactory(organization=world.ours, name="Web", parent=world.prod)
    world.account("deep", ou=below)
    assert names(sign_in("viewer").get(f"{LIST}?ou=Prod")) == ["shop", "deep"]


def test_a_mail_address_is_searched_by_permission_only(sign_in, world):
    query = f"{LIST}?q={world.shop.email}"
    assert names(sign_in("viewer").get(query)) == []
    assert names(sign_in("contributor").get(query)) == ["shop"]


def test_pages_follow_each_other_without_gap_or_overlap(sign_in, world, monkeypatch):
    monkeypatch.setattr(account_list, "PAGE", 2)
    for name in ("b", "a", "a"):
        world.account(name, ou=world.prod)
    world.account("root")
    client, address, seen = sign_in("viewer"), LIST, []
    while address:
        page = client.get(address)
        seen.append([line.account.pk for line in page.context["lines"]])
        address = next((f"{LIST}{link}" for link in links_of(page) if "after=" in link), None)
    assert [len(part) for part in seen] == [2, 2, 2]
    listed = [pk for part in seen for pk in part]
    assert len(set(listed)) == 6
    order = [(a.ou_path, a.name) for a in map(Account.objects.in_bulk().get, listed)]
    assert order == sorted(order)


@pytest.mark.parametrize("after", ["x", "00000000-0000-0000-0000-000000000000", "%00"])
def test_a_place_that_no_page_gave_is_refused(sign_in, after):
    answer = sign_in("viewer").get(f"{LIST}?after={after}")
    assert answer.status_code == 400
    assert "not a place in the list" in text_of(answer)


def test_the_page_of_a_hidden_account_is_no_place_either(sign_in, world):
    answer = sign_in("viewer of Prod").get(f"{LIST}?after={world.sandbox.uid}")
    assert answer.status_code == 400


def test_what_could_not_be_read_was_never_collected(sign_in, world):
    Shard.objects.filter(account=world.shop).update(state="failed")
    lines = {line.account.name: line for line in sign_in("viewer").get(LIST).context["lines"]}
    assert lines["shop"].collected_at is None
    assert lines["sandbox"].collected_at is not None


def test_an_empty_list_says_which_kind_of_empty_it_is(sign_in, world):
    assert "No account matches this filter" in text_of(sign_in("viewer").get(f"{LIST}?q=zzz"))
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(LIST))
    Account.objects.update(state="LEFT", left_at=NOW)
    assert "No account yet" in text_of(sign_in("viewer").get(LIST))


def test_an_account_tells_everything_about_itself(sign_in, world):
    Account.objects.filter(pk=world.shop.pk).update(
        owner_team=TeamFactory(organization=world.ours, name="Web"),
        tags={"env": "prod"},
        environment="production",
        excluded=True,
        excluded_reason="being closed",
        role_health="denied",
        role_health_message="the hub may not",
    )
    text = main_text_of(sign_in("viewer").get(detail(world.shop)))
    for told in ("Web", "env=prod", "production", "being closed", "Denied.", "the hub may not"):
        assert told in text
    assert "Cover every region with an active multi-region trail" in text


def test_personal_fields_are_shown_by_permission(sign_in, world):
    AccountEvent.objects.create(
        account=world.shop, kind="email_changed", at=NOW, before="old@x.example", after="new@x"
    )
    told = {who: text_of(sign_in(who).get(detail(world.shop))) for who in ("viewer", "contributor")}
    for personal in (world.shop.email, "old@x.example", "new@x"):
        assert personal not in told["viewer"]
        assert personal in told["contributor"]
    assert "(personal)" in told["viewer"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("a", "b", "a → b"),
        (None, {"name": "shop", "ou_path": ""}, "name=shop"),
        ({"x": 1, "y": 2}, {"x": 1, "y": 3}, "y: 2 → 3"),
        ({"x": [1]}, {"x": {"a": "b"}}, "x: [1] → a=b"),
        (["a"], None, f'["a"] → {NOTHING}'),
        (True, False, "true → false"),
        (None, None, ""),
    ],
)
def test_history_shows_before_and_after_whatever_they_are(sign_in, world, before, after, told):
    AccountEvent.objects.create(
        account=world.shop, kind="tags_changed", at=NOW, before=before, after=after
    )
    page = sign_in("viewer").get(detail(world.shop))
    assert page.status_code == 200
    assert f"Tags changed {told}".strip() in main_text_of(page)


def test_tags_that_were_not_collected_are_not_shown_as_none(sign_in, world):
    Account.objects.filter(pk=world.shop.pk).update(tags=None)
    assert "Tags not collected" in main_text_of(sign_in("viewer").get(detail(world.shop)))
    Account.objects.filter(pk=world.shop.pk).update(tags={})
    assert "Tags none" in main_text_of(sign_in("viewer").get(detail(world.shop)))


def test_regions_are_shown_with_their_state(sign_in, world):
    RegionStateFactory(account=world.shop, region="us-east-1", state="denied_by_policy")
    text = main_text_of(sign_in("viewer").get(detail(world.shop)))
    assert "us-east-1 Denied by policy" in text
    assert "aws-global" not in text.partition("Where it stands")[0]


def test_jobs_at_aws_are_shown_with_what_went_wrong(sign_in, world):
    assert "Jobs at AWS" not in main_text_of(sign_in("viewer").get(detail(world.shop)))
    AwsJobFactory(
        account=world.shop,
        subject="arn:aws:cloudformation:eu-west-1:1:stack/till/1",
        state="denied",
        finished_at=NOW,
        operation="cloudformation:DetectStackDrift",
        error="not authorized",
    )
    text = main_text_of(sign_in("viewer").get(detail(world.shop)))
    assert "Drift detection of a stack: till, eu-west-1 Denied" in text
    assert "cloudformation:DetectStackDrift: not authorized" in text
    assert "till" not in main_text_of(sign_in("viewer").get(detail(world.sandbox)))


def test_an_account_that_was_never_scanned_says_so(sign_in, world):
    fresh = AccountFactory(organization=world.ours)
    RegionState.objects.filter(account=fresh).delete()
    text = main_text_of(sign_in("viewer").get(detail(fresh)))
    assert "Not scanned yet." in text
    assert "nothing judged" in text
    assert "None is open." in text
