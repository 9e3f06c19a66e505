import re

import pytest


def answered_id(client, **headers):
    return client.get("/healthz", headers=headers)["X-Request-ID"]


def test_every_answer_carries_an_id_of_its_own(client):
    first, second = answered_id(client), answered_id(client)
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second


def test_the_id_of_a_proxy_is_kept(client):
    assert answered_id(client, x_request_id="proxy-17") == "proxy-17"


@pytest.mark.parametrize("given", ["two words", "a" * 129, "line\tbreak", '"}'])
def test_an_id_that_could_spoil_a_log_line_is_replaced(client, given):
    assert answered_id(client, x_request_id=given) != given
