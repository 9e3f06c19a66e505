import os

import pytest

from portal.home import Occupied, is_free, occupied


def test_a_home_has_one_instance_at_a_time(tmp_path):
    with occupied(tmp_path / "home"):
        assert not is_free(tmp_path / "home")
        with pytest.raises(Occupied, match=str(os.getpid())), occupied(tmp_path / "home"):
            pass
    assert is_free(tmp_path / "home")


def test_to_ask_whether_a_home_is_free_does_not_take_it(tmp_path):
    assert is_free(tmp_path)
    with occupied(tmp_path):
        pass
