import pytest

from portal.base_path import BasePath


def path_seen(base_path, path):
    seen = []
    BasePath(lambda environ, start: seen.append(environ["PATH_INFO"]) or [], base_path)(
        {"PATH_INFO": path}, None
    )
    return seen[0]


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/cairn/accounts/", "/accounts/"),
        ("/cairn/", "/"),
        ("/cairn", "/"),
        ("/accounts/", "/accounts/"),
        ("/cairns/", "/cairns/"),
    ],
)
def test_the_base_path_is_taken_away_where_the_proxy_left_it(path, seen):
    assert path_seen("/cairn", path) == seen


def test_without_a_base_path_nothing_changes():
    assert path_seen("", "/cairn/") == "/cairn/"
