from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class BulkConfig(AppConfig):
    """Finds what each app declares in its `bulk.py`."""

    name = "core.bulk"
    label = "bulk"
    verbose_name = "Загрузка данных"

    def ready(self) -> None:
        autodiscover_modules("bulk")
