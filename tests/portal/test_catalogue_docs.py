from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from findings.catalogue.pillar import Row
from findings.checks.base import built_in
from portal.catalogue import practice_lines
from portal.catalogue_docs import documents

WRITTEN = Path(__file__).parents[2] / "docs" / "catalogue"


@pytest.mark.parametrize("name", sorted(documents()))
def test_what_is_written_is_what_the_checks_declare(name):
    text = (WRITTEN / name).read_text(encoding="utf-8")
    assert text == documents()[name], "run: manage.py catalogue --write docs/catalogue"


def test_there_is_no_page_of_a_row_that_is_gone():
    assert {path.name for path in WRITTEN.iterdir()} == set(documents())


def test_every_check_stands_on_the_page_of_its_row():
    written = documents()
    for check, definition in built_in().items():
        assert f"`{check}`" in written[f"{Row(definition.check.row)}.md"]


def test_a_check_names_the_kinds_of_tools_that_stand_in_for_it():
    text = documents()["E1.md"]
    _, _, section = text.partition("`codecommit_approval_rule_required`")
    told = section.partition("##")[0]
    assert "where a tool is declared for**: Source control and review (GitHub, GitLab)\n" in told
    _, _, section = text.partition("`codecommit_repository_active`")
    assert "tool is declared" not in section.partition("##")[0]


def test_every_best_practice_says_how_it_is_covered():
    lines = list(practice_lines())
    assert len(lines) == 68
    assert all(line.checks for line in lines if line.coverage.startswith("automated"))
    assert {line.coverage for line in lines} >= {"automated", "attested"}


def test_the_command_writes_the_pages_into_a_directory(tmp_path):
    call_command("catalogue", "--write", str(tmp_path))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == documents()


def test_a_place_that_is_no_directory_is_refused(tmp_path):
    with pytest.raises(CommandError, match="is no directory"):
        call_command("catalogue", "--write", str(tmp_path / "none"))


def test_without_a_directory_the_index_is_printed(capsys):
    call_command("catalogue")
    assert capsys.readouterr().out.rstrip() == documents()["README.md"].rstrip()
