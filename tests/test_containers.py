"""No container engine runs here: the files are held to the schema and to the source."""

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from dotenv import dotenv_values

from portal import settings as portal_settings
from portal.celery import OTHER_QUEUES, SCAN_QUEUES
from simulator.world import World

ROOT = Path(__file__).resolve().parents[1]
OURS = {"migrate", "web", "scan-worker", "worker", "beat"}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def schema():
    return json.loads((ROOT / "tests/data/compose-spec.json").read_text(encoding="utf-8"))


def test_compose_is_valid(compose, schema):
    jsonschema.validate(compose, schema)


def test_the_schema_refuses_what_is_wrong(schema):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"services": {"web": {"imagine": "cairn"}}}, schema)


def test_the_services_are_those_of_the_architecture(compose):
    assert set(compose["services"]) == OURS | {"postgres", "redis", "simulator", "demo"}
    in_demo = {name for name, it in compose["services"].items() if it.get("profiles") == ["demo"]}
    assert in_demo == {"simulator", "demo"}


def test_the_key_of_the_demo_is_one_that_the_simulator_understands():
    found = dotenv_values(ROOT / "deploy/demo.env")
    credentials = World().credentials
    assert found["AWS_ACCESS_KEY_ID"] == credentials.access_key_id
    assert found["AWS_SECRET_ACCESS_KEY"] == credentials.secret_access_key


def test_what_a_service_waits_for_exists_and_can_tell_its_health(compose):
    services = compose["services"]
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "test" in services[name]["healthcheck"]


def test_every_queue_has_a_worker(compose):
    commands = (compose["services"][name]["command"][-2:] for name in ("scan-worker", "worker"))
    taken = re.findall(r"--queues=([\w,]+)", " ".join(part for c in commands for part in c))
    assert sorted(",".join(taken).split(",")) == sorted((*SCAN_QUEUES, *OTHER_QUEUES))


def test_compose_sets_only_variables_that_cairn_reads(compose):
    variables = {name for name in compose["services"]["web"]["environment"] if name[:4] != "AWS_"}
    assert variables <= portal_settings.env.names


def test_the_image_runs_as_an_ordinary_user_and_tells_its_health():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER cairn" in last_stage
    assert any(line.startswith("HEALTHCHECK") for line in last_stage)
    assert not any(line.startswith("USER root") for line in last_stage)


def test_the_static_files_of_the_image_can_be_collected(tmp_path):
    """The build step that fails when a stylesheet names a file that is not there."""
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
        cwd=ROOT,
        env={
            "CAIRN_ENV_FILE": "",
            "CAIRN_HOME": str(tmp_path),
            "CAIRN_STATIC_ROOT": str(tmp_path / "s"),
        },
        check=True,
    )
    assert (tmp_path / "s" / "staticfiles.json").exists()
