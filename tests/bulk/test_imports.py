"""Imports of files: looked at before anything is written, resumed, reported, taken back."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Assignment, Client, Usage
from core.bulk import jobs, services
from core.bulk.models import Import, ImportChange, Mapping
from core.errors import Refused
from core.models import AuditEntry, JobRun
from tests import factories
from tests.bulk.conftest import Importing, csv_of, sent, xlsx_of
from tests.personas import World

pytestmark = pytest.mark.django_db
HEAD = ["Код", "Наименование", "ИНН", "КПП", "Сегмент", "Дата подключения", "СИО"]


def companies(count: int, start: int = 600) -> list[list[Any]]:
    return [
        [f"C-{n}", f"ООО Файл {n}", factories.inn(n), "770101001", "сети", "01.02.2026", ""]
        for n in range(start, start + count)
    ]


def test_a_file_goes_all_the_way_and_back(world: World, importing: Importing, media: Path) -> None:
    rows = companies(3)
    rows[0][6] = str(world.staff["anna"])
    before = Client.objects.count()
    found = importing.upload("clients", "Клиенты.csv", csv_of(HEAD, *rows))
    assert list(found.mapping.values()) == [
        "external_id", "name", "inn", "kpp", "segment", "connected_on", "specialist",
    ]  # fmt: skip
    assert found.notes == ["Кодировка: UTF-8", "Разделитель: точка с запятой"]
    found = importing.check(found)
    assert (found.status, found.counts["created"]) == ("checked", 3)
    assert Client.objects.count() == before
    found = importing.write(found, "all_or_nothing")
    assert (found.status, found.counts["created"]) == ("done", 3)
    first = Client.objects.get(external_id="C-600")
    assert (first.specialist, first.segment) == (world.staff["anna"], "network")
    entry = AuditEntry.objects.get(subject=f"accounts.client:{first.pk}", action="create")
    assert (entry.via, entry.actor) == (f"загрузка {found.pk}", world.users["elena"])
    found = importing.take_back(found)
    assert (found.status, found.problem) == ("undone", "")
    assert Client.objects.count() == before
    assert not Assignment.objects.filter(client_id=first.pk).exists()
    gone = AuditEntry.objects.filter(subject=f"accounts.client:{first.pk}", action="delete")
    assert gone.count() == 1


def test_an_update_is_taken_back_to_what_stood_before(world: World, importing: Importing) -> None:
    client = world.clients["own"]
    line = [client.external_id, "ООО Другое имя", client.inn, client.kpp, "сети", "", ""]
    found = importing.write(importing.checked("clients", "a.csv", csv_of(HEAD, line)))
    changed = Client.objects.get(pk=client.pk)
    assert (changed.name, changed.segment) == ("ООО Другое имя", "network")
    importing.take_back(found)
    back = Client.objects.get(pk=client.pk)
    assert (back.name, back.segment, back.search_key) == (
        client.name, client.segment, client.search_key,
    )  # fmt: skip
    assert back.version == client.version + 2


def test_a_newer_change_stands_in_the_way_of_all(world: World, importing: Importing) -> None:
    found = importing.write(importing.checked("clients", "a.csv", csv_of(HEAD, *companies(2))))
    from accounts.services import update_client

    touched = Client.objects.get(external_id="C-601")
    update_client(actor=world.users["elena"], client=touched, values={"competitor": "Иной"})
    found = importing.take_back(found)
    assert found.status == "done"
    assert found.problem == (
        "Отменить нельзя: записи менялись после загрузки. Строка 3: запись изменена позже."
    )
    assert Client.objects.filter(external_id__in=["C-600", "C-601"]).count() == 2


def test_rows_that_others_refer_to_stand_in_the_way(world: World, importing: Importing) -> None:
    found = importing.write(importing.checked("clients", "a.csv", csv_of(HEAD, *companies(1))))
    factories.usage(Client.objects.get(external_id="C-600"))
    found = importing.take_back(found)
    assert "Строка 2: на запись уже ссылаются использование." in found.problem
    assert Client.objects.filter(external_id="C-600").exists()


def test_usage_is_taken_back(world: World, importing: Importing) -> None:
    client = world.clients["own"]
    known = Usage.objects.filter(client=client).first()
    assert known is not None
    lines = [
        ["ИНН", "Сервис", "Дата", "Кол-во"],
        [client.inn, known.service.code, f"{known.day:%d.%m.%Y}", known.quantity + 7],
        [client.inn, known.service.label, "01.08.2026", "1 000"],
    ]
    before = set(Usage.objects.values_list("client", "service", "day", "quantity"))
    found = importing.write(importing.checked("usage", "u.csv", csv_of(*lines)))
    assert (found.counts["created"], found.counts["updated"]) == (1, 1)
    assert set(Usage.objects.values_list("client", "service", "day", "quantity")) != before
    assert importing.take_back(found).status == "undone"
    assert set(Usage.objects.values_list("client", "service", "day", "quantity")) == before


def test_the_same_file_twice_is_a_notice_and_nothing_else(
    world: World, client_as: Callable[[str], Any], media: Path
) -> None:
    body = csv_of(HEAD, *companies(1))
    browser = client_as("elena")

    def post(**more: Any) -> Any:
        data = {"resource": "clients", "file": sent("a.csv", body), "whole": "yes", **more}
        return browser.post(reverse("import_new"), data)

    first = post()
    found = Import.objects.get(resource="clients")
    assert first["Location"] == reverse("import_columns", args=[found.pk])
    again = post()
    assert again["Location"] == reverse("import", args=[found.pk])
    assert "уже загружали" in browser.get(again["Location"]).content.decode()
    assert Import.objects.filter(resource="clients").count() == 1
    assert len(list((media / "imports").iterdir())) == 1
    post(repeat="on")
    assert Import.objects.filter(is_repeat=True).count() == 1


def test_an_upload_cut_in_the_middle_leaves_nothing(
    world: World, client_as: Callable[[str], Any], media: Path
) -> None:
    """The last field of the form never came: whatever stood of the file is not taken."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="resource"\r\n\r\nclients\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n" + csv_of(HEAD, *companies(50))
    )
    whole = (
        body + b'\r\n--x\r\nContent-Disposition: form-data; name="whole"\r\n\r\nyes\r\n--x--\r\n'
    )
    browser = client_as("elena")

    def send(sent_body: bytes) -> Any:
        address = reverse("import_new")
        return browser.generic("POST", address, sent_body, "multipart/form-data; boundary=x")

    for share in (10, 50, 99):
        answer = send(whole[: len(body) * share // 100])
        assert answer.status_code in (400, 422), share
    assert not Import.objects.filter(resource="clients").exists()
    assert not list(media.glob("imports/*"))
    assert send(whole).status_code == 302


def test_cancelled_between_chunks_it_goes_on_where_it_stopped(
    world: World, importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 4)
    found = importing.checked("clients", "a.csv", csv_of(HEAD, *companies(10)))
    found = importing.write(found, stop=1)
    assert (found.status, found.rows_done) == ("stopped", 5)
    assert Client.objects.filter(external_id__startswith="C-").count() == 4
    found = importing.write(found)
    assert (found.status, found.counts["created"]) == ("done", 10)
    clients = Client.objects.filter(external_id__startswith="C-")
    assert (clients.count(), ImportChange.objects.filter(of=found).count()) == (10, 10)
    assert importing.take_back(found).status == "undone"
    assert not clients.exists()


def test_cancelled_all_or_nothing_is_nothing(
    world: World, importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 4)
    found = importing.checked("clients", "a.csv", csv_of(HEAD, *companies(10)))
    found = importing.write(found, "all_or_nothing", stop=2)
    assert (found.status, found.rows_done) == ("checked", 0)
    assert not Client.objects.filter(external_id__startswith="C-").exists()


def test_bad_rows_are_told_and_the_good_ones_written(world: World, importing: Importing) -> None:
    rows = companies(5)
    rows[1][2] = "7707083890"
    rows[2][2], rows[2][1] = rows[2][1], rows[2][2]
    rows[3][5] = "01.01.1900"
    found = importing.checked("clients", "a.csv", csv_of(HEAD, *rows))
    assert (found.counts["created"], found.counts["refused"]) == (2, 3)
    with pytest.raises(ValidationError, match="Отказано строкам: 3"):
        services.confirm(actor=importing.actor, found=found, mode="all_or_nothing")
    found = importing.write(found)
    assert (found.counts["created"], found.counts["refused"]) == (2, 3)
    told = {row.number: row.errors for row in found.rows.filter(outcome="refused")}
    assert told == {
        3: {"inn": ["Контрольные цифры ИНН не сходятся."]},
        4: {"inn": ["ИНН — это 10 цифр организации или 12 цифр ИП."]},
        5: {"connected_on": ["01.01.1900: раньше 01.01.1990 не бывает."]},
    }


def test_refused_rows_come_back_as_a_file_with_reasons(
    world: World, importing: Importing, client_as: Callable[[str], Any]
) -> None:
    rows = companies(2)
    rows[1][2] = "=cmd()"
    found = importing.checked("clients", "Клиенты.csv", csv_of(HEAD, *rows))
    answer = client_as("elena").get(reverse("import_refused", args=[found.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    lines = [[cell.value for cell in row] for row in sheet]
    assert lines[0] == [*HEAD, "Строка файла", "Причина отказа"]
    assert lines[1][:3] == ["C-601", "ООО Файл 601", "=cmd()"]
    assert lines[1][7:] == [3, "ИНН: ИНН — это 10 цифр организации или 12 цифр ИП."]
    assert sheet["C2"].data_type == "s"


def test_doubles_are_found_across_parts_of_a_file(
    world: World, importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 2)
    rows = companies(4)
    rows[3] = rows[0]
    found = importing.checked("clients", "a.csv", csv_of(HEAD, *rows))
    assert found.rows.get(number=5).errors == {"": ["Повторяет строку 2."]}


def test_columns_are_remembered(world: World, importing: Importing) -> None:
    rows = [["Кто", "Что", "Когда", "Сколько штук"], [world.clients["own"].inn, "kplus",
             "01.08.2026", 5]]  # fmt: skip
    found = importing.upload("usage", "u.csv", csv_of(*rows))
    assert found.mapping == {}
    chosen = {0: "inn", 1: "service", 2: "day", 3: "quantity"}
    assert importing.check(found, chosen).counts["created"] == 1
    assert Mapping.objects.get().columns["сколько штук"] == "quantity"
    rows[1][3] = 6
    again = importing.upload("usage", "u2.csv", csv_of(*rows))
    assert again.mapping == {str(place): name for place, name in chosen.items()}


def test_an_excel_file_is_read_as_excel_shows_it(world: World, importing: Importing) -> None:
    from datetime import datetime

    client = world.clients["own"]
    rows = [
        ["ИНН", "Сервис", "День", "Количество"],
        [int(client.inn), "kplus", datetime(2026, 8, 1), 5],
        [client.inn, "kplus", 46236, 5.0],
        [client.inn, "kplus", "=1/0", "#DIV/0!"],
    ]
    found = importing.checked("usage", "u.xlsx", xlsx_of(*rows))
    lines = list(found.rows.all())
    assert [line.outcome for line in lines] == ["created", "created", "refused"]
    assert lines[1].notes == ["День: число Excel 46236 прочитано как 02.08.2026"]
    assert lines[2].errors == {
        "day": ["В ячейке формула без значения: откройте файл в Excel и сохраните."],
        "quantity": ["В ячейке ошибка #ДЕЛ/0!."],
    }


def test_powers_are_asked_when_the_work_is_done(world: World, importing: Importing) -> None:
    found = importing.checked("clients", "a.csv", csv_of(HEAD, *companies(1)))
    services.confirm(actor=importing.actor, found=found, mode="best_effort")
    importing.actor.role = "admin"
    importing.actor.save()
    from tests.bulk.conftest import Run

    jobs.write(Run(found, "import_run"), found.uploaded_at.date())  # type: ignore[arg-type]
    found.refresh_from_db()
    assert (found.status, found.problem) == ("checked", "Недостаточно прав для этого действия.")
    assert not Client.objects.filter(external_id="C-600").exists()


def test_an_integration_sees_its_own_imports_alone(world: World, importing: Importing) -> None:
    found = importing.upload("clients", "a.csv", csv_of(HEAD, *companies(1)))
    assert not Import.objects.visible_to(world.users["writer"]).filter(pk=found.pk).exists()
    with pytest.raises(Refused):
        services.choose_columns(actor=world.users["writer"], found=found, mapping={0: "name"})


def test_pages_show_every_state(
    world: World, importing: Importing, client_as: Callable[[str], Any]
) -> None:
    browser = client_as("elena")
    found = importing.upload("clients", "a.csv", csv_of(HEAD, *companies(2)))

    def page(name: str = "import") -> str:
        answer = browser.get(reverse(name, args=[found.pk]))
        assert answer.status_code == 200
        return answer.content.decode()

    assert "Файл принят" in page()
    assert "Загрузить как" in page("import_columns")
    data = {f"column_{n}": name for n, name in enumerate(found.mapping.values())}
    sent_form = browser.post(
        reverse("import_columns", args=[found.pk]), {**data, "version": found.version}
    )
    assert sent_form.status_code == 302
    assert "Остановить" in page()
    browser.post(reverse("import_stop", args=[found.pk]))
    found.refresh_from_db()
    assert found.status == "uploaded"
    found = importing.check(found)
    assert "Ничего ещё не записано" in page() and "Загрузить всё или ничего" in page()
    found = importing.write(found)
    assert "Отменить загрузку" in page() and "C-600" in page()
    assert "a.csv" in browser.get(reverse("imports")).content.decode()
    assert JobRun.objects.filter(kind="import_check").count() == 1


def test_old_files_are_dropped(
    world: World, importing: Importing, media: Path, move_clock: Callable[..., None], now: Any
) -> None:
    from datetime import timedelta

    found = importing.write(importing.checked("clients", "a.csv", csv_of(HEAD, *companies(1))))
    assert jobs.forget_files(now.date()) == 0
    move_clock(now + timedelta(days=31))
    assert jobs.forget_files(now.date()) == 1
    found.refresh_from_db()
    assert (found.stored_as, found.rows.count(), found.changes.count()) == ("", 0, 0)
    assert not list(media.glob("imports/*"))
    assert Client.objects.filter(external_id="C-600").exists()
