import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.environment import Environment, unknown_names

KNOWN = ["CAIRN_HOME", "CAIRN_LOG_LEVEL", "DATABASE_URL", "DEBUG"]


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch):
    for name in list(os.environ):
        monkeypatch.delenv(name)
    return monkeypatch


def complaints(environment):
    with pytest.raises(ImproperlyConfigured) as raised:
        environment.finish()
    return str(raised.value).splitlines()


@pytest.mark.parametrize(
    ("name", "value", "read", "sentence"),
    [
        (
            "DEBUG",
            "maybe",
            lambda e: e.flag("DEBUG", False),
            'DEBUG is "maybe". Use true or false.',
        ),
        (
            "PORT",
            "99999",
            lambda e: e.number("PORT", 1, minimum=1, maximum=65535),
            'PORT is "99999". Give a whole number from 1 to 65535.',
        ),
        (
            "PORT",
            "eighty",
            lambda e: e.number("PORT", 1, minimum=1, maximum=65535),
            'PORT is "eighty". Give a whole number from 1 to 65535.',
        ),
        (
            "LEVEL",
            "loud",
            lambda e: e.choice("LEVEL", "INFO", ("INFO", "DEBUG")),
            'LEVEL is "loud". Choose one of DEBUG, INFO.',
        ),
        (
            "KEPT",
            "scna=3",
            lambda e: e.numbers("KEPT", {"scan": 1}),
            'KEPT is "scna=3". Give pairs such as scan=1; the kinds are scan.',
        ),
        (
            "KEPT",
            "scan=-3",
            lambda e: e.numbers("KEPT", {"scan": 1}),
            'KEPT is "scan=-3". Give pairs such as scan=1; the kinds are scan.',
        ),
    ],
)
def test_a_bad_value_is_one_sentence_that_says_what_to_do(
    empty_environment, name, value, read, sentence
):
    empty_environment.setenv(name, value)
    environment = Environment(None)
    read(environment)
    assert complaints(environment) == [sentence]


def test_an_address_is_never_repeated_because_it_may_hold_a_password(empty_environment):
    empty_environment.setenv("DATABASE_URL", "mysql://cairn:hunter2@db/cairn")
    environment = Environment(None)
    environment.url("DATABASE_URL", schemes=("postgresql", "sqlite"))
    assert complaints(environment) == [
        "DATABASE_URL is not valid. Give an address that begins with postgresql:// or sqlite://."
    ]


def test_everything_that_is_wrong_is_said_at_once(empty_environment):
    empty_environment.setenv("DEBUG", "maybe")
    empty_environment.setenv("CAIRN_HOOM", "x")
    environment = Environment(None)
    environment.flag("DEBUG", False)
    environment.text("CAIRN_HOME")
    environment.wrong("A and B exclude each other.")
    assert len(complaints(environment)) == 3


def test_good_values_are_read_and_defaults_stand_for_what_is_not_set(empty_environment):
    empty_environment.setenv("NUMBER", "7")
    empty_environment.setenv("LIST", "a, b,,c")
    empty_environment.setenv("KEPT", "scan=3")
    empty_environment.setenv("EMPTY", "")
    environment = Environment(None)
    assert environment.number("NUMBER", 1, minimum=0, maximum=9) == 7
    assert environment.texts("LIST") == ["a", "b", "c"]
    assert environment.numbers("KEPT", {"scan": 1, "event": 2}) == {"scan": 3, "event": 2}
    assert environment.text("EMPTY", "the default") == "the default"
    assert environment.flag("NOT_SET", True) is True
    environment.finish()


def test_a_variable_that_is_set_wins_over_the_file(empty_environment, tmp_path):
    file = tmp_path / ".env"
    file.write_text("ONE=file\nTWO=file\n")
    empty_environment.setenv("ONE", "environment")
    empty_environment.setenv("TWO", "cleared")  # so that what the file sets is undone afterwards
    empty_environment.delenv("TWO")
    environment = Environment(file)
    assert (environment.text("ONE"), environment.text("TWO")) == ("environment", "file")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("CARIN_LOG_LEVEL", "CAIRN_LOG_LEVEL"),
        ("CAIRN_LOGLEVEL", "CAIRN_LOG_LEVEL"),
        ("CAIRNS_HOME", "CAIRN_HOME"),
        ("CARIN_REGION", "CAIRN_"),
    ],
)
def test_a_typo_in_the_environment_is_named_with_the_nearest_setting(name, nearest):
    (sentence,) = unknown_names([name], [], KNOWN)
    assert sentence.startswith(f"{name} is not a setting of Cairn. Did you mean {nearest}")


def test_in_the_file_a_typo_of_any_setting_is_named():
    (sentence,) = unknown_names([], ["DATABSE_URL"], KNOWN)
    assert "Did you mean DATABASE_URL?" in sentence


@pytest.mark.parametrize("name", ["PATH", "AWS_REGION", "CAIRN_TEST_DATABASE", "CI", "LC_ALL"])
def test_variables_of_others_are_left_alone(name):
    assert unknown_names([name], [name], KNOWN) == []
