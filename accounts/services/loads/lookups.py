"""Whom and what the rows of a batch name: found together, one query for each kind of name."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from accounts.models import ChurnCause, Client, Employee, Service, Unit
from core import text
from core.bulk.resources import Batch, Row
from core.policy import policy_for

NO_CLIENT = "Клиент не найден."
REQUIRED = "Обязательное поле."


def clients_of(batch: Batch) -> dict[int, Client]:
    """The client that each good row names, by the number of the row; the others are refused.

    A row names it by `client` (the number here), `client_external_id` (the code in the КИС) or
    `inn` with `kpp`. What lies outside the actor's scope is as unknown as what is not there.
    """
    seen = policy_for(Client).visible_to(batch.actor).order_by()
    by_pk = seen.in_bulk(list(batch.given("client")))
    by_code = {
        row.external_id: row
        for row in seen.filter(external_id__in=batch.given("client_external_id"))
    }
    by_inn: dict[str, list[Client]] = defaultdict(list)
    alone = {
        row.values["inn"]
        for row in batch.good
        if row.values.get("inn")
        and row.values.get("client") is None
        and not row.values.get("client_external_id")
    }
    for client in seen.filter(inn__in=alone) if alone else ():
        by_inn[client.inn].append(client)
    found = {}
    for row in batch.good:
        named = _named(row, by_pk, by_code, by_inn)
        if named is not None:
            found[row.number] = named
    return found


def _named(
    row: Row,
    by_pk: dict[int, Client],
    by_code: dict[str | None, Client],
    by_inn: dict[str, list[Client]],
) -> Client | None:
    values = row.values
    if values.get("client") is not None:
        name, found = "client", by_pk.get(values["client"])
    elif values.get("client_external_id"):
        name, found = "client_external_id", by_code.get(values["client_external_id"])
    elif values.get("inn"):
        name, alike = "inn", by_inn[values["inn"]]
        if values.get("kpp"):
            alike = [client for client in alike if client.kpp == values["kpp"]]
        if len(alike) > 1:
            row.refuse("kpp", "Клиентов с таким ИНН несколько: укажите КПП.")
            return None
        found = alike[0] if alike else None
    else:
        row.refuse("", "Укажите клиента: его код в КИС, номер или ИНН.")
        return None
    if found is None:
        row.refuse(name, NO_CLIENT)
        return None
    for name in ("inn", "kpp"):
        if values.get(name) and values[name] != getattr(found, name):
            row.refuse(name, "Не сходится с реквизитами этого клиента.")
            return None
    return found


def services_of(batch: Batch, name: str = "service") -> dict[int, Service]:
    """The service that each good row names by code or label; the others are refused."""
    known: dict[str, list[Service]] = defaultdict(list)
    for service in Service.objects.all():
        for word in {service.code, text.key(service.label), text.key(service.long_label)} - {""}:
            known[word].append(service)
    return _pick(batch.good, name, known, "Такого сервиса нет.")


def employees_of(batch: Batch, name: str, *, needed: bool) -> dict[int, Employee]:
    """The employee that each good row names by code or by full name; the others are refused.

    Two people may bear one name: then only the code tells them apart.
    """
    typed = {str(value) for value in batch.given(name)}
    known: dict[str, list[Employee]] = defaultdict(list)
    if typed:
        rows = policy_for(Employee).visible_to(batch.actor)
        surnames = {value.split()[0] for value in typed if value.split()}
        for row in rows.filter(external_id__in=typed) | rows.filter(last_name__in=surnames):
            for word in {row.external_id or "", text.key(str(row))} - {""}:
                known[word].append(row)
    return _pick(batch.good, name, known, "Такого сотрудника нет.", needed=needed)


def units_of(batch: Batch, name: str, *, needed: bool) -> dict[int, Unit]:
    """The unit that each good row names by code or by name; the others are refused."""
    known: dict[str, list[Unit]] = defaultdict(list)
    if batch.given(name):
        for row in policy_for(Unit).visible_to(batch.actor).filter(is_active=True):
            for word in {row.external_id or "", text.key(row.name)} - {""}:
                known[word].append(row)
    return _pick(batch.good, name, known, "Такого подразделения нет.", needed=needed)


def causes_of(batch: Batch, name: str) -> dict[int, ChurnCause]:
    """The kind of reason that a good row names by its label; rows without one have none."""
    known: dict[str, list[ChurnCause]] = defaultdict(list)
    for cause in ChurnCause.objects.all() if batch.given(name) else ():
        known[text.key(cause.label)].append(cause)
    return _pick(batch.good, name, known, "Такого вида причин нет.", needed=False)


def _pick(
    rows: Iterable[Row],
    name: str,
    known: dict[str, list[Any]],
    missing: str,
    *,
    needed: bool = True,
) -> dict[int, Any]:
    found = {}
    for row in rows:
        typed = row.values.get(name)
        if not typed:
            if needed:
                row.refuse(name, REQUIRED)
            continue
        alike = known.get(typed) or known.get(text.key(typed)) or []
        if len({one.pk for one in alike}) > 1:
            row.refuse(name, "Под этим именем записей несколько: укажите код.")
        elif not alike:
            row.refuse(name, missing)
        else:
            found[row.number] = alike[0]
    return found


def require(row: Row, *names: str) -> bool:
    """Refuse a new row that lacks what it needs; whether it has it all."""
    lacking = [name for name in names if row.values.get(name) in (None, "")]
    for name in lacking:
        row.refuse(name, REQUIRED)
    return not lacking


def refuse_future(rows: Iterable[Row], name: str, today: Any) -> None:
    """Refuse the rows whose day has not come yet, as the single services do."""
    for row in rows:
        if row.values.get(name) is not None and row.values[name] > today:
            row.refuse(name, "Дата ещё не наступила.")
