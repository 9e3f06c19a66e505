import pytest

from workers.trackers import registry
from workers.trackers.base import Access
from workers.trackers.registry import tracker_kind, tracker_of


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    registry._load()  # real adapters register where they will be looked for
    monkeypatch.setattr(registry, "_FACTORIES", {})


def test_a_kind_has_one_adapter_that_is_given_the_access():
    access = Access(base_url="https://tracker.example.com", credentials={"token": "secret"})
    tracker_kind("lab")(lambda given: ("adapter", given))  # type: ignore[arg-type]
    assert tracker_of("lab", access) == ("adapter", access)
    with pytest.raises(ValueError, match="two adapters for lab"):
        tracker_kind("lab")(lambda given: given)  # type: ignore[arg-type]


def test_a_kind_without_an_adapter_is_told():
    with pytest.raises(LookupError, match="no adapter for fax"):
        tracker_of("fax", Access(base_url=""))


def test_credentials_are_not_in_the_words_of_an_access():
    assert "secret" not in repr(Access(base_url="", credentials={"token": "secret"}))
