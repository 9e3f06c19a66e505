from concurrent.futures import ThreadPoolExecutor

from portal.secret_key import secret_key_of


def test_those_who_ask_at_the_same_moment_get_the_same_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: secret_key_of(tmp_path / "home"), range(32)))
    assert len(set(keys)) == 1


def test_every_home_has_a_key_of_its_own(tmp_path):
    assert secret_key_of(tmp_path / "one") != secret_key_of(tmp_path / "two")


def test_no_draft_is_left(tmp_path):
    secret_key_of(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
