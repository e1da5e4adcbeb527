"""When the database does not serve a request now: somebody writes there, or it is away.

Django calls all of this OperationalError: what no program can help. Nothing was written, and
whoever asks again a little later is served.
"""

from typing import Any

import structlog
from django.db import OperationalError

RETRY_AFTER = 15  # seconds
_HELD = frozenset({"55P03", "40P01"})  # lock_not_available, deadlock_detected
_TOO_LONG = "57014"  # query_canceled, here by statement_timeout

log = structlog.get_logger(__name__)


def told(error: OperationalError) -> str:
    """What happened, for the one who asked; the log keeps the rest."""
    code: Any = getattr(error.__cause__, "pgcode", None)
    log.warning("database_busy", code=code, error=str(error)[:300])
    if code in _HELD:
        return (
            "Эти данные сейчас записывает кто-то другой, например загрузка файла. "
            "Ничего не записано: повторите через минуту."
        )
    if code == _TOO_LONG:
        return "Запрос занял слишком много времени и остановлен. Ничего не записано."
    return "База данных сейчас не отвечает. Ничего не записано: повторите через минуту."
