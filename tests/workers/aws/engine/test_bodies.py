import pytest
from botocore.exceptions import ConnectionClosedError

from simulator.server import serve
from simulator.world import World
from tests.workers.aws.scripted import Answer
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


def test_the_head_of_an_object_has_no_body_to_miss(aws, engine):
    aws.script = [Answer(headers={"Content-Length": "42"})]
    s3 = engine.clients.get("s3", "eu-west-1", aws.url)
    with engine.caller(allowed={"s3:HeadBucket"}).calling():
        s3.head_bucket(Bucket="the-bucket")
