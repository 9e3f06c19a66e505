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
def test_the_worker_takes_the_queues_it_was_told(start_worker, marks_file):
    start_worker(queues=("sync",), **INCLUDE)
    tasks.leave_mark.apply_async((f"{marks_file}-default",), queue="default")
    tasks.leave_mark.apply_async((str(marks_file),), queue="sync")
    wait_until(lambda: tasks.marks(marks_file) == 1, "the task has run")
    assert not marks_file.with_name("marks-default").exists()


@pytest.mark.one_database
def test_a_killed_worker_leaves_no_process_and_its_message_is_delivered_again_within_seconds(
    start_worker, marks_file
):
    first = start_worker(**INCLUDE)
    tasks.leave_mark_and_hang_the_first_time.delay(str(marks_file))
    wait_until(lambda: tasks.marks(marks_file) == 1, "the first worker has begun")
    processes = psutil.Process(first.pid).children(recursive=True)
    assert processes
    first.kill()
    wait_until(lambda: not any(alive(process) for process in processes), "its pool has ended")
    start_worker(**INCLUDE)
    wait_until(lambda: tasks.marks(marks_file) == 2, "the second worker has run it again")


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
