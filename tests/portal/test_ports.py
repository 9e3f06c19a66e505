from portal.ports import free_port, listen


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
