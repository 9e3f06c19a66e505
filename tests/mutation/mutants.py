"""Mutants of the checks: each clause of each condition negated, dropped or moved, in turn."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

Change = Callable[[ast.AST], ast.AST]

_MOVED = {ast.LtE: ast.Lt, ast.Lt: ast.LtE, ast.GtE: ast.Gt, ast.Gt: ast.GtE}
_COMBINING = {"all_of", "any_of"}
_TIME = {"within", "is_due_within", "is_production", "matches", "matches_tags", "startswith"}


@dataclass(frozen=True)
class Mutant:
    """A function with one clause changed: which, at which line, and how; `tree` holds it alone."""

    function: str
    line: int
    change: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of the functions of a module; declarations and constants stay as they are."""
    tree = ast.parse(source)
    for function in [node for node in tree.body if isinstance(node, ast.FunctionDef)]:
        packed = pickle.dumps(function)
        numbers = {id(node): number for number, node in enumerate(ast.walk(function))}
        for node in [n for part in function.body for n in ast.walk(part)]:
            for name, change in _changes(node):
                changed = _changed(packed, numbers[id(node)], change)
                yield Mutant(function.name, _line(node), name, changed)


def _line(node: ast.AST) -> int:
    """A comprehension has no line of its own; that of its loop's target will do."""
    return node.target.lineno if isinstance(node, ast.comprehension) else node.lineno  # type: ignore[attr-defined, no-any-return]


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Compare):
        yield f"negate: {ast.unparse(node)}", _negate
        if type(node.ops[0]) in _MOVED:
            yield f"move the limit: {ast.unparse(node)}", _move
    elif isinstance(node, ast.BoolOp):
        for index, value in enumerate(node.values):
            yield f"drop: {ast.unparse(value)}", _without(index, "values")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"drop the not: {ast.unparse(node)}", lambda found: found.operand  # type: ignore[attr-defined]
    elif isinstance(node, ast.Call):
        yield from _changes_of_call(node)
    elif isinstance(node, ast.comprehension):
        for index, test in enumerate(node.ifs):
            yield f"drop the filter: {ast.unparse(test)}", _without(index, "ifs")
    elif isinstance(node, ast.If | ast.IfExp):
        yield f"negate: if {ast.unparse(node.test)}", _negate_test


def _changes_of_call(node: ast.Call) -> Iterator[tuple[str, Change]]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    parts = [i for i, a in enumerate(node.args) if _is_part(a)]
    if name in _COMBINING and len(parts) > 1:
        for index in parts:
            yield f"drop: {ast.unparse(node.args[index])}", _without(index, "args")
    if name in _TIME:
        yield f"negate: {ast.unparse(node)}", _negate


def _is_part(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "part"


def _negate(node: ast.AST) -> ast.AST:
    return ast.UnaryOp(op=ast.Not(), operand=node)  # type: ignore[arg-type]


def _negate_test(node: ast.AST) -> ast.AST:
    node.test = _negate(node.test)  # type: ignore[attr-defined]
    return node


def _move(node: ast.AST) -> ast.AST:
    node.ops[0] = _MOVED[type(node.ops[0])]()  # type: ignore[attr-defined]
    return node


def _without(index: int, name: str) -> Change:
    def change(node: ast.AST) -> ast.AST:
        items = getattr(node, name)
        del items[index]
        if isinstance(node, ast.BoolOp) and len(items) == 1:
            return items[0]  # type: ignore[no-any-return]
        return node

    return change


def _changed(packed: bytes, number: int, change: Change) -> ast.Module:
    """A function of its own, unpacked, in which the node of a number is changed."""
    twin = pickle.loads(packed)  # noqa: S301 - packed above; unpacking is the fastest way to copy
    found = next(islice(ast.walk(twin), number, None))

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return change(node) if node is found else self.generic_visit(node)

    changed = ast.Module(body=[Replace().visit(twin)], type_ignores=[])
    return ast.fix_missing_locations(changed)
