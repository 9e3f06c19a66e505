import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken
from accounts.services.tokens import token_issue
from tests.factories.accounts import UserFactory

LIST = reverse("admin:accounts_apitoken_changelist")


@pytest.fixture
def token(db):
    anna = UserFactory(username="anna")
    return token_issue(actor=anna, user=anna, name="deploy", days=1, now=timezone.now()).token


def revoke(client, *tokens):
    chosen = [token.pk for token in tokens]
    return client.post(LIST, {"action": "revoke", "_selected_action": chosen}, follow=True)


def test_an_administrator_revokes_and_does_nothing_else(client, superuser, token):
    assert "1 revoked" in revoke(client, token).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert client.get(reverse("admin:accounts_apitoken_add")).status_code == 403
    page = client.get(reverse("admin:accounts_apitoken_change", args=[token.pk])).content.decode()
    assert "deploy" in page
    assert token.digest not in page
    assert 'name="_save"' not in page


def test_staff_neither_sees_nor_revokes_tokens_of_others(client, staff, ours, token):
    staff("administrator", organization=ours.organization)
    assert "deploy" not in client.get(LIST).content.decode()
    revoke(client, token)
    assert ApiToken.objects.get().revoked_at is None
