"""Faults that no call can ever meet: who asks for one would believe that it was survived."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from simulator import operations
from simulator.faults import BadFault, Fault
from simulator.operations.base import simulated_operations
from simulator.organization import FIRST_ID
from simulator.world import World


def refuse_unmet(world: World) -> None:
    """Raises BadFault if a fault of the world names something that there is not."""
    operations.load()
    for fault in world.faults.faults:
        _require(fault, f"no region of this world is {fault.region}", fault.region, world.regions)
        _require(fault, f"no account of this world is {fault.account}", fault.account, _ids(world))
        calls = {f"{service}:{name}" for service, name in simulated_operations()}
        wanted = f"{fault.service}:{fault.operation}"
        _require(fault, f"nothing that is simulated is {wanted}", wanted, calls)


def _require(fault: Fault, complaint: str, wanted: str, known: Iterable[str]) -> None:
    if not any(fnmatchcase(name, wanted) for name in known):
        raise BadFault(f"fault {fault.spec!r}: {complaint}")


def _ids(world: World) -> list[str]:
    """Of all accounts, also of the one that joins on a later day."""
    return [str(FIRST_ID + number) for number in range(world.size + 1)]
