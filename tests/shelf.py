"""Rows set aside in a schema of their own and put back exactly as they were.

They go in with triggers and foreign keys at rest: what the database accepted once is not judged
again, so a centre of two hundred rows that takes a second to build is there in milliseconds.
"""

from collections.abc import Callable
from typing import Self

from django.db import OperationalError, connection, transaction

REST = "SET LOCAL session_replication_role = replica"
WAKE = "SET LOCAL session_replication_role = origin"
_OF_DJANGO = "django_migrations"


def all_tables() -> list[str]:
    """Every table that a test may write, those that only triggers fill among them."""
    return [table for table in connection.introspection.table_names() if table != _OF_DJANGO]


def filled(tables: list[str]) -> list[str]:
    """Those of the tables that hold a row."""
    asked = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [table for (table,) in cursor.fetchall()]


class Shelf:
    """The rows of some tables as of a moment."""

    def __init__(self, name: str, tables: list[str]) -> None:
        self.name, self.tables = name, tables

    @classmethod
    def fill(cls, name: str, beside: Self | None = None) -> Self:
        """Set aside what the tables hold now, leaving out what lies on another shelf alike."""
        shelf = cls(name, filled(all_tables()))
        if beside:
            shelf.tables = [table for table in shelf.tables if not beside.holds_all_of(table)]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")
            for table in shelf.tables:
                cursor.execute(f'CREATE TABLE {name}."{table}" AS TABLE "{table}"')
        shelf.statements = "; ".join(shelf._put_back(table) for table in shelf.tables)
        return shelf

    def holds_all_of(self, table: str) -> bool:
        """Whether a table holds just what lies on the shelf."""
        if table not in self.tables:
            return False
        digest = "SELECT md5(string_agg(t::text, ';' ORDER BY t::text)) FROM"
        with connection.cursor() as cursor:
            cursor.execute(f'{digest} "{table}" t UNION {digest} {self.name}."{table}" t')
            return len(cursor.fetchall()) == 1

    def _put_back(self, table: str) -> str:
        """What replaces the rows of a table; generated columns compute themselves."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
                " WHERE table_schema = current_schema() AND table_name = %s"
                " AND is_generated = 'NEVER'",
                [table],
            )
            columns = cursor.fetchone()[0]
        return (
            f'DELETE FROM "{table}"; INSERT INTO "{table}" ({columns})'
            f' SELECT {columns} FROM {self.name}."{table}"{self._number_on(table)}'
        )

    def _number_on(self, table: str) -> str:
        """What keeps the next number beyond the rows, where a test has set the sequence back."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_serial_sequence(quote_ident(table_name), column_name)"
                " FROM information_schema.columns WHERE table_schema = current_schema()"
                " AND table_name = %s AND column_name = 'id'",
                [table],
            )
            found = cursor.fetchone()
            if not found or not found[0]:
                return ""
            cursor.execute(f'SELECT max(id) FROM "{table}"')
            last = cursor.fetchone()[0]
        return f"; SELECT setval('{found[0]}', {last}) FROM {found[0]} WHERE last_value < {last}"

    def put_back(self) -> None:
        """Make the tables of the shelf what they were; inside a transaction."""
        with connection.cursor() as cursor:
            cursor.execute(f"{REST}; {self.statements}; {WAKE}")


def empty(tables: list[str]) -> None:
    """Take every row away; only the tables that have some cost anything. In a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join([REST, *(f'DELETE FROM "{t}"' for t in filled(tables)), WAKE]))


def outlast_the_late(change: Callable[[], None], tries: int = 3) -> None:
    """Do it in a transaction, anew after a deadlock with what the test before left running.

    A browser that has been closed may still have a request at the live server, which ends soon.
    """
    for left in reversed(range(tries)):
        try:
            with transaction.atomic():
                change()
            return
        except OperationalError as error:
            if not left or "deadlock" not in str(error) or connection.in_atomic_block:
                raise
