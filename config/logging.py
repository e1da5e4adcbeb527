"""Processors of the JSON log."""

import logging
import re

import structlog
from structlog.contextvars import merge_contextvars
from structlog.processors import JSONRenderer, TimeStamper, add_log_level, format_exc_info
from structlog.stdlib import LoggerFactory, ProcessorFormatter, filter_by_level

stamp = TimeStamper(fmt="iso")
level = add_log_level
drop_meta = ProcessorFormatter.remove_processors_meta
# A plain traceback: structlog's own renderer would print local variables, typed text among them.
trace = format_exc_info
_json = JSONRenderer(ensure_ascii=False)
# The address of a calendar, of a confirmation, of a report is its own key: whoever
# reads the log must not have it.
_SECRET = re.compile(r"(/calendar/|/confirm/|/download/)[\w%-]{16,}")
# PostgreSQL quotes the whole row that a constraint refused: pay, names, what was typed.
_ROW = re.compile(
    r"(Failing row contains )\(.*?(?=\\n\\n(?:The above|During handling)|(?<!\\)\"|\Z)", re.DOTALL
)


def masked(text: str) -> str:
    """Text of the log without secret addresses and refused rows."""
    return _ROW.sub(r"\1(***)", _SECRET.sub(r"\1***", text))


def render(logger, name, event_dict):
    """One JSON object a line; line breaks inside values stay escaped."""
    return masked(str(_json(logger, name, event_dict)))


def without_secrets(record: logging.LogRecord) -> bool:
    """A filter for logs of servers, which have handlers of their own."""
    record.msg, record.args = masked(record.getMessage()), None
    return True


def configure() -> None:
    """Send structlog's events through the standard log, under its levels and its one handler."""
    for server in ("gunicorn.access", "gunicorn.error", "django.server"):
        logging.getLogger(server).addFilter(without_secrets)
    structlog.configure(
        processors=[
            filter_by_level,
            merge_contextvars,
            stamp,
            level,
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=LoggerFactory(),
        cache_logger_on_first_use=True,
    )
