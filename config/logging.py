"""Processors of the JSON log."""

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


def render(logger, name, event_dict):
    """One JSON object a line; line breaks inside values stay escaped."""
    return _json(logger, name, event_dict)


def configure() -> None:
    """Send structlog's events through the standard log, under its levels and its one handler."""
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
