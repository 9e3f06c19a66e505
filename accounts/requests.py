"""Which request is being answered: named by log lines and the audit log. Pure: no Django."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
