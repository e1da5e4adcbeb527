from django.apps import AppConfig
from django.contrib.admin import apps as admin


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Ядро"
    default = True

    def ready(self) -> None:
        from core import lookups

        lookups.register()


class DictionaryAdminConfig(admin.AdminConfig):
    """Django's admin with the site of `core.admin`."""

    default_site = "core.admin.DictionarySite"
    default = False
