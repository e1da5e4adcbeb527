"""Files of a need: what is taken, under which name, and how it goes out."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import AuditEntry, Setting
from needs import services
from needs.attachments import Unfit, clean_name, extension_of, kind_of
from needs.models import Need, NeedFile
from tests import factories
from tests.personas import World

As = Callable[[str], Any]
PDF = b"%PDF-1.7\nbody"


def office(*parts: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "<x/>")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("акт.pdf", PDF, "application/pdf"),
        ("А.PDF", PDF, "application/pdf"),
        ("a.png", b"\x89PNG\r\n\x1a\n..", "image/png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0..", "image/jpeg"),
        ("a.jpg", b"\xff\xd8\xff\xe0..", "image/jpeg"),
        ("a.txt", "Привет".encode(), "text/plain"),
        ("a.csv", "Привет;1".encode("cp1251"), "text/plain"),
    ],
)
def test_what_is_taken(name: str, content: bytes, kind: str) -> None:
    assert kind_of(name, content) == kind


def test_office() -> None:
    assert kind_of("a.docx", office("word/document.xml")).endswith("wordprocessingml.document")
    assert kind_of("a.xlsx", office("xl/workbook.xml")).endswith("spreadsheetml.sheet")


def test_a_zip_of_very_many_parts_is_not_read_through(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = office("word/document.xml", *(f"word/{number:060}" for number in range(6000)))
    monkeypatch.setattr(zipfile, "ZipFile", None)  # whoever reads its list fails
    with pytest.raises(Unfit, match="не похоже на docx"):
        kind_of("a.docx", bomb)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", b"<html>"), ("a.svg", b"<svg/>"), ("a.exe", b"MZ"), ("a", b"text"),
        (".pdf", PDF),
        ("a.pdf", b"<html>"), ("a.png", PDF), ("a.pdf.html", PDF), ("a.pdf", b""),
        ("a.docx", office("xl/workbook.xml")), ("a.docx", b"PK\x03\x04 broken"), ("a.docx", PDF),
        ("a.docx", office("word/document.xml", "word/vbaProject.bin")), ("a.txt", b"\x00\x01MZ"),
        ("a.docm", office("word/document.xml")), ("a.zip", office()),
    ],
)  # fmt: skip
def test_what_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(Unfit):
        kind_of(name, content)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("../../etc/акт.pdf", "акт.pdf"), ("C:\\dir\\акт.pdf", "акт.pdf"), 
        (" акт  1.pdf ", "акт 1.pdf"),
        ("..pdf", "pdf"),
    ],
)  # fmt: skip
def test_names_lose_their_folders(typed: str, name: str) -> None:
    assert clean_name(typed) == name


@pytest.mark.parametrize(
    "typed", ["", "..", "a/", "акт\u202efdp.exe", "a\u200b.pdf", "a\x00.pdf", "a\n.pdf", "я" * 201]
)
def test_names_that_are_refused(typed: str) -> None:
    with pytest.raises(Unfit):
        clean_name(typed)


def test_extension() -> None:
    assert [extension_of(n) for n in ("a.PDF", "a", ".pdf", "a.tar.gz")] == ["pdf", "", "", "gz"]


@pytest.mark.django_db
class TestWork:
    @pytest.fixture
    def need(self, world: World) -> Need:
        return factories.need(world.clients["own"])

    def attach(self, world: World, need: Need, now: datetime, **more: Any) -> NeedFile:
        call = {"actor": world.users["anna"], "name": "акт.pdf", "content": PDF, "now": now}
        return services.attach_file(**call | more, need=need)

    def test_attached_and_removed_with_a_trace_but_no_content(
        self, world: World, now: datetime, need: Need
    ) -> None:
        file = self.attach(world, need, now)
        assert (file.size, file.kind, file.added_by) == (
            len(PDF),
            "application/pdf",
            world.staff["anna"],
        )
        services.remove_file(actor=world.users["galina"], file=file)
        entries = AuditEntry.objects.filter(subject__startswith="needs.needfile:").order_by("-pk")[
            :2
        ]
        assert [entry.action for entry in entries] == ["delete", "create"]
        assert all("content" not in entry.after | entry.before for entry in entries)

    def test_limits(self, world: World, now: datetime, need: Need) -> None:
        Setting.objects.create(code="needs.file_megabytes", value=1)
        Setting.objects.create(code="needs.files_per_need", value=2)
        said = []
        for content in (PDF, PDF, PDF + bytes(1024 * 1024), PDF + b"2", PDF + b"3"):
            try:
                self.attach(world, need, now, content=content)
            except ValidationError as error:
                said += error.message_dict["file"]
        assert said == [
            "Этот файл уже приложен.",
            "Файл больше 1 МБ.",
            "Файлов уже 2: больше приложить нельзя.",
        ]

    def test_page(self, world: World, need: Need, client_as: As) -> None:
        anna = client_as("anna")
        form = reverse("need_file_add", args=[need.pk])
        wrong = anna.post(form, {"file": SimpleUploadedFile("a.svg", b"<svg/>")})
        assert (wrong.status_code, "не принимаются" in wrong.content.decode()) == (422, True)
        anna.post(form, {"file": SimpleUploadedFile("акт.pdf", PDF)})
        file = NeedFile.objects.get(need=need)
        given = anna.get(reverse("need_file", args=[file.pk]))
        assert given.content == PDF
        assert given["Content-Type"] == "application/pdf"
        assert given["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        assert given["X-Content-Type-Options"] == "nosniff"
        for other in ("boris", "vera"):
            assert client_as(other).get(reverse("need_file", args=[file.pk])).status_code == 404
        anna.post(reverse("need_file_remove", args=[file.pk]))
        assert not NeedFile.objects.filter(need=need).exists()

    def test_too_large_is_refused_before_it_is_read(
        self, need: Need, client_as: As, settings: Any
    ) -> None:
        Setting.objects.create(code="needs.file_megabytes", value=1)
        form = reverse("need_file_add", args=[need.pk])
        big = SimpleUploadedFile("a.pdf", PDF + bytes(1024 * 1024))
        told = client_as("anna").post(form, {"file": big})
        assert (told.status_code, "Файл больше 1 МБ" in told.content.decode()) == (422, True)
        settings.LARGEST_BODY = 1000
        told = client_as("anna").post(form, {"file": SimpleUploadedFile("a.pdf", PDF * 200)})
        assert (told.status_code, "Слишком большой файл" in told.content.decode()) == (413, True)

    def test_lists_do_not_load_what_is_inside(
        self, world: World, need: Need, client_as: As, api_as: As, count_queries: Callable[[], Any]
    ) -> None:
        counts = []
        for more in (3, 27):
            for _ in range(more):
                factories.need_file(need)
            anna, api = client_as("anna"), api_as("anna")
            anna.get(reverse("need", args=[need.pk]))
            with count_queries() as queries:
                anna.get(reverse("need", args=[need.pk]))
                api.get("/api/v1/need-files/")
            counts.append(len(queries))
            assert not any('"needs_needfile"."content"' in q["sql"] for q in queries)
        assert counts[0] == counts[1]

    def test_api(self, world: World, need: Need, api_as: As) -> None:
        api = api_as("anna")
        sent = {"need": need.pk, "file": SimpleUploadedFile("акт.pdf", PDF)}
        made = api.post("/api/v1/need-files/", sent, format="multipart")
        assert made.status_code == 201, made.content
        assert (made.json()["name"], made.json()["size"]) == ("акт.pdf", len(PDF))
        at = f"/api/v1/need-files/{made.json()['id']}/"
        assert api.get(at + "content/").content == PDF
        assert api_as("vera").get(at + "content/").status_code == 404
        bad = api.post(
            "/api/v1/need-files/",
            {"need": need.pk, "file": SimpleUploadedFile("a.html", b"<html>")},
            format="multipart",
        )
        assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "file")
        assert api_as("reader").delete(at).status_code == 403
        assert api.delete(at).status_code == 204
