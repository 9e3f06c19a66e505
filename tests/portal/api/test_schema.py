"""The OpenAPI document against the running endpoints."""

import jsonschema
import pytest
import yaml
from openapi_spec_validator import validate

from findings.facts.base import Gap, GapReason
from tests.factories.findings import (
    AttestationFactory,
    DeclaredToolFactory,
    ScheduleFactory,
    ScoreSnapshotFactory,
)
from tests.findings.checks.builders_cloudtrail import trail
from tests.portal.api.conftest import told

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def schema(client, db):
    answer = client.get("/api/v1/schema/")
    assert answer.status_code == 200
    return yaml.safe_load(answer.content)


def test_it_is_a_valid_document(schema):
    validate(schema)


def test_it_lists_every_address_with_who_may_call_it(schema):
    assert {path.split("/")[3] for path in schema["paths"]} == {
        "accounts",
        "attestations",
        "checks",
        "findings",
        "organizations",
        "practices",
        "scans",
        "schedules",
        "scorecards",
        "tools",
    }
    security = schema["components"]["securitySchemes"]
    assert security["token"] == {"type": "http", "scheme": "bearer"}
    for path, operations in schema["paths"].items():
        for method in METHODS & set(operations):
            assert {"token": []} in operations[method]["security"], (method, path)


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("organizations/", "organizations/"),
        ("accounts/", "accounts/"),
        ("findings/", "findings/"),
        ("scans/", "scans/"),
        ("schedules/", "schedules/"),
        ("scans/{scan}/", "scans/{uid}/"),
        ("scans/{scan}/shards/", "scans/{uid}/shards/"),
        ("scans/{denied}/gaps/", "scans/{uid}/gaps/"),
        ("scans/{scan}/difference/", "scans/{uid}/difference/"),
        ("findings/{finding}/", "findings/{uid}/"),
        ("findings/{finding}/evidence/", "findings/{uid}/evidence/"),
        ("accounts/{account}/", "accounts/{uid}/"),
        ("schedules/{schedule}/", "schedules/{uid}/"),
        ("checks/cloudtrail_multi_region_logging/", "checks/{id}/"),
        ("tools/", "tools/"),
        ("tools/{tool}/", "tools/{uid}/"),
        ("scorecards/", "scorecards/"),
        ("attestations/", "attestations/"),
        ("attestations/{attestation}/", "attestations/{uid}/"),
    ],
)
def test_what_is_answered_is_what_it_says(client, world, schema, path, template):
    denied = Gap(kind="cloudtrail.trail", reason=GapReason.ACCESS_DENIED)
    scan = world.lab.scan(facts={"cloudtrail.trail": denied})
    world.lab.wait(days=1).scan(facts={"cloudtrail.trail": (trail(),)})
    schedule = ScheduleFactory(organization=world.ours, selection={"rows": ["O2"]})
    tool = DeclaredToolFactory(organization=world.ours)
    attestation = AttestationFactory(organization=world.ours)
    ScoreSnapshotFactory(organization=world.ours)
    client.force_login(world.person("viewer"))
    where = path.format(
        scan=world.scan.uid,
        denied=scan.uid,
        finding=world.finding().uid,
        account=world.shop.uid,
        schedule=schedule.uid,
        tool=tool.uid,
        attestation=attestation.uid,
    )
    answer = told(client.get(f"/api/v1/{where}"))
    assert answer.status == 200
    described = schema["paths"][f"/api/v1/{template}"]["get"]["responses"]["200"]["content"]
    resolved = {**described["application/json"]["schema"], "components": schema["components"]}
    jsonschema.validate(answer.body, _nullable(resolved))
    assert answer.body


def _nullable(node):
    """OpenAPI 3.0 says nullable where JSON Schema lists null as a type."""
    if isinstance(node, list):
        return [_nullable(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    converted = {name: _nullable(inner) for name, inner in node.items() if name != "nullable"}
    return {"anyOf": [converted, {"type": "null"}]} if node.get("nullable") is True else converted
