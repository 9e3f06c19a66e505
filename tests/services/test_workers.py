import psutil
import pytest
from django.contrib.auth.models import User

from tests.services import tasks
from tests.services.waiting import wait_until

INCLUDE = {"include": "tests.services.tasks"}


@pytest.fixture
def marks_file(short_path):
    return short_path / "marks"


def test_a_real_worker_runs_tasks_on_the_database_of_the_test_and_again_when_killed(
    start_worker, marks_file
):
    User.objects.create(username="made in the test")
    worker = start_worker(**INCLUDE)
    names = marks_file.with_name("names")
    tasks.write_user_names.delay(str(names))
    wait_until(names.exists, "the task has run")
    assert names.read_text() == "made in the test"

    tasks.leave_mark_and_hang_the_first_time.delay(str(marks_file))
    wait_until(lambda: tasks.marks(marks_file) == 1, "the task has begun")
    worker.kill_pool()
    wait_until(lambda: tasks.marks(marks_file) == 2, "the task has run again")


@pytest.mark.one_database
def test_a_worker_takes_its_queues_and_when_it_is_killed_another_its_message_within_seconds(
    start_worker, marks_file
):
    first = start_worker(queues=("sync",), **INCLUDE)
    other = marks_file.with_name("marks-default")
    tasks.leave_mark.apply_async((str(other),), queue="default")
    tasks.leave_mark_and_hang_the_first_time.apply_async((str(marks_file),), queue="sync")
    wait_until(lambda: tasks.marks(marks_file) == 1, "the first worker has begun")
    processes = psutil.Process(first.pid).children(recursive=True)
    assert processes
    first.kill()
    wait_until(lambda: not any(alive(process) for process in processes), "its pool has ended")
    assert not other.exists()
    start_worker(**INCLUDE)
    wait_until(lambda: tasks.marks(marks_file) == 2, "the second worker has run it again")
    wait_until(other.exists, "and what waited in a queue of its own")


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
