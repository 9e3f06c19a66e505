from portal.celery import BEAT_SCHEDULE, OTHER_QUEUES, SCAN_QUEUES, app


def queue_of(task):
    return app.amqp.router.route({}, task)["queue"].name


def test_the_queues_are_four_and_each_has_a_worker():
    assert {queue.name for queue in app.conf.task_queues} == {*SCAN_QUEUES, *OTHER_QUEUES}
    assert {*SCAN_QUEUES, *OTHER_QUEUES} == {"aws", "assess", "sync", "default"}


def test_what_is_sent_each_minute_never_waits_behind_a_scan():
    each_minute = [entry["task"] for entry in BEAT_SCHEDULE.values() if entry["schedule"] == 60]
    assert len(each_minute) == 8
    assert {queue_of(task) for task in each_minute} <= set(OTHER_QUEUES)


def test_jobs_of_aws_never_wait_behind_a_scan_nor_looks_behind_the_planning_of_jobs():
    assert queue_of("workers.tasks.aws_jobs.plan") == "assess"
    assert queue_of("workers.tasks.aws_jobs.advance") in OTHER_QUEUES
    assert queue_of("workers.tasks.aws_jobs.poll") in OTHER_QUEUES


def test_every_task_that_beat_sends_exists():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_tasks_are_acknowledged_late_and_one_is_taken_at_a_time():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.accept_content == ["json"]


def test_messages_of_dead_workers_are_looked_for_every_five_seconds():
    options = app.conf.broker_transport_options
    assert options["unacked_restore_interval"] * options["unacked_restore_throttle"] == 5
    assert options["visibility_timeout"] > app.conf.task_time_limit
