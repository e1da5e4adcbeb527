"""What the forms of this app share."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse

from core.views import FormPage


class SavingPage(FormPage):
    """A form that says when it has saved."""

    done_message = "Сохранено."

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if response.status_code == 302:
            messages.success(self.request, self.get_done_message())
        return response

    def get_done_message(self) -> str:
        return self.done_message
