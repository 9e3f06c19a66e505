"""Which request is being answered, so that the audit log can name it. Pure: no Django."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
