"""The demo as an app, so that its command is found."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "config.demo"
    label = "demo"
    verbose_name = "демонстрация"
