"""Files of a need: attached, given out as attachments only, removed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.generic import View

from core import clock, preferences
from core.views import ActionPage, PolicyMixin
from needs import services
from needs.forms import FileForm
from needs.models import NeedFile
from needs.preferences import FILE_MEGABYTES, FILES_PER_NEED
from needs.views.base import NeedForms


def file_response(file: NeedFile) -> HttpResponse:
    """A file as it goes out: saved, never shown, of the type that was told when it came."""
    response = HttpResponse(bytes(file.content), content_type=file.kind)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


class AddFile(NeedForms):
    form_class = FileForm
    title = "Приложить файл"
    submit_label = "Приложить"

    def get_form_kwargs(self) -> dict[str, Any]:
        values = preferences.read()
        return super().get_form_kwargs() | {
            "megabytes": values[FILE_MEGABYTES],
            "most": values[FILES_PER_NEED],
        }

    def save(self, form: Any) -> Any:
        file = form.cleaned_data["file"]
        return services.attach_file(
            actor=self.request.user,
            need=self.need,
            name=file.name,
            content=file.read(),
            now=clock.now(),
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, f"Файл «{obj.name}» приложен.")
        return super().done_url(obj)


class FileContent(PolicyMixin, View):
    """What is inside."""

    model = NeedFile
    action = "view"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return file_response(self.seen(NeedFile, pk))


class RemoveFile(ActionPage):
    model = NeedFile
    action = "delete"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        file = self.seen(NeedFile, kwargs["pk"])
        services.remove_file(actor=request.user, file=file)
        messages.success(request, f"Файл «{file.name}» убран.")
        return reverse("need", args=[file.need_id])
