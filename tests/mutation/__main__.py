"""``python -m tests.mutation [CHECK …]``: which mutants of the checks no table notices.

A mutant is a function of a module of checks with one clause changed; the tables of the checks of
that module are run against it. Exits 1 and lists the survivors when the tables notice less than
all of them.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import findings.checks
from findings.checks import base
from tests.findings.checks.cases import Case, mistake, tables
from tests.mutation.mutants import Mutant, mutants

PHASES = ("prepare", "operate", "evolve")


def modules() -> Iterator[ModuleType]:
    """The modules that hold checks, one per row."""
    prefix = f"{findings.checks.__name__}."
    for found in pkgutil.walk_packages(findings.checks.__path__, prefix):
        if found.name.split(".")[2] in PHASES and not found.ispkg:
            yield importlib.import_module(found.name)


@contextmanager
def in_place(module: ModuleType, mutant: Mutant) -> Iterator[base.Registry]:
    """The checks, while the mutant stands where its function stood in the module."""
    known, original = dict(base._BUILT_IN), getattr(module, mutant.function)
    base._BUILT_IN.clear()
    try:
        exec(compile(mutant.tree, str(module.__file__), "exec"), vars(module))  # noqa: S102 - our own code
        yield {**known, **base._BUILT_IN}
    finally:
        setattr(module, mutant.function, original)
        base._BUILT_IN.clear()
        base._BUILT_IN.update(known)


def is_noticed(registry: base.Registry, cases: list[tuple[str, Case]]) -> bool:
    return any(mistake(check, case, registry) for check, case in cases)


def survivors(wanted: set[str]) -> Iterator[tuple[str, Mutant | None]]:
    """(module, mutant) for each mutant nobody noticed; (module, None) for each that was."""
    by_check = defaultdict(list)
    for check, case in tables():
        by_check[check].append((check, case))
    for module in modules():
        ids = [d.id for d in base.built_in().values() if d.function.__module__ == module.__name__]
        for mutant in mutants(inspect.getsource(module)):
            hit = [mutant.function] if mutant.function in ids else ids
            if wanted and not wanted & set(hit):
                continue
            cases = [row for check in hit for row in by_check[check]]
            with in_place(module, mutant) as registry:
                noticed = is_noticed(registry, cases)
            yield module.__name__, None if noticed else mutant


def main(arguments: list[str]) -> int:
    logging.disable(logging.CRITICAL)
    total = alive = 0
    for module, mutant in survivors(set(arguments)):
        total += 1
        if mutant is not None:
            alive += 1
            print(f"{module}:{mutant.line} {mutant.function}: {mutant.change}")
    print(f"{total} mutants, {total - alive} noticed, {alive} survived")
    return 1 if alive or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
