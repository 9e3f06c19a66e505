import ast

from tests.mutation.__main__ import survivors
from tests.mutation.mutants import mutants

SOURCE = """
LIMIT = 3 <= 4

def check(trail, facts, context):
    if not trail.is_on:
        return failed("off")
    return all_of(part("small", lambda: trail.size <= 5), part("named", lambda: trail.a or trail.b))
"""


def test_every_clause_of_a_function_is_changed_and_nothing_outside():
    changes = {mutant.change for mutant in mutants(SOURCE)}
    assert changes == {
        "negate: if not trail.is_on",
        "drop the not: not trail.is_on",
        "negate: trail.size <= 5",
        "move the limit: trail.size <= 5",
        "drop: trail.a",
        "drop: trail.b",
        "drop: part('small', lambda: trail.size <= 5)",
        "drop: part('named', lambda: trail.a or trail.b)",
    }


def test_a_mutant_differs_from_its_source_in_one_clause():
    (moved,) = [m for m in mutants(SOURCE) if m.change.startswith("move")]
    assert "trail.size < 5" in ast.unparse(moved.tree)
    original = ast.unparse(ast.parse(SOURCE).body[1])
    assert ast.unparse(moved.tree).replace("size < 5", "size <= 5") == original


def test_the_tables_notice_every_mutant_of_the_checks():
    found = list(survivors(set()))
    assert found
    assert [f"{m.function}:{m.line} {m.change}" for _, m in found if m is not None] == []
