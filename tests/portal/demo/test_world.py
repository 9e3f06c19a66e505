import pytest

from portal.demo.world import read_world
from portal.ports import free_port
from portal.processes import simulator
from portal.supervisor import Supervisor


def test_the_simulator_says_where_to_begin(short_path):
    port = free_port(0)
    with Supervisor(short_path, lambda _: None) as supervisor:
        supervisor.start([simulator(port, ["--accounts=3", "--regions=2"])])
        world = read_world(f"http://127.0.0.1:{port}")
    assert world.management_account == "100000000001"
    assert len(world.regions) == 2
    assert set(world.credentials) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


@pytest.mark.django_db
def test_what_is_no_simulator_is_refused(live_server):
    with pytest.raises(OSError, match="is not the address of a simulator"):
        read_world(live_server.url)


def test_nobody_there_is_an_error_of_the_system():
    with pytest.raises(OSError, match="refused"):
        read_world("http://127.0.0.1:1")
