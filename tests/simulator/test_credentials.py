import pytest

from simulator.credentials import (
    UnknownKey,
    principal_of,
    session_credentials,
    user_credentials,
)

ACCOUNT = "100000000003"


def test_a_users_key_says_its_account_and_never_expires():
    keys = user_credentials(ACCOUNT)
    principal = principal_of(keys.access_key_id, None)
    assert (principal.account_id, principal.role, principal.expires) == (ACCOUNT, None, None)
    assert principal.arn == f"arn:aws:iam::{ACCOUNT}:user/cairn"


def test_a_sessions_key_says_account_role_and_expiry():
    keys = session_credentials(ACCOUNT, "Scanner", "me", 1_800_000_000)
    principal = principal_of(keys.access_key_id, keys.session_token)
    assert principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/Scanner/me"
    assert principal.expires == 1_800_000_000


def test_keys_look_like_those_of_aws():
    keys = session_credentials(ACCOUNT, "Scanner", "me", 1_800_000_000)
    assert keys.access_key_id.startswith("ASIA")
    assert len(keys.access_key_id) == 20
    assert len(keys.secret_access_key) == 40


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", "AKIA", "", "AKIA" + "!" * 16])
def test_a_key_that_was_not_handed_out_is_unknown(key):
    with pytest.raises(UnknownKey):
        principal_of(key, None)


@pytest.mark.parametrize("token", [None, "", "nonsense", "bm9uc2Vuc2U="])
def test_a_sessions_key_needs_its_own_token(token):
    keys = session_credentials(ACCOUNT, "Scanner", "me", 1_800_000_000)
    with pytest.raises(UnknownKey):
        principal_of(keys.access_key_id, token)


def test_the_token_of_another_session_is_refused():
    mine, other = (session_credentials(ACCOUNT, "Scanner", "me", 10**9 + n) for n in (1, 2))
    with pytest.raises(UnknownKey):
        principal_of(mine.access_key_id, other.session_token)
