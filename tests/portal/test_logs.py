import json
import logging

from accounts.requests import request_id
from portal.logs import JsonLines


def line(message="done", *arguments, **options):
    record = logging.getLogger("cairn").makeRecord(
        "cairn",
        logging.WARNING,
        __file__,
        1,
        message,
        arguments,
        options.pop("exc_info", None),
        extra=options,
    )
    return json.loads(JsonLines().format(record))


def test_a_line_is_json_with_time_level_logger_and_message():
    found = line("scan %s ended", 7)
    assert found.pop("time").endswith("+00:00")
    assert found == {"level": "warning", "logger": "cairn", "message": "scan 7 ended"}


def test_what_is_passed_as_extra_is_in_the_line():
    assert line(scan=7)["scan"] == 7


def test_lines_of_a_request_carry_its_id():
    token = request_id.set("abc")
    try:
        assert line()["request_id"] == "abc"
    finally:
        request_id.reset(token)
    assert "request_id" not in line()


def test_a_message_of_two_lines_stays_one_line():
    record = logging.makeLogRecord({"msg": "one\ntwo"})
    assert "\n" not in JsonLines().format(record)


def test_an_exception_brings_its_traceback():
    try:
        raise ValueError("why")
    except ValueError as error:
        found = line(exc_info=(type(error), error, error.__traceback__))
    assert found["traceback"].endswith("ValueError: why")
