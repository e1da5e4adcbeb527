"""What is sent is measured before it is read: a body beyond the limit is not taken in at all."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class Limit(FileUploadHandler):
    """Stands before the handlers that keep files; refuses by the length that the sender told."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  (Django's own name)
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse before the first piece."""
        if content_length > settings.LARGEST_BODY:
            raise RequestDataTooBig("Тело запроса больше, чем принимает сервер.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand the piece on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The file is kept by the handlers behind."""
        return None
