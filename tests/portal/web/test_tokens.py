import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken
from accounts.services.tokens import token_issue
from tests.factories.accounts import UserFactory
from tests.portal.web.pages import main_text_of

LIST, ISSUE = reverse("token-list"), reverse("token-issue")
FORM = {"name": "sync", "days": 30, "scopes": ["read", "findings:write"]}


def accounts_seen(plaintext):
    headers = {"Authorization": f"Bearer {plaintext}"}
    answer = Client().get("/api/v1/accounts/", headers=headers)
    return {account["name"] for account in answer.json()["results"]}


def test_a_token_is_shown_once_and_opens(sign_in):
    client = sign_in("viewer")
    page = client.post(ISSUE, FORM)
    plaintext = page.context["issued"].plaintext
    assert plaintext in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert accounts_seen(plaintext) == {"shop", "sandbox"}
    later = client.get(LIST)
    assert plaintext not in later.content.decode()
    assert "sync" in main_text_of(later)
    assert "read, findings:write" in main_text_of(later)


def test_it_may_be_limited(sign_in, world):
    client = sign_in("viewer")
    limits = {"ous": [world.prod.pk], "accounts": f"{world.sandbox.account_id},"}
    page = client.post(ISSUE, FORM | {"ous": [world.dev.pk]})
    assert accounts_seen(page.context["issued"].plaintext) == {"sandbox"}
    client.post(ISSUE, FORM | limits)
    assert f"Only: Prod {world.sandbox}" in main_text_of(client.get(LIST))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"days": 366}, "days"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["x"]}, "scopes"),
        ({"ous": ["0"]}, "ous"),
        ({"accounts": "123456789012"}, "accounts"),
        ({"accounts": "x"}, "accounts"),
    ],
)
def test_what_makes_no_token_is_told_beside_the_field(sign_in, change, field):
    page = sign_in("viewer").post(ISSUE, FORM | change)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not ApiToken.objects.exists()


def test_only_what_is_seen_can_be_chosen(sign_in, world):
    client = sign_in("viewer of Prod")
    assert "Dev" not in main_text_of(client.get(LIST))
    for limit in ({"ous": [world.dev.pk]}, {"accounts": world.sandbox.account_id}):
        assert client.post(ISSUE, FORM | limit).status_code == 422


def test_a_token_is_revoked_by_its_person_alone(sign_in, world):
    person, now = world.person("viewer"), timezone.now()
    token = token_issue(actor=person, user=person, name="t", days=1, now=now).token
    address = reverse("token-revoke", args=[token.uid])
    assert sign_in("administrator").post(address).status_code == 404
    assert sign_in("viewer").post(address).url == LIST
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "revoked" in main_text_of(sign_in("viewer").get(LIST))


def test_each_sees_their_own_and_who_administers_everything_all(client, sign_in, world):
    now = timezone.now()
    for who in ("viewer", "contributor"):
        person = world.person(who)
        token_issue(actor=person, user=person, name=f"of the {who}", days=1, now=now)
    text = main_text_of(sign_in("viewer").get(LIST))
    assert "of the viewer" in text
    assert "of the contributor" not in text
    client.force_login(UserFactory(is_superuser=True))
    assert "of the contributor" in main_text_of(client.get(LIST))


def test_one_that_is_over_says_so(sign_in, world):
    person, then = world.person("viewer"), timezone.now() - dt.timedelta(days=3)
    token_issue(actor=person, user=person, name="t", days=1, now=then)
    text = main_text_of(sign_in("viewer").get(LIST))
    assert "expired" in text
    assert "never" in text


def test_without_any_it_says_what_they_are(sign_in):
    assert "No token yet" in main_text_of(sign_in("nobody").get(LIST))
