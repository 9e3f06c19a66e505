import pytest

from portal.demo.client import Api, ApiRefused, over_http
from portal.demo.serving import served
from portal.ports import free_port


@pytest.mark.django_db
def test_the_portal_answers_for_a_moment():
    with served() as url:
        api = Api(over_http(url), "cairn_nobody")
        with pytest.raises(ApiRefused, match=r"GET incidents/: 401 .*unknown, expired or revoked"):
            api.get("incidents/")
    with pytest.raises(OSError, match="refused"):
        api.get("incidents/")


def test_what_is_no_portal_is_refused(short_path):
    with pytest.raises(OSError, match="refused"):
        Api(over_http(f"http://127.0.0.1:{free_port(0)}"), "t").get("incidents/")
