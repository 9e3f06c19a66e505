import psutil
import psycopg

from tests.services import postgres


def test_the_cluster_gives_an_empty_database(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        count = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchone()
    assert count == (0,)


def test_the_server_does_not_run_as_root(postgres_cluster):
    with psycopg.connect(postgres_cluster.url("postgres")) as connection:
        assert connection.execute("SHOW server_version_num").fetchone()[0] >= "150000"
    assert psutil.Process(postgres_cluster.server.pid).username() != "root"


def test_a_stopped_cluster_leaves_nothing_behind():
    cluster = postgres.start_cluster()
    cluster.stop()
    assert cluster.server.poll() is not None
    assert not cluster.directory.exists()
