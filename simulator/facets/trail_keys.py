"""Keys by which the files of trails are encrypted, and what is said of a trail by its own."""

from typing import Any

from simulator.facets.archive import archive_of, in_archive
from simulator.facets.base import ORGANIZATION, Facet, default_answers
from simulator.facets.trail_records import ENCRYPTED
from simulator.operations.cloudtrail import TRAILS
from simulator.operations.kms import KEYS
from simulator.places import OrganizationPlace, Place, Record

central = Facet("kms.central_key", level=ORGANIZATION)

CENTRAL_ID = "c0000000-0000-4000-a000-000000000001"
UNMANAGED = "999999999999"


def put_key(place: Place, name: str = "trail", **changed: Any) -> str:
    """A key that the customer manages; its ARN."""
    id_ = place.uuid(f"key {name}")
    return _put(place, id_, **changed)


def put_keys_of_aws(place: Place) -> None:
    """One with the alias that AWS gives its keys, and one without."""
    _put(place, place.uuid("key of S3"), KeyManager="AWS", _alias="alias/aws/s3")
    _put(place, place.uuid("key of a service"), KeyManager="AWS")


def _put(place: Place, id_: str, **changed: Any) -> str:
    arn = place.arn("kms", f"key/{id_}")
    key = {
        "AWSAccountId": place.account.id,
        "KeyId": id_,
        "Arn": arn,
        "CreationDate": place.ago(days=300),
        "Enabled": True,
        "KeyState": "Enabled",
        "KeyManager": "CUSTOMER",
        **changed,
    }
    place.put(KEYS, key)
    return arn


def central_key(place: Place) -> str:
    """The ARN of the key of the log archive that any trail may use."""
    archive = archive_of(place.world)
    owner = archive.id if archive else UNMANAGED
    return f"arn:aws:kms:{place.region}:{owner}:key/{CENTRAL_ID}"


def partners_key(place: Place) -> str:
    """Of an account outside the organization."""
    return f"arn:aws:kms:{place.region}:{UNMANAGED}:key/{CENTRAL_ID}"


@default_answers(TRAILS)
def answers_of_key(place: Place, trail: Record) -> None:
    place.expect(ENCRYPTED, _encrypted(place, trail), resource=trail["TrailARN"])


def _encrypted(place: Place, trail: Record) -> str:
    arn = trail.get("KmsKeyId")
    if arn is None:
        return "fail"
    owner = arn.split(":")[4]
    stands: Place | None = place
    if owner != place.account.id:
        stands = in_archive(place, owner)
    if stands is None:
        return "unknown"
    key = stands.find(KEYS, Arn=arn)
    return "pass" if key is not None and key["KeyState"] == "Enabled" else "fail"


def _put_central(organization: OrganizationPlace, **changed: Any) -> None:
    archive = archive_of(organization.world)
    if archive is not None:
        _put(organization.member(archive.id).home, CENTRAL_ID, **changed)


@central.variant("enabled")
def enabled(organization: OrganizationPlace) -> None:
    _put_central(organization, _alias="alias/audit")


@central.variant("to_be_deleted")
def to_be_deleted(organization: OrganizationPlace) -> None:
    """Somebody thought that nobody used it."""
    _put_central(organization, Enabled=False, KeyState="PendingDeletion")
