"""Processors of the JSON log."""

from structlog.processors import JSONRenderer, TimeStamper, add_log_level
from structlog.stdlib import ProcessorFormatter

stamp = TimeStamper(fmt="iso")
level = add_log_level
drop_meta = ProcessorFormatter.remove_processors_meta
_json = JSONRenderer(ensure_ascii=False)


def render(logger, name, event_dict):
    """One JSON object a line; line breaks inside values stay escaped."""
    return _json(logger, name, event_dict)
