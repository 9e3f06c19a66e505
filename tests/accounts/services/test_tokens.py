import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied, Permission, can
from accounts.models import Account, ApiToken, AuditEntry
from accounts.models.reach import limits_forgotten
from accounts.services.tokens import token_issue, token_revoke, token_use
from tests.factories.accounts import NOW, AccountFactory, GrantFactory, OuFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna")


def issue(user, actor=None, name="deploy", days=30):
    return token_issue(actor=actor or user, user=user, name=name, days=days, now=NOW)


def use(issued, **later):
    return token_use(plaintext=issued.plaintext, now=NOW + dt.timedelta(**later))


def test_a_token_opens_until_its_end(anna):
    issued = issue(anna)
    assert use(issued, days=29).user == anna
    assert use(issued, days=30) is None


def test_the_database_holds_neither_the_token_nor_most_of_it(anna):
    issued = issue(anna)
    row = ApiToken.objects.values().get()
    held = "".join(str(value) for value in row.values())
    assert issued.plaintext not in held
    assert issued.plaintext[len(issued.token.prefix) :] not in held


def test_tokens_are_all_different_and_begin_alike(anna):
    texts = {issue(anna).plaintext for _ in range(5)}
    assert len(texts) == 5
    assert all(text.startswith("cairn_") and len(text) > 45 for text in texts)


@pytest.mark.parametrize("text", ["", "cairn_", "cairn_unknown"])
def test_another_text_opens_nothing(anna, text):
    issue(anna)
    assert token_use(plaintext=text, now=NOW) is None


def test_a_digest_that_leaked_opens_nothing(anna):
    digest = issue(anna).token.digest
    assert token_use(plaintext=digest, now=NOW) is None


def test_a_revoked_token_opens_nothing_ever_again(anna):
    issued = issue(anna)
    token_revoke(actor=anna, token=issued.token, now=NOW)
    assert use(issued) is None
    revoked = token_revoke(actor=anna, token=issued.token, now=NOW + dt.timedelta(days=1))
    assert revoked.revoked_at == NOW


def test_the_token_of_an_inactive_person_opens_nothing(anna):
    issued = issue(anna)
    anna.is_active = False
    anna.save()
    assert use(issued) is None


def test_its_use_is_noted_once_a_minute(anna):
    issued = issue(anna)
    for seconds in (0, 59, 60):
        use(issued, seconds=seconds)
        issued.token.refresh_from_db()
        expected = 60 if seconds == 60 else 0
        assert issued.token.last_used_at == NOW + dt.timedelta(seconds=expected)


def test_only_who_administers_the_installation_gives_tokens_to_others(anna):
    superuser = UserFactory(is_superuser=True)
    assert issue(anna, actor=superuser).token.user == anna
    with pytest.raises(Denied):
        issue(superuser, actor=anna)
    with pytest.raises(Denied):
        token_revoke(actor=UserFactory(), token=issue(anna).token, now=NOW)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_token_lasts_between_a_day_and_a_year(anna, days):
    with pytest.raises(ValidationError, match="from 1 to 365"):
        issue(anna, days=days)


@pytest.mark.parametrize("name", ["", "  ", "n" * 65])
def test_a_token_needs_a_name_that_can_be_shown(anna, name):
    with pytest.raises(ValidationError) as raised:
        issue(anna, name=name)
    assert list(raised.value.message_dict) == ["name"]


def test_an_inactive_person_gets_no_token():
    gone = UserFactory(is_active=False)
    with pytest.raises(ValidationError, match="not active"):
        token_issue(actor=None, user=gone, name="deploy", days=1, now=NOW)


def test_issue_and_revocation_are_audited_without_the_secret(anna):
    issued = issue(anna)
    token_revoke(actor=anna, token=issued.token, now=NOW)
    entries = AuditEntry.objects.order_by("id").values("action", "actor_name", "before", "after")
    assert [entry["action"] for entry in entries] == ["token.issue", "token.revoke"]
    assert {entry["actor_name"] for entry in entries} == {"anna"}
    assert issued.token.digest not in str(list(entries))


def test_a_person_sees_own_tokens_and_a_superuser_all(anna):
    other = issue(UserFactory()).token
    own = issue(anna).token
    assert list(ApiToken.objects.visible_to(anna)) == [own]
    superuser = UserFactory(is_superuser=True)
    assert set(ApiToken.objects.visible_to(superuser)) == {own, other}


@pytest.fixture
def place():
    """An OU that anna sees, and an account in it; used with ``limits_forgotten``."""
    account = AccountFactory(ou=(ou := OuFactory(name="Prod")), organization=ou.organization)
    with limits_forgotten():
        yield ou, account


def limited(anna, **limits):
    return token_issue(actor=None, user=anna, name="x", days=1, now=NOW, **limits)


def test_using_a_limited_token_limits_its_person_and_nobody_else(anna, place):
    ou, account = place
    other = AccountFactory(organization=ou.organization)
    GrantFactory(user=anna, organization=ou.organization)
    GrantFactory(user=(bert := UserFactory()), organization=ou.organization)
    use(limited(anna, ous=[ou]))
    assert set(Account.objects.visible_to(anna)) == {account}
    assert not can(anna, Permission.VIEW, other)
    assert set(Account.objects.visible_to(bert)) == {account, other}
    use(limited(anna))
    assert set(Account.objects.visible_to(anna)) == {account, other}


def test_a_limited_superuser_is_no_administrator_of_the_installation(place):
    ou, account = place
    root = UserFactory(is_superuser=True)
    use(limited(root, accounts=[account]))
    assert not can(root, Permission.ADMINISTER)
    assert can(root, Permission.ADMINISTER, account)
    assert not can(root, Permission.VIEW, AccountFactory(organization=ou.organization))
    with pytest.raises(Denied, match="manages no tokens"):
        issue(root)


def test_a_limit_is_audited(anna, place):
    ou, account = place
    GrantFactory(user=anna, organization=ou.organization)
    limited(anna, ous=[ou], accounts=[account], scopes=["read"])
    after = AuditEntry.objects.get().after
    assert (after["scopes"], after["limited_to"]) == (["read"], ["Prod", str(account)])


@pytest.mark.parametrize("scopes", [(), ("write",), ("read", "write")])
def test_scopes_that_are_none_are_refused(anna, scopes):
    with pytest.raises(ValidationError) as raised:
        token_issue(actor=None, user=anna, name="x", days=1, scopes=scopes, now=NOW)
    assert list(raised.value.message_dict) == ["scopes"]


def test_a_limit_beyond_the_person_is_refused(anna, place):
    for field, row in zip(("ous", "accounts"), place, strict=True):
        with pytest.raises(ValidationError) as raised:
            limited(anna, **{field: [row]})
        assert list(raised.value.message_dict) == [field]
