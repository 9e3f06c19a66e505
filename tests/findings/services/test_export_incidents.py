"""Incidents, what they taught and what is done about it, as files."""

import csv
import datetime as dt
import io
import json

import pytest
from django.db import transaction

from accounts.models import Grant
from findings.models import LearningLabel
from findings.services.exports import ExportRefused, export_open
from tests.factories.incidents import (
    ActionItemFactory,
    AnalysisFactory,
    FactorFactory,
    IncidentFactory,
    LearningFactory,
)
from tests.findings.services.exporting import NOW, asked, content, written
from tests.portal.world import World

HOSTILE = '=HYPERLINK("https://evil.example")\n[x](javascript:alert(1))<script>'
KINDS = ("incidents", "learnings", "action_items")
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world_of_module(django_db_setup, django_db_blocker):
    """An incident in Prod, one in Dev, one of both, one of the organization, one of another."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = World()
        for title, accounts in (
            ("prod", [world.shop]),
            ("dev", [world.sandbox]),
            ("both", [world.shop, world.sandbox]),
            ("whole", []),
        ):
            make_incident(world.ours, title, accounts)
        make_incident(world.theirs, "theirs", [world.foreign])
        yield world
        transaction.set_rollback(True)


def make_incident(organization, title, accounts):
    incident = IncidentFactory(
        organization=organization,
        title=title,
        summary=HOSTILE,
        accounts=accounts,
        detected_at=NOW + dt.timedelta(minutes=5),
    )
    AnalysisFactory(incident=incident)
    FactorFactory(incident=incident)
    learning = LearningFactory(incident=incident, when=title, then=HOSTILE)
    LearningLabel.objects.create(learning=learning, kind="tag", name="trails")
    ActionItemFactory(incident=incident, learning=learning, title=title, accounts=accounts)


@pytest.fixture
def world(world_of_module, db):
    return world_of_module.again()


@pytest.fixture
def made(world, tmp_path):
    def of(who, kind, format="jsonl"):
        return content(asked(world.person(who), world.ours, kind, format), tmp_path)

    return of


def titles(content, kind):
    name = "when" if kind == "learnings" else "title"
    return {json.loads(line)[name] for line in content.splitlines()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("who", "seen"),
    [("viewer", {"prod", "dev", "both", "whole"}), ("viewer of Prod", {"prod"})],
)
def test_one_is_told_of_those_all_of_whose_accounts_one_sees(made, who, seen, kind):
    assert titles(made(who, kind), kind) == seen


def test_what_is_told_of_an_incident(made, world):
    (row,) = map(json.loads, made("viewer of Prod", "incidents").splitlines())
    assert (row["state"], row["analysis"], row["factors"]) == ("ongoing", "draft", ["monitoring"])
    assert (row["accounts"], row["seconds_to_detect"]) == ([world.shop.account_id], 300)
    assert row["seconds_to_resolve"] is None
    (learning,) = map(json.loads, made("viewer of Prod", "learnings").splitlines())
    assert (learning["incident"], learning["tags"]) == (row["key"], ["trails"])
    (item,) = map(json.loads, made("viewer of Prod", "action_items").splitlines())
    assert (item["incident"], item["learning"]) == (row["key"], learning["uid"])
    assert item["accounts"] == [world.shop.account_id]


@pytest.mark.parametrize("kind", KINDS)
def test_what_people_wrote_stays_text_in_its_cell(made, kind):
    text = made("viewer", kind, "csv").decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == 5
    assert len({len(row) for row in rows}) == 1
    cells = {cell for row in rows for cell in row}
    assert not [cell for cell in cells if cell.startswith("=")]
    assert kind == "action_items" or f"'{HOSTILE}" in cells


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_what_is_of_the_whole_is_not_given_to_who_sees_every_account_but_not_the_whole(
    world, tmp_path, kind
):
    viewer = world.person("viewer")
    export = written(asked(viewer, world.ours, kind), tmp_path)
    assert export_open(actor=viewer, export=export, directory=tmp_path, now=NOW)
    Grant.objects.filter(user=viewer).update(ou=world.prod)
    Grant.objects.create(user=viewer, organization=world.ours, ou=world.dev, role="viewer")
    with pytest.raises(ExportRefused, match="more than you still see"):
        export_open(actor=viewer, export=export, directory=tmp_path, now=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_queries_are_constant_in_the_rows(world, tmp_path, kind, django_assert_max_num_queries):
    for n in range(20):
        make_incident(world.ours, f"more {n}", [world.shop, world.sandbox])
    export = asked(world.person("viewer"), world.ours, kind)
    with django_assert_max_num_queries(30):
        assert written(export, tmp_path).rows_done == 24
