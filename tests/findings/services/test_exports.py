import csv
import datetime as dt
import hashlib
import io
import json
import os
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Denied
from accounts.models import AuditEntry, Grant
from findings.checks.base import built_in
from findings.models import EvidenceBlob, Export
from findings.services import export_writing, exports
from findings.services.export_writing import export_write
from findings.services.exports import (
    ExportRefused,
    export_cancel,
    export_claim,
    export_open,
    exports_expire,
    exports_waiting,
)
from findings.services.sweeping import work_left_behind
from tests.factories.findings import EpisodeFactory, ExportFactory, FindingFactory
from tests.findings.services.exporting import NOW, asked, written
from tests.portal.world import World

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world_of_module(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(world_of_module, db):
    return world_of_module.again()


@pytest.fixture
def ask(world):
    def of(who="viewer", kind="findings", format="jsonl", **filters):
        return asked(world.person(who), world.ours, kind, format, **filters)

    return of


@pytest.fixture
def write(tmp_path):
    return lambda export, now=NOW: written(export, tmp_path, now=now)


@pytest.fixture
def made(ask, write, tmp_path):
    """Ask for an export, write it, and give its lines."""

    def of(*arguments, **options):
        export = write(ask(*arguments, **options))
        assert (export.state, export.error) == ("done", "")
        content = (tmp_path / export.file).read_bytes()
        assert export.sha256 == hashlib.sha256(content).hexdigest()
        assert export.size == len(content)
        return content

    return of


def rows(content):
    return [json.loads(line) for line in content.splitlines()]


def names(content):
    return {row["account_name"] for row in rows(content)}


def left(directory):
    return [path.name for path in directory.iterdir()] if directory.exists() else []


@pytest.mark.parametrize(
    ("who", "seen"), [("viewer", {"shop", "sandbox"}), ("viewer of Prod", {"shop"})]
)
@pytest.mark.parametrize("kind", ["findings", "scorecards", "coverage"])
def test_one_is_told_of_the_accounts_that_one_sees(made, who, seen, kind):
    assert names(made(who, kind=kind)) == seen


def test_findings_are_those_of_the_list_with_its_filter(made, world):
    FindingFactory(account=world.shop, is_open=False, evidence_status="pass", resource="closed")
    other = FindingFactory(account=world.shop, severity="low", severity_rank=3, resource="low")
    EpisodeFactory(finding=other, workflow="triaged")
    assert len(rows(made())) == 3
    assert {row["resource"] for row in rows(made(state="closed"))} == {"closed"}
    assert len(rows(made(state="all"))) == 4
    low = rows(made(severity="low"))
    assert [(row["resource"], row["workflow"]) for row in low] == [("low", "triaged")]


def test_a_csv_has_the_same_rows_and_runs_nothing(made, world):
    FindingFactory(account=world.shop, resource="=HYPERLINK(1)\r\nx", severity="low")
    text = made(format="csv_bom", severity="low").decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["resource"] == "'=HYPERLINK(1)\nx"
    assert row["account_id"] == world.shop.account_id


def test_coverage_tells_what_was_collected_when(made):
    told = rows(made(kind="coverage"))
    trails = [row for row in told if row["kind"] == "cloudtrail.trail"]
    assert trails
    assert all(row["gap"] or row["collected_at"] for row in trails)


def test_scorecards_tell_each_cut(made):
    told = rows(made("viewer of Prod", kind="scorecards"))
    assert {row["cut"] for row in told} >= {"total", "phase", "row", "question"}
    assert next(row for row in told if row["cut"] == "total")["failed"] == 1


def test_the_audit_log_is_for_administrators(made, ask):
    for who in ("viewer", "contributor", "viewer of Prod"):
        with pytest.raises(Denied):
            ask(who, kind="audit")
    told = rows(made("administrator", kind="audit"))
    assert [(row["actor"], row["action"]) for row in told] == [("administrator", "export.request")]


def test_personal_fields_of_the_audit_log_are_left_out(made, world):
    AuditEntry.objects.create(
        organization=world.ours, action="x.y", after={"email": "a@example.com", "state": "on"}
    )
    content = made("administrator", kind="audit")
    assert rows(content)[0]["after"] == {"state": "on"}
    assert b"example.com" not in content


def test_a_pack_can_be_verified_and_names_no_hash_of_what_is_stored(made, world):
    with zipfile.ZipFile(io.BytesIO(made("viewer of Prod", format="evidence"))) as pack:
        assert pack.testzip() is None
        sums = dict(reversed(s.split("  ")) for s in pack.read("SHA256SUMS").decode().splitlines())
        found = {name: pack.read(name) for name in pack.namelist() if name != "SHA256SUMS"}
    assert {name: hashlib.sha256(body).hexdigest() for name, body in found.items()} == sums
    scan = world.scan
    place = f"{scan.uid}/{world.shop.account_id}/eu-west-1"
    (trail,) = json.loads(found[f"evidence/{place}/cloudtrail.trail.json"])
    assert trail["is_logging"] is False
    assert json.loads(found[f"manifests/{place}.json"])["cloudtrail.trail"]["gaps"] == []
    assert json.loads(found["scans.json"])[0]["digest"] == scan.digest
    everything = b"".join(found.values())
    assert world.sandbox.account_id.encode() not in everything
    stored = EvidenceBlob.objects.values_list("sha256", flat=True)
    assert not [sha256 for sha256 in stored if sha256.encode() in everything]


def test_a_pack_that_would_hold_too_much_is_refused(ask, write, monkeypatch, tmp_path):
    monkeypatch.setattr("findings.services.evidence_pack.MOST_FINDINGS", 1)
    export = write(ask(format="evidence"))
    assert export.state == "failed"
    assert "at most 1 findings. Narrow the filter" in export.error
    assert left(tmp_path) == []


def test_what_is_asked_has_to_fit(ask):
    with pytest.raises(ValidationError, match="Only findings are exported in this format"):
        ask(kind="scorecards", format="ocsf")
    with pytest.raises(ValidationError, match="Only findings are narrowed"):
        ask(kind="scorecards", severity="low")
    with pytest.raises(ValidationError, match="not a valid choice"):
        ask(format="pdf")
    for who in ("stranger", "nobody"):
        with pytest.raises(Denied):
            ask(who)
    assert not Export.objects.exists()


def test_one_person_has_only_so_many_at_once(ask):
    for _ in range(exports.MOST_LIVE):
        ask()
    with pytest.raises(ExportRefused, match="not done yet"):
        ask()
    assert ask("administrator")


def test_the_file_is_given_to_its_asker_and_audited(ask, write, world, tmp_path):
    export = write(ask())
    path = export_open(actor=world.person("viewer"), export=export, directory=tmp_path, now=NOW)
    assert path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["export.request", "export.download"]


def test_a_file_is_not_given_to_who_has_lost_an_account_of_it(ask, write, world, tmp_path):
    export, viewer = write(ask()), world.person("viewer")
    Grant.objects.filter(user=viewer).update(ou=world.prod)
    with pytest.raises(ExportRefused, match="more than you still see"):
        export_open(actor=viewer, export=export, directory=tmp_path, now=NOW)
    Grant.objects.filter(user=viewer).delete()
    assert not Export.objects.visible_to(viewer).exists()
    with pytest.raises(Denied):
        export_open(actor=viewer, export=export, directory=tmp_path, now=NOW)


def test_the_audit_log_is_not_given_to_who_administers_no_longer(ask, write, world, tmp_path):
    export, who = write(ask("administrator", kind="audit")), world.person("administrator")
    Grant.objects.filter(user=who).update(role="viewer")
    with pytest.raises(Denied):
        export_open(actor=who, export=export, directory=tmp_path, now=NOW)


def test_who_lost_access_before_it_runs_is_told_nothing(ask, write, world, tmp_path):
    export = ask()
    Grant.objects.filter(user=world.person("viewer")).delete()
    assert write(export).state == "failed"
    assert "may see nothing" in export.error
    assert left(tmp_path) == []


def test_what_may_be_seen_is_decided_when_it_runs(ask, write, world, tmp_path):
    export = ask()
    Grant.objects.filter(user=world.person("viewer")).update(ou=world.prod)
    content = (tmp_path / write(export).file).read_bytes()
    assert names(content) == {"shop"}


def test_access_lost_while_it_runs_is_noticed_with_the_next_batch(
    ask, write, world, tmp_path, monkeypatch
):
    export, viewer = ask(), world.person("viewer")
    monkeypatch.setattr("findings.selectors.export_batches.BATCH", 1)
    progress = export_writing.export_progress

    def lose(**told):
        Grant.objects.filter(user=viewer).delete()
        return progress(**told)

    monkeypatch.setattr(export_writing, "export_progress", lose)
    assert write(export).rows_done == 0


def test_queries_are_constant_in_the_rows_of_a_batch(
    ask, write, world, django_assert_max_num_queries
):
    FindingFactory.create_batch(30, account=world.shop)
    export = ask()
    with django_assert_max_num_queries(26):
        write(export)
    assert export.rows_done == 32


def test_a_second_task_leaves_it_alone_until_the_lease_is_over(ask):
    export = ask()
    first = export_claim(export_id=export.pk, now=NOW)
    assert first.state == "running"
    assert export_claim(export_id=export.pk, now=NOW + MINUTE) is None
    assert export_claim(export_id=export.pk, now=NOW + exports.LEASE).attempts == 2


def test_one_that_was_killed_is_begun_again_and_the_first_owner_writes_nothing(
    ask, write, tmp_path
):
    export = ask()
    late = export_claim(export_id=export.pk, now=NOW)
    (tmp_path / "dead.part").write_text("half")
    done = write(export, now=NOW + exports.LEASE)
    assert done.state == "done"
    export_write(
        export=late, registry=built_in(), directory=tmp_path, operations={}, clock=lambda: NOW
    )
    assert sorted(left(tmp_path)) == sorted(["dead.part", done.file])
    export.refresh_from_db()
    assert export.sha256 == done.sha256


def test_what_a_lost_message_left_is_sent_again_and_given_up_after_three_times(ask):
    export = ask()
    work = ("workers.tasks.exports.write", export.pk)
    assert work in work_left_behind(registry=built_in(), now=NOW)
    for attempt in range(exports.MOST_ATTEMPTS):
        assert export_claim(export_id=export.pk, now=NOW + attempt * exports.LEASE)
        assert exports_waiting(now=NOW + attempt * exports.LEASE) == []
    assert exports_waiting(now=NOW + DAY) == []
    export.refresh_from_db()
    assert (export.state, export.finished_at) == ("failed", NOW + DAY)


def test_cancelling_ends_it_while_it_is_written(ask, write, world, tmp_path, monkeypatch):
    export, viewer = ask(), world.person("viewer")
    progress = export_writing.export_progress

    def cancel(**told):
        if told["done"]:
            export_cancel(actor=viewer, export=export, now=NOW)
        return progress(**told)

    monkeypatch.setattr(export_writing, "export_progress", cancel)
    assert write(export).state == "cancelled"
    assert left(tmp_path) == []
    with pytest.raises(ExportRefused, match="ended already"):
        export_cancel(actor=viewer, export=export, now=NOW)


def test_others_do_not_cancel_it(ask, world):
    export = ask()
    with pytest.raises(ExportRefused):
        export_cancel(actor=world.person("administrator"), export=export, now=NOW)


def test_a_bug_leaves_no_file_and_is_raised(ask, write, tmp_path, monkeypatch):
    monkeypatch.setattr(export_writing, "_write_lines", lambda *_: 1 / 0)
    export = ask()
    with pytest.raises(ZeroDivisionError):
        write(export)
    assert left(tmp_path) == []


def test_files_are_deleted_when_their_days_are_over(ask, write, world, tmp_path):
    export, waiting = write(ask()), ask()
    (tmp_path / "stray.part").write_text("half")
    os.utime(tmp_path / "stray.part", (0, 0))

    def expire(after):
        return exports_expire(directory=tmp_path, days=7, rows_days=30, now=NOW + after)

    assert expire(7 * DAY) == 0
    assert left(tmp_path) == [export.file]
    assert expire(8 * DAY) == 1
    assert left(tmp_path) == []
    export.refresh_from_db()
    assert (export.state, export.file) == ("expired", "")
    with pytest.raises(ExportRefused, match="is expired"):
        export_open(
            actor=world.person("viewer"), export=export, directory=tmp_path, now=NOW + 8 * DAY
        )
    expire(31 * DAY)
    assert list(Export.objects.all()) == [waiting]


def test_a_file_that_is_elsewhere_is_said_to_be(ask, write, world, tmp_path):
    export = write(ask())
    with pytest.raises(ExportRefused, match="not on this machine"):
        export_open(actor=world.person("viewer"), export=export, directory=tmp_path / "x", now=NOW)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("export_has_a_file_only_when_done", {"state": "done", "finished_at": NOW}),
        ("export_has_a_file_only_when_done", {"file": "x"}),
        ("export_has_an_end_when_ended", {"state": "failed"}),
        ("export_running_has_an_owner", {"state": "running"}),
        ("export_format_fits_its_kind", {"kind": "audit", "format": "ocsf"}),
    ],
)
def test_the_database_refuses_what_cannot_be(name, fields):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ExportFactory(**fields)
