"""PostgreSQL through ADBC: rows come as Arrow batches, by COPY in binary."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from etl.config.databases import Database
from etl.duck import quoted
from etl.errors import SourceError
from etl.extract.messages import install, no_permission, refused, too_slow, unreachable, writes
from etl.extract.server import Column, Relation

_TIMES = ("date", "timestamp", "timestamptz")
_WHOLE = ("int2", "int4", "int8")


class Postgres:
    """A connection in one read-only transaction that sees one moment of the database."""

    def __init__(self, database: Database) -> None:
        try:
            from adbc_driver_manager import Error
            from adbc_driver_postgresql.dbapi import connect
        except ImportError:
            raise SourceError(install("PostgreSQL", "postgres")) from None
        self.database = database
        self.error = Error
        text = _connection_text(database)
        try:
            # Not its own transactions: ours are read-only from their first statement.
            self.connection = connect(text, autocommit=True)
        except Error as error:
            raise SourceError(_not_connected(database, error)) from None
        with self._as_source_errors():
            self.cursor = self.connection.cursor()
            self._begin()

    def _begin(self) -> None:
        """Settings are the transaction's: a pool of connections may stand between."""
        milliseconds = int(self.database.statement_timeout.total_seconds() * 1000)
        # The server knows no longer one: 24 days.
        milliseconds = min(milliseconds, 2**31 - 1)
        for statement in (
            "begin transaction isolation level repeatable read, read only",
            f"set local statement_timeout = {milliseconds}",
            "set local time zone 'UTC'",
            "set local datestyle = 'ISO'",
            "set local standard_conforming_strings = on",
            "set local bytea_output = 'hex'",
        ):
            self.cursor.execute(statement)

    def close(self) -> None:
        """Ends the transaction and leaves."""
        for end in (self.cursor.close, self.connection.close):
            try:
                end()
            except self.error:
                # The server has left already: there is nothing to end.
                continue

    def relations(self) -> list[Relation]:
        """All tables and views but those of the server itself; near ones first."""
        rows = self._rows(
            "select n.nspname::text, c.relname::text, n.nspname = any (current_schemas(false)) "
            "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where c.relkind in ('r', 'p', 'v', 'm', 'f') "
            "and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' "
            "order by array_position(current_schemas(false), n.nspname), 1, 2"
        )
        return [Relation(*row) for row in rows]

    def columns(self, relation: Relation) -> list[Column]:
        """The columns that the user may read, in the table's order."""
        of = f"{quoted(self.name(relation.schema, relation.name))}::regclass"
        rows = self._rows(
            "select a.attname::text, b.typname::text, b.typcategory::text, not a.attnotnull, "
            "coalesce(a.attnum = any (k.indkey), false) "
            "from pg_attribute a join pg_type t on t.oid = a.atttypid "
            # A domain is landed as what it is made of.
            "join pg_type b on b.oid = coalesce(nullif(t.typbasetype, 0), t.oid) "
            "left join pg_index k on k.indrelid = a.attrelid and k.indisprimary "
            f"where a.attrelid = {of} and a.attnum > 0 and not a.attisdropped "
            f"and has_column_privilege({of}, a.attnum, 'select') order by a.attnum"
        )
        return [self._column(*row) for row in rows]

    def _column(
        self, name: str, type_name: str, category: str, is_nullable: bool, is_key: bool
    ) -> Column:
        quoted = self.name(name)
        landed, arrow = f"{quoted}::text", pa.string()
        if type_name in _WHOLE:
            landed, arrow = f"{quoted}::int8", pa.int64()
        elif type_name == "bool":
            landed, arrow = quoted, pa.bool_()
        elif category == "A":
            landed = f"to_jsonb({quoted})::text"
        elif type_name == "bytea":
            landed = f"encode({quoted}, 'hex')"
        kind = "time" if type_name in _TIMES else "whole" if type_name in _WHOLE else "other"
        return Column(name, type_name, kind, landed, arrow, is_nullable, is_key)

    def text(self, query: str) -> str | None:
        """The one text that a query yields; None for null or no row."""
        rows = self._rows(query)
        return rows[0][0] if rows else None

    def batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows of a query as they come, in batches of the schema."""
        with self._as_source_errors():
            self.cursor.execute(query)
            for batch in self.cursor.fetch_record_batch():
                yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)

    def name(self, *parts: str) -> str:
        """SQL of a name, or of a name within a schema."""
        return ".".join('"' + part.replace('"', '""') + '"' for part in parts)

    def as_text(self, expression: str) -> str:
        """SQL of a value as text."""
        return f"{expression}::text"

    def time_before(self, column: Column, value: str, seconds: float) -> str:
        """SQL of the time so many seconds before a value of the column."""
        return f"({quoted(value)}::{column.type} - interval '{seconds} seconds')"

    def now(self, column: Column, time_zone: str) -> str:
        """SQL of the present, comparable with the column; naive times are of the zone."""
        return "now()" if column.type == "timestamptz" else f"(now() at time zone '{time_zone}')"

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._as_source_errors():
            self.cursor.execute(query)
            return list(self.cursor.fetchall())

    @contextmanager
    def _as_source_errors(self) -> Iterator[None]:
        """Errors of the driver as errors of ours."""
        try:
            yield
        except self.error as error:
            raise SourceError(_problem(self.database, error)) from None


def _connection_text(database: Database) -> str:
    """What libpq is told, by keywords: its errors about a URL would quote the password."""
    given = {
        "connect_timeout": "10",
        "application_name": "dwell",
        **database.options,
        "host": database.options.get("host", database.host),
        "port": database.port,
        "user": database.user,
        "dbname": database.name,
        "password": database.password() or "",
    }
    return " ".join(
        f"{key}='" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        for key, value in given.items()
        if value.strip(",")
    )


def _not_connected(database: Database, error: Exception) -> str:
    reason = database.hide(_reason(error))
    if any(word in reason for word in ("password", "authentication", "pg_hba", "role ")):
        return refused(database, reason)
    return unreachable(reason)


def _problem(database: Database, error: Exception) -> str:
    reason, code = database.hide(_reason(error)), getattr(error, "sqlstate", None)
    if code == "57014" and "timeout" in reason:
        return too_slow(database)
    if code == "42501":
        return no_permission(database, reason)
    if code == "25006":
        return writes(reason)
    return f"the server says: {reason}."


def _reason(error: Exception) -> str:
    """The server's own words, without the driver's."""
    details = dict(getattr(error, "details", None) or ())
    message = details.get(b"PG_DIAG_MESSAGE_PRIMARY", str(error).encode()).decode(errors="replace")
    lines = [line.strip() for line in message.split("Query was:")[0].splitlines() if line.strip()]
    text = (lines or ["no reason given"])[0]
    for lead in ("Failed to connect: ", "ERROR: ", "FATAL: "):
        text = text.rpartition(lead)[2]
    return str(text).strip().rstrip(".")
