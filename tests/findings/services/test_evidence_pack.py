"""What an evidence pack holds, and that its reader can rely on it."""

import hashlib
import io
import json
import zipfile
from pathlib import PurePosixPath

import pytest

from findings.facts.base import AWS_GLOBAL
from findings.models import EvidenceBlob, Finding, RegionState
from findings.services import evidence_pack
from tests.factories.accounts import GrantFactory, UserFactory
from tests.findings.services.exporting import asked, content
from tests.findings.services.lab import Lab, box, denied, only

pytestmark = pytest.mark.django_db
OPEN = box(is_sealed=False)


class Pack:
    """The entries of a pack, each verified against its sum."""

    def __init__(self, body):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            assert archive.testzip() is None
            self.entries = {name: archive.read(name) for name in archive.namelist()}
            assert len(self.entries) == len(archive.namelist())
        lines = self.entries["SHA256SUMS"].decode().splitlines()
        sums = {name: sha256 for sha256, name in (line.split("  ") for line in lines)}
        held = {n: hashlib.sha256(b).hexdigest() for n, b in self.entries.items()}
        assert held == sums | {"SHA256SUMS": held["SHA256SUMS"]}

    def json(self, start):
        (name,) = (name for name in self.entries if name.startswith(start))
        return json.loads(self.entries[name])

    def lines(self, name):
        return [json.loads(line) for line in self.entries[name].splitlines()]


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed", "account_has_shelf_for_boxes"))


@pytest.fixture
def body(lab, tmp_path):
    """The bytes of a pack of all findings, as somebody who sees the whole organization gets it."""
    viewer = GrantFactory(user=UserFactory(username="auditor"), organization=lab.organization).user

    def of(registry=None, **filters):
        export = asked(viewer, lab.organization, format="evidence", **filters)
        return content(export, tmp_path, registry=registry or lab.registry)

    return of


def test_it_tells_whose_it_is_and_what_stands_behind_each_finding(lab, body):
    scan = lab.scan(OPEN)
    pack = Pack(body(severity="high"))
    told = pack.json("export.json")
    assert told["asked_by"] == "auditor"
    assert told["filters"] == {"severity": "high"}
    assert told["organization"]["uid"] == str(lab.organization.uid)
    behind = {one["check"]: one for one in pack.lines("behind.jsonl")}
    place = f"{scan.uid}/{lab.account.account_id}/eu-west-1/lab.box"
    assert behind["box_is_sealed"]["behind"] == [place]
    assert behind["box_is_sealed"]["not_collected"] == []
    assert pack.json(f"evidence/{place}")[0]["is_sealed"] is False
    assert {one["uid"] for one in pack.lines("findings.jsonl")} == {
        one["finding"] for one in behind.values()
    }


def test_the_same_rows_make_the_same_bytes(lab, body):
    lab.scan(OPEN, box("b", is_sealed=False))
    assert body() == body()


def test_what_could_not_be_collected_is_told_with_its_reason(lab, body):
    lab.scan(OPEN)
    lab.wait(days=1).scan(facts={"lab.box": denied()})
    manifest = Pack(body(check="box_is_sealed")).json("manifests/")
    (gap,) = manifest["lab.box"]["gaps"]
    assert (gap["reason"], gap["operation"]) == ("access_denied", "lab:ListBoxes")
    assert "evidence" not in manifest["lab.box"]


def test_what_was_never_collected_is_named(lab, body):
    lab.scan(OPEN)
    RegionState.objects.filter(region=AWS_GLOBAL).update(sources={})
    (behind,) = Pack(body(check="account_has_shelf_for_boxes")).lines("behind.jsonl")
    assert behind["not_collected"] == ["lab.shelf"]


def test_what_is_no_longer_kept_is_told_as_such(lab, body):
    lab.scan(OPEN)
    EvidenceBlob.objects.all().delete()
    pack = Pack(body(check="box_is_sealed"))
    assert pack.json("manifests/")["lab.box"]["evidence"] is None
    assert not [name for name in pack.entries if name.startswith("evidence/")]


def test_a_finding_whose_check_is_gone_has_no_evidence_and_says_so(lab, body):
    lab.scan(OPEN)
    behind = Pack(body(registry=only("box_is_new"))).lines("behind.jsonl")
    assert {(one["in_catalogue"], len(one["behind"])) for one in behind} == {(False, 0)}


@pytest.mark.parametrize("region", ["../../../etc/x", "/etc", "..", "a\\..\\b", "a/../../b", "c:x"])
def test_no_entry_leaves_the_directory_it_is_unpacked_in(body, lab, region, tmp_path):
    lab.organization.regions = [region]
    lab.organization.save()
    lab.scan(OPEN)
    assert Finding.objects.get(check_id="box_is_sealed").region == region
    pack = Pack(body(check="box_is_sealed"))
    for name in pack.entries:
        parts = PurePosixPath(name).parts
        assert not {"..", "/"} & set(parts)
        assert not {"\\", ":"} & set(name)
        assert len(parts) in (1, 4, 5)
    assert len([name for name in pack.entries if name.startswith("evidence/")]) == 1


def test_names_and_sizes_beyond_those_of_the_first_zips_are_written(lab, body, monkeypatch):
    """The limits are lowered, so that a small pack needs ZIP64."""
    lab.scan(OPEN)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 50)
    written = body()
    assert zipfile.stringEndArchive64 in written
    assert Pack(written).lines("findings.jsonl")


def test_evidence_is_held_for_one_finding_at_a_time(lab, body, monkeypatch):
    """Each is written before the next one's is read."""
    lab.scan(*(box(name, is_sealed=False) for name in "abc"))
    course = []
    read, add = evidence_pack.kinds_behind, evidence_pack._Pack.add_finding
    monkeypatch.setattr(
        evidence_pack, "kinds_behind", lambda *a, **o: course.append("read") or read(*a, **o)
    )
    monkeypatch.setattr(
        evidence_pack._Pack, "add_finding", lambda *a: course.append("written") or add(*a)
    )
    body(check="box_is_sealed")
    assert course == ["read", "written"] * 3
