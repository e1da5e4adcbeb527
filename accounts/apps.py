from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Клиенты и сотрудники"

    def ready(self) -> None:
        from accounts import policy  # noqa: F401  (policies register themselves)
