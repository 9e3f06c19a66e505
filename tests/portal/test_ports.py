from argparse import ArgumentTypeError

import pytest

from portal.ports import free_port, listen, port_number


def test_the_usual_port_is_taken_when_it_is_free():
    port = free_port(0)
    with listen("127.0.0.1", port) as listener:
        assert listener.getsockname()[1] == port


def test_another_port_is_found_when_it_is_taken():
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with listen("127.0.0.1", port) as second:
            assert second.getsockname()[1] != port
        assert free_port(port) != port


def test_a_port_is_a_number_that_a_socket_takes():
    assert [port_number(text) for text in ("0", "8000", "65535")] == [0, 8000, 65535]


@pytest.mark.parametrize("text", ["", "-1", "x", "8e3", "65536", "\u0661", "9" * 5000])
def test_anything_else_is_no_port(text):
    with pytest.raises(ArgumentTypeError, match="is not a port"):
        port_number(text)
