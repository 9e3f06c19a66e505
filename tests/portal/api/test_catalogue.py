import pytest

from findings.catalogue.best_practices import best_practices
from findings.checks.base import built_in
from tests.portal.api.conftest import told
from tests.portal.world import EVERYBODY

CHECK = "cloudwatch_log_group_retention_set"


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_who_is_signed_in_reads_the_whole_catalogue(client, world, who):
    client.force_login(world.person(who))
    checks = told(client.get("/api/v1/checks/")).body["results"]
    assert [check["id"] for check in checks] == list(built_in())
    practices = told(client.get("/api/v1/practices/")).body["results"]
    assert [practice["id"] for practice in practices] == list(best_practices())


def test_a_check_is_told_with_all_that_it_needs(client, world):
    client.force_login(world.person("viewer"))
    check = told(client.get(f"/api/v1/checks/{CHECK}/")).body
    assert check["permissions"] == ["logs:DescribeLogGroups"]
    assert {"name": "min_days", "default": "365", "unit": "days"} in check["parameters"]
    assert "AWS::Logs::LogGroup" in check["snippet"]
    assert (check["row"], check["severity"]) == ("O3", "medium")
    assert check["alternatives"] == []


def test_a_check_tells_which_tools_stand_in_for_it(client, world):
    client.force_login(world.person("viewer"))
    check = told(client.get("/api/v1/checks/codecommit_approval_rule_required/")).body
    assert check["alternatives"] == ["source_control"]


def test_a_practice_names_its_checks(client, world):
    client.force_login(world.person("viewer"))
    practices = told(client.get("/api/v1/practices/")).body["results"]
    found = {practice["id"]: practice for practice in practices}
    assert CHECK in found["OPS08-BP02"]["checks"]
    assert found["OPS01-BP01"]["coverage"] == "attested"


@pytest.mark.parametrize("path", ["checks/", f"checks/{CHECK}/", "practices/"])
def test_nobody_is_refused(client, db, path):
    assert told(client.get(f"/api/v1/{path}")).status == 401


def test_a_check_that_is_not_there_is_a_problem(client, world):
    client.force_login(world.person("viewer"))
    assert told(client.get("/api/v1/checks/nothing/")).status == 404


@pytest.mark.parametrize("path", ["checks/", "practices/"])
def test_a_filter_that_there_is_not_is_refused(client, world, path):
    client.force_login(world.person("viewer"))
    answer = told(client.get(f"/api/v1/{path}", {"severity": "high", "page_size": "5"}))
    assert (answer.status, list(answer.errors)) == (400, ["severity"])
