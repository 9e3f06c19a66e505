"""How runbooks are versioned and reviewed, what their text holds, and where scripts log."""

from datetime import timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.runbooks import REVIEWED, VERSIONED, put_document
from simulator.organization import SimAccount
from simulator.places import Place
from simulator.shapes import Undocumented

# By their names these stand before "ssm.runbooks", which counts all runbooks of a region.
versions = Facet("ssm.documents_versioned")
contents = Facet("ssm.documents_written")
script_logs = Facet("ssm.script_logs")

NO_EXPORTEDS, LOGGED = "ssm_document_no_secrets", "ssm_automation_logging_enabled"
PERIOD = timedelta(days=365)
MOMENT = timedelta(microseconds=1)
OWNED = [{"Key": "Owner", "Value": "web"}]
RETIRED = {"Key": "Lifecycle", "Value": "deprecated"}


def is_runbook(document: dict[str, Any], account: SimAccount) -> bool:
    """Whether it is an Automation document that people of the account wrote."""
    is_own = document["Owner"] == account.id and document["DocumentType"] == "Automation"
    return is_own and not document["Name"].startswith("AWS")


@default_answers("ssm.documents")
def usual(place: Place, document: dict[str, Any]) -> None:
    """Neither its versions have names, nor has it an owner; no secrets stand in it."""
    status = "fail" if is_runbook(document, place.account) else "not_applicable"
    for check in (VERSIONED, REVIEWED):
        place.expect(check, status, resource=document["Name"])
    is_own = document["Owner"] == place.account.id
    secrets = "pass" if is_own else "not_applicable"
    place.expect(NO_EXPORTEDS, secrets, resource=document["Name"])


def _put(
    place: Place,
    *,
    versioned: str = "pass",
    tags: list[dict[str, str]] = OWNED,
    name: str = "drain",
    **changed: Any,
) -> str:
    """A runbook that is no longer rehearsed."""
    given = {"VersionName": "1.4.0", "Tags": [RETIRED, *tags], **changed}
    put_document(place, name, "not_applicable", **given)
    place.expect(VERSIONED, versioned, resource=name)
    return name


def _expect_review(place: Place, name: str, status: str) -> None:
    place.expect(REVIEWED, status, resource=name)


@versions.variant("released", characters={"exemplary": 4, "ordinary": 2, "locked_down": 2})
def released(place: Place) -> None:
    """The newest version waits for its rehearsal: the default one is approved."""
    created = place.ago(days=350)
    name = _put(place, CreatedDate=created, DocumentVersion="7")
    place.expect(REVIEWED, "pass", resource=name, until=created + PERIOD + MOMENT, then="fail")
    approved = {"LatestVersion": "4", "ApprovedVersion": "3", "ReviewStatus": "PENDING"}
    latest = {"CreatedDate": place.ago(days=20), "VersionName": None}
    name = _put(
        place,
        name="undrain",
        CreatedDate=place.ago(days=900),
        DocumentVersion="3",
        VersionName="3f9d2c1",
        _default=approved,
        _latest=latest,
    )
    end = place.ago(days=20) + PERIOD + MOMENT
    place.expect(REVIEWED, "pass", resource=name, until=end, then="fail")


@versions.variant("by_tag", characters={"exemplary": 2, "ordinary": 1})
def by_tag(place: Place) -> None:
    """An old version whose review is dated in its tag."""
    day = place.ago(days=90).replace(hour=0)
    tag = {"Key": "LastReviewed", "Value": f"{day:%Y-%m-%d}"}
    name = _put(place, tags=[*OWNED, tag], CreatedDate=place.ago(days=600))
    place.expect(REVIEWED, "pass", resource=name, until=day + PERIOD + MOMENT, then="fail")


@versions.variant("never_promoted", characters={"ordinary": 1, "neglected": 1})
def never_promoted(place: Place) -> None:
    """The default version stayed behind, and nobody reviewed either for more than a year."""
    behind = {"LatestVersion": "5"}
    latest = {"CreatedDate": place.ago(days=366)}
    name = _put(
        place,
        versioned="fail",
        CreatedDate=place.ago(days=800),
        DocumentVersion="2",
        _default=behind,
        _latest=latest,
    )
    _expect_review(place, name, "fail")


@versions.variant("draft", characters={"neglected": 2, "ordinary": 1})
def draft(place: Place) -> None:
    """A name that is no release, no description, no owner; the review lies ahead."""
    tag = {"Key": "LastReviewed", "Value": "2031-01-01"}
    nameless = {"Description": None}
    for version in ("draft", None):
        name = f"drain-{version or 'nameless'}"
        _put(
            place,
            name=name,
            versioned="fail",
            tags=[tag],
            CreatedDate=place.ago(days=500),
            VersionName=version,
            _default=nameless,
        )
        _expect_review(place, name, "fail")


@versions.variant("not_active", characters=RARELY)
def not_active(place: Place) -> None:
    created = place.ago(days=1)
    name = _put(place, versioned="fail", CreatedDate=created, _default={"Status": "Failed"})
    place.expect(REVIEWED, "pass", resource=name, until=created + PERIOD + MOMENT, then="fail")
    unheard = {"Status": Undocumented("Archived"), "Description": None}
    _put(place, name="undrain", versioned="fail", CreatedDate=created, _default=unheard)
    _expect_review(place, "undrain", "fail")


@versions.variant("none", characters={"new": 3, "neglected": 2, "locked_down": 2, "ordinary": 2})
def none(place: Place) -> None:
    """What other facets put has answers of its own."""


# what stands in documents
_EXPORTED = """\
schemaVersion: "2.2"
description: Collects logs
mainSteps:
  - name: collect
    action: aws:runShellScript
    inputs:
      runCommand:
        - export DB_PASSWORD=hunter2
"""
_REFERRED = """\
schemaVersion: "2.2"
description: Collects logs with the password of the database
parameters:
  DbPassword: {type: String, default: "{{ssm-secure:/shop/db}}"}
mainSteps:
  - name: collect
    action: aws:runShellScript
    inputs:
      runCommand:
        - DB_PASSWORD=$(get-password); export DB_PASSWORD
        - pg_dump --password '{{ DbPassword }}'
"""
_BY_DEFAULT = '{"schemaVersion": "2.2", "parameters": {"ApiToken": {"default": "correct horse"}}}'


def _write(place: Place, status: str, content: str, name: str = "dump") -> None:
    put_document(place, name, "not_applicable", DocumentType="Command", _content=content)
    place.expect(NO_EXPORTEDS, status, resource=name)


@contents.variant("reference", characters={"exemplary": 2, "ordinary": 2})
def reference(place: Place) -> None:
    _write(place, "pass", _REFERRED)


@contents.variant("secret", characters={"neglected": 2, "ordinary": 1})
def secret(place: Place) -> None:
    _write(place, "fail", _EXPORTED)


@contents.variant("secret_default", characters={"neglected": 1, "new": 1})
def secret_default(place: Place) -> None:
    """The default of a parameter, in JSON."""
    _write(place, "fail", _BY_DEFAULT)


@contents.variant("no_structure", characters=RARELY)
def no_structure(place: Place) -> None:
    """Text that is neither YAML nor JSON."""
    _write(place, "fail", "\t{ token = 'correct horse' \n")


@contents.variant("none", characters={"exemplary": 2, "ordinary": 2, "locked_down": 3, "new": 3})
def unwritten(place: Place) -> None:
    """Nothing is written here."""


# where scripts log; by its name this stands after all runbooks of a region
def _log_to(place: Place, value: str | None, status: str) -> None:
    if value is not None:
        setting = "/ssm/automation/customer-script-log-destination"
        place.put("ssm.settings", {"SettingId": setting, "SettingValue": value})
    has_runbook = any(is_runbook(d, place.account) for d in place.all("ssm.documents"))
    place.expect(LOGGED, status if has_runbook else "not_applicable")


@script_logs.variant("logged", characters={"exemplary": 3, "ordinary": 1, "locked_down": 2})
def logged(place: Place) -> None:
    _log_to(place, "CloudWatch", "pass")


@script_logs.variant("as_by_default", characters={"ordinary": 2, "neglected": 2, "new": 2})
def as_by_default(place: Place) -> None:
    _log_to(place, None, "fail")


@script_logs.variant("elsewhere", characters=RARELY)
def elsewhere(place: Place) -> None:
    _log_to(place, Undocumented("Firehose"), "fail")
