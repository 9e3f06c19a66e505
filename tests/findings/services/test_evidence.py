import zlib

import pytest

from findings.models import EvidenceBlob, Manifest, Scan, Shard
from findings.packing import pack
from findings.services.evidence import evidence_store, evidence_verify
from tests.findings.services.lab import DAY, NOW, Lab, box, only
from tests.modules import rows_for_a_module

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scanned(django_db_setup, django_db_blocker):
    with rows_for_a_module(django_db_blocker):
        yield Lab(registry=only("box_is_sealed")).scan(box("a"), box("b"))


@pytest.fixture
def scan(scanned, db):
    return Scan.objects.get(pk=scanned.pk)


def problems(scan):
    return [flaw.problem for flaw in evidence_verify(scan=scan)]


def test_untouched_evidence_is_whole(scan):
    assert problems(scan) == []


def test_an_altered_blob_is_found(scan):
    blob = EvidenceBlob.objects.get()
    blob.body = zlib.compress(zlib.decompress(blob.body).replace(b"true", b"fals"))
    blob.save()
    assert problems(scan) == ["its content has another hash"]


def test_a_missing_blob_is_found(scan):
    EvidenceBlob.objects.all().delete()
    assert problems(scan) == ["is missing"]


def test_an_altered_manifest_is_found(scan):
    Manifest.objects.update(body=zlib.compress(b"{}"))
    assert problems(scan) == ["its content has another hash"]


def test_a_shard_that_points_to_other_evidence_is_found(scan):
    other = evidence_store(packed=pack(["lab.box"], {"lab.box": ()}), now=NOW)
    Shard.objects.update(manifest=other)
    assert problems(scan) == ["its shards do not give the digest that it ended with"]


def test_a_deleted_shard_is_found(scan):
    Shard.objects.all().delete()
    assert problems(scan) == ["its shards do not give the digest that it ended with"]


@pytest.mark.parametrize(("later", "is_marked"), [(DAY / 2, False), (2 * DAY, True)])
def test_a_blob_that_a_new_manifest_names_is_marked_once_a_day(scan, later, is_marked):
    blob = EvidenceBlob.objects.get()
    found = {"lab.box": (box("a"), box("b")), "lab.crate": ()}
    evidence_store(packed=pack(found, found), now=NOW + later)
    blob.refresh_from_db()
    assert blob.referred_at == (NOW + later if is_marked else NOW)
    assert EvidenceBlob.objects.count() == 2
