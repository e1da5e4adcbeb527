"""A file of a need."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from core.forms import Form
from needs.attachments import KINDS


class FileForm(Form):
    """The size is judged by what the server was told, before anything is read."""

    file = forms.FileField(
        label="Файл",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(f".{kind}" for kind in KINDS)}),
        error_messages={"required": "Выберите файл."},
    )

    def __init__(self, *args: Any, megabytes: int, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.megabytes = megabytes
        self.fields[
            "file"
        ].help_text = (
            f"{', '.join(sorted(KINDS))}; до {megabytes} МБ, у одной потребности до {most} файлов."
        )

    def clean_file(self) -> UploadedFile:
        """Not larger than the setting allows."""
        file = self.cleaned_data["file"]
        if file.size > self.megabytes * 1024 * 1024:
            raise forms.ValidationError(f"Файл больше {self.megabytes} МБ.")
        return file
