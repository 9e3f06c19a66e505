import base64
import hashlib
import uuid

import pytest
from django.utils import timezone

from accounts.models import ApiToken, Grant
from findings.models import Export
from tests.factories.accounts import GrantFactory
from tests.factories.findings import ExportFactory
from tests.portal.api.conftest import badly_refused, with_token
from workers.tasks.exports import write

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def body(world):
    return {"organization": str(world.ours.uid), "kind": "findings", "format": "jsonl"}


def test_one_is_asked_for_followed_and_fetched(api, world, body, client):
    caller = api("viewer of Prod")
    asked = caller.post("exports/", body | {"filters": {"state": "all", "severity": ""}})
    assert (asked.status, asked.body["state"]) == (202, "queued")
    assert asked.body["filters"] == {"state": "all", "severity": ""}
    export = Export.objects.get(uid=asked.body["uid"])
    write(export.pk)
    told = caller.get(f"exports/{export.uid}/").body
    assert (told["state"], told["rows_done"], told["rows_expected"]) == ("done", 1, 1)
    assert told["manifest"]["rows"] == 1
    assert told["manifest"]["last_scan"]["uid"] == str(world.scan.uid)
    assert not {"file", "token", "accounts"} & set(told)
    answer = client.get(f"/api/v1/exports/{export.uid}/download/")
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == told["sha256"]
    digest = base64.b64encode(bytes.fromhex(told["sha256"])).decode()
    export.refresh_from_db()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{export.file_name}"'
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_file_of_more_than_one_sees_now_is_refused(api, world, body):
    caller = api("viewer")
    export = Export.objects.get(uid=caller.post("exports/", body).body["uid"])
    write(export.pk)
    Grant.objects.filter(user=world.person("viewer")).update(ou=world.prod)
    answer = caller.get(f"exports/{export.uid}/download/")
    assert (answer.status, answer.type) == (409, "application/problem+json")
    assert "more than you still see" in answer.body["detail"]


def test_one_who_may_see_as_much_does_not_see_it(api, world, body):
    uid = api("viewer").post("exports/", body).body["uid"]
    assert api("administrator").get("exports/").results == []
    assert api("administrator").get(f"exports/{uid}/").status == 404
    assert [one["uid"] for one in api("viewer").get("exports/").results] == [uid]


def test_a_list_is_narrowed(api, world):
    viewer = world.person("viewer")
    GrantFactory(user=viewer, organization=world.theirs)
    ours = ExportFactory(organization=world.ours, asked_by=viewer)
    ExportFactory(organization=world.theirs, asked_by=viewer, kind="coverage")
    for query in ({"organization": world.ours.uid}, {"kind": "findings"}):
        found = api("viewer").get("exports/", **query).results
        assert [one["uid"] for one in found] == [str(ours.uid)]
    assert api("viewer").get("exports/", file="x").status == 400


def test_the_audit_log_is_for_administrators(api, body):
    assert api("contributor").post("exports/", body | {"kind": "audit"}).status == 403
    assert api("administrator").post("exports/", body | {"kind": "audit"}).status == 202


BAD_INPUT = [
    ({"kind": "passwords"}, "kind"),
    ({"format": "pdf"}, "format"),
    ({"organization": "x"}, "organization"),
    ({"filters": {"stat": "all"}}, "filters.stat"),
    ({"filters": {"state": "half"}}, "filters.state"),
    ({"filters": {"suppressed": "maybe"}}, "filters.suppressed"),
    ({"filters": {"search": "a\0b"}}, "filters.search"),
    ({"filters": {"search": "x" * 3000}}, "filters.search"),
    ({"filters": {"search": {"x": 1}}}, "filters.search"),
    ({"filters": "all"}, "filters"),
    ({"filters": {"state": "all"}, "kind": "coverage"}, "filters"),
    ({"kind": "coverage", "format": "ocsf"}, ""),
    ({"path": "/etc/passwd"}, "path"),
]


def test_bad_input_is_told_by_field_and_saves_nothing(api, body):
    caller = api("viewer")

    def ask(changes):
        return caller.post("exports/", body | changes)

    assert badly_refused(ask, BAD_INPUT, Export) == {}


def test_an_organization_that_one_does_not_see_is_none(api, world, body):
    for uid in (world.theirs.uid, uuid.uuid4()):
        assert api("viewer").post("exports/", body | {"organization": str(uid)}).status == 404


def test_one_is_cancelled_once(api, body):
    caller = api("viewer")
    uid = caller.post("exports/", body).body["uid"]
    assert caller.post(f"exports/{uid}/cancel/").body["state"] == "cancelled"
    again = caller.post(f"exports/{uid}/cancel/")
    assert (again.status, again.body["detail"]) == (409, "It has ended already.")


@pytest.fixture
def of_an_administrator(world):
    """With a token that is limited to Prod, in which one of two findings is."""
    return with_token(world.person("administrator"), ous=[world.prod])


def test_a_limited_token_is_given_what_it_reaches_and_told_of_nothing_else(
    api, world, body, of_an_administrator
):
    asked = of_an_administrator.post("exports/", body | {"filters": {"state": "all"}})
    whole = api("administrator").post("exports/", body | {"filters": {"state": "all"}})
    for export in Export.objects.all():
        write(export.pk)
    own, other = (f"exports/{answer.body['uid']}/" for answer in (asked, whole))
    told = of_an_administrator.get(own).body
    everything = api("administrator").get(other).body["rows_done"]
    assert (told["state"], told["rows_done"], told["rows_expected"]) == ("done", 1, 1)
    assert everything == 2
    assert [one["uid"] for one in of_an_administrator.get("exports/").results] == [told["uid"]]
    for path in (other, f"{other}download/"):
        assert of_an_administrator.get(path).status == 404
    assert of_an_administrator.post(f"{other}cancel/").status == 404
    assert len(api("administrator").get("exports/").results) == 2


def test_what_a_revoked_token_asked_for_is_not_written(world, body, of_an_administrator):
    of_an_administrator.post("exports/", body)
    ApiToken.objects.update(revoked_at=timezone.now())
    export = Export.objects.get()
    write(export.pk)
    export.refresh_from_db()
    assert (export.state, export.file) == ("failed", "")
    assert "token" in export.error
