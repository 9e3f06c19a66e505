import pytest
from botocore.exceptions import ConnectionClosedError

from simulator.server import serve
from simulator.world import World
from tests.workers.aws.worlds import Engine, Simulated


@pytest.mark.parametrize(
    ("service", "method", "key"),
    [("codebuild", "list_projects", "projects"), ("xray", "get_groups", "Groups")],
)
def test_a_body_that_ends_early_is_an_error_and_not_an_empty_answer(service, method, key):
    world = World(faults=[f"truncated:{service}"])
    with serve(world) as url:
        region = Simulated(world, url, Engine()).account().region("us-east-1")
        with region.collecting("test"), pytest.raises(ConnectionClosedError, match="bytes came"):
            list(region.items(service, method, key))
