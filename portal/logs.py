"""Log lines as JSON, one a line, each with the request or the task that it belongs to."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from accounts.requests import request_id

PLAIN_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Time (UTC), level, logger, message, request id, and whatever was passed as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= {key: value for key, value in vars(record).items() if _is_extra(key)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def _is_extra(attribute: str) -> bool:
    # Django attaches the request and the status, Celery a "data" dict: the first is no text.
    return attribute not in PLAIN_ATTRIBUTES and attribute not in {"request", "data", "server_time"}


def logging_config(level: str) -> dict[str, Any]:
    """The LOGGING setting: all to standard error; whoever reads that decides where it is kept."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": level, "propagate": False},
            "django.server": {"handlers": ["stderr"], "level": level, "propagate": False},
            # A line for every retry and connection would drown the rest.
            "botocore": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
        },
    }
