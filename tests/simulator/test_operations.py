"""Whatever the product may ask, the simulator answers."""

from simulator.operations import load
from simulator.operations.base import simulated_operations
from workers.aws.operations import hub_operations, job_operations, scanner_operations


def test_every_operation_of_the_collectors_is_simulated():
    load()
    simulated = {f"{service}:{name}" for service, name in simulated_operations()}
    assert sorted({*scanner_operations(), *hub_operations(), *job_operations()} - simulated) == []
