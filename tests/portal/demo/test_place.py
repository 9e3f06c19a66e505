from portal import settings
from portal.demo.place import environment, forget, free_home
from portal.home import occupied

REAL = {
    "PATH": "/bin",
    "DATABASE_URL": "postgresql://real",
    "BROKER_URL": "redis://real",
    "SECRET_KEY": "real",
    "AWS_PROFILE": "production",
    "AWS_SESSION_TOKEN": "real",
    "CAIRN_BASE_PATH": "/cairn",
}


def test_nothing_of_a_real_cairn_or_of_real_credentials_reaches_a_demo(tmp_path):
    apart = environment(REAL, settings=settings.env.names, home=tmp_path, simulator=1234)
    assert apart["PATH"] == "/bin"
    assert apart["CAIRN_HOME"] == str(tmp_path)
    assert apart["CAIRN_AWS_ENDPOINT_URL"] == "http://127.0.0.1:1234"
    assert apart["CAIRN_ENV_FILE"] == ""
    assert not set(apart) & (set(REAL) - {"PATH"})


def test_a_second_demo_gets_a_home_of_its_own(tmp_path):
    first = free_home(tmp_path)
    with occupied(first):
        second = free_home(tmp_path)
    assert (first.name, second.name) == ("demo", "demo-2")
    assert free_home(tmp_path) == first


def test_a_fresh_demo_keeps_only_lock_and_secret_key(tmp_path):
    for name in ("lock", "secret_key", "cairn.sqlite3", "epoch"):
        (tmp_path / name).touch()
    (tmp_path / "broker").mkdir()
    forget(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"lock", "secret_key"}
