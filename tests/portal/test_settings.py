"""The settings as a user meets them: in a process of their own, through manage.py."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOW = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


@pytest.fixture
def start(short_path):
    def run(*arguments, **variables):
        inherited = {name: os.environ[name] for name in ("PATH",)}
        fixed = {"CAIRN_ENV_FILE": "", "CAIRN_HOME": str(short_path / "home")}
        fixed["DJANGO_SETTINGS_MODULE"] = "portal.settings"
        return subprocess.run(
            [sys.executable, *arguments],
            env=inherited | fixed | variables,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def settings_with(start):
    def load(*names, **variables):
        ended = start("-c", SHOW, *names, **variables)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    return load


@pytest.mark.parametrize(
    "command", [("manage.py", "check"), ("-m", "celery", "-A", "portal", "report")]
)
def test_a_typo_ends_every_program_with_a_sentence_and_no_traceback(start, command):
    ended = start(*command, CARIN_LOG_LEVEL="DEBUG")
    assert ended.returncode == 1
    assert ended.stderr == (
        "Cairn cannot start:\nCARIN_LOG_LEVEL is not a setting of Cairn. Did you mean "
        "CAIRN_LOG_LEVEL? .env.example has them all.\n"
    )


def test_with_a_broker_of_its_own_every_machine_needs_the_same_secret(start):
    ended = start("manage.py", "check", BROKER_URL="redis://broker/0")
    assert ended.returncode == 1
    assert "SECRET_KEY is not set" in ended.stderr


def test_the_secret_of_an_embedded_cairn_is_made_once_for_its_owner_alone(
    settings_with, short_path
):
    first, second = settings_with("SECRET_KEY"), settings_with("SECRET_KEY")
    assert first == second
    assert len(first["SECRET_KEY"]) >= 50
    assert stat.S_IMODE((short_path / "home" / "secret_key").stat().st_mode) == 0o600


def test_embedded_is_the_default_with_sqlite_and_a_broker_on_a_socket(settings_with, short_path):
    found = settings_with("EMBEDDED", "CELERY_BROKER_URL", "DATABASES", "SESSION_COOKIE_SECURE")
    assert found["EMBEDDED"] is True
    assert found["CELERY_BROKER_URL"] == f"redis+socket://{short_path}/home/broker/broker.sock"
    assert found["DATABASES"]["default"]["NAME"] == f"{short_path}/home/cairn.sqlite3"
    assert found["SESSION_COOKIE_SECURE"] is False


def test_distributed_takes_the_addresses_and_wants_https(settings_with):
    found = settings_with(
        "EMBEDDED",
        "DATABASES",
        "SESSION_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS",
        BROKER_URL="redis://broker/0",
        DATABASE_URL="postgresql://cairn:secret@db:5432/cairn",
        SECRET_KEY="long and random",
    )
    assert found["EMBEDDED"] is False
    assert found["DATABASES"]["default"]["HOST"] == "db"
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["SECURE_HSTS_SECONDS"] > 0


def test_https_redirects_only_behind_a_trusted_proxy(settings_with):
    alone = settings_with("SECURE_SSL_REDIRECT", CAIRN_HTTPS="true")
    behind = settings_with("SECURE_SSL_REDIRECT", CAIRN_HTTPS="true", CAIRN_TRUST_PROXY="true")
    assert (alone["SECURE_SSL_REDIRECT"], behind["SECURE_SSL_REDIRECT"]) == (False, True)


def test_a_base_path_moves_links_cookies_and_sign_in(settings_with):
    found = settings_with(
        "FORCE_SCRIPT_NAME", "SESSION_COOKIE_PATH", "LOGIN_REDIRECT_URL", CAIRN_BASE_PATH="/cairn"
    )
    assert found == {
        "FORCE_SCRIPT_NAME": "/cairn",
        "SESSION_COOKIE_PATH": "/cairn",
        "LOGIN_REDIRECT_URL": "/cairn/",
    }


def test_kept_days_can_be_set_kind_by_kind(settings_with):
    kept = settings_with("RETENTION_DAYS", CAIRN_RETENTION_DAYS="call_log=7")["RETENTION_DAYS"]
    assert kept["call_log"] == 7
    assert kept["scan"] == 400


def test_without_a_mail_server_there_is_no_mail_and_with_one_it_is_spoken_to_by_tls(settings_with):
    assert settings_with("EMAIL_HOST") == {"EMAIL_HOST": ""}
    server = {
        "CAIRN_SMTP_HOST": "smtp.example.com",
        "CAIRN_EMAIL_FROM": "Cairn <cairn@example.com>",
        "CAIRN_PUBLIC_URL": "https://cairn.example.com",
    }
    names = ("EMAIL_PORT", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
    found = settings_with(*names, **server)
    assert found == {"EMAIL_PORT": 587, "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False}
    found = settings_with(*names, **server, CAIRN_SMTP_TLS="tls")
    assert found == {"EMAIL_PORT": 465, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"CAIRN_EMAIL_FROM": ""}, "CAIRN_EMAIL_FROM and CAIRN_PUBLIC_URL are needed"),
        ({"CAIRN_PUBLIC_URL": ""}, "CAIRN_EMAIL_FROM and CAIRN_PUBLIC_URL are needed"),
        ({"CAIRN_EMAIL_FROM": "nobody"}, "Give an address such as"),
        ({"CAIRN_SMTP_TLS": "maybe"}, "Choose one of NONE, STARTTLS, TLS."),
        ({"CAIRN_SMTP_TLS": "none", "CAIRN_SMTP_USER": "x"}, "its password is sent in clear"),
    ],
)
def test_what_is_wrong_with_the_mail_server_is_told(start, changes, sentence):
    server = {
        "CAIRN_SMTP_HOST": "smtp.example.com",
        "CAIRN_EMAIL_FROM": "cairn@example.com",
        "CAIRN_PUBLIC_URL": "https://cairn.example.com",
    }
    ended = start("manage.py", "check", **{**server, **changes})
    assert ended.returncode == 1
    assert sentence in ended.stderr


def test_every_setting_is_in_the_example_and_the_example_has_no_other():
    from portal import settings

    example = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {line.lstrip("# ").partition("=")[0] for line in example if "=" in line}
    assert named >= settings.env.names - {"CAIRN_ENV_FILE"}
    assert {n for n in named if n.startswith("CAIRN_")} <= settings.env.names
