"""MySQL and MariaDB through PyMySQL, row by row as the server sends them, then in Arrow batches.

Values come as the server's text and keep it but for whole numbers: dates such as 0000-00-00 are
no dates anywhere else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from etl.config.databases import Database
from etl.errors import SourceError
from etl.extract.messages import install, no_permission, refused, too_slow, unreachable, writes
from etl.extract.server import Column, Relation

_ROWS_PER_BATCH = 20_000
_BYTES_PER_BATCH = 8 << 20
_TIMES = ("date", "datetime", "timestamp")
_WHOLE = ("tinyint", "smallint", "mediumint", "int", "bigint")
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")
_SHAPES = ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring",
           "multipolygon", "geometrycollection", "geomcollection")  # fmt: skip
_REFUSED = (1044, 1045, 1698, 1251, 1130)
_FORBIDDEN = (1142, 1143, 1356, 1370)
_TIMED_OUT = (1969, 3024)
_READ_ONLY = (1792, 1290)
_NO_CONNECTION = (1049, 2002, 2003, 2005, 2006, 2013)


class Mysql:
    """A connection in one read-only transaction that sees one moment of the database."""

    def __init__(self, database: Database) -> None:
        try:
            import pymysql
            from pymysql.converters import encoders
            from pymysql.cursors import SSCursor
        except ImportError:
            raise SourceError(install("MySQL", "mysql")) from None
        self.database = database
        self.error = pymysql.MySQLError
        options = dict(database.options)
        password = database.password() or ""
        with self._as_source_errors():
            self.connection = pymysql.connect(
                host=database.host or None,
                port=int(database.port or 0),
                user=database.user,
                password=password.encode(),  # str would be latin-1
                database=database.name,
                charset="utf8mb4",
                connect_timeout=10,
                # No value becomes a Python object of its type: Arrow reads the text.
                conv=dict(encoders),
                cursorclass=SSCursor,
                program_name="dwell",
                ssl_verify_cert=True if "ssl_ca" in options else None,
                ssl_verify_identity=True if "ssl_ca" in options else None,
                **options,
            )
            self._begin()

    def _begin(self) -> None:
        seconds = self.database.statement_timeout.total_seconds()
        # The server knows no longer one: 49 days.
        limit = f"max_execution_time = {min(int(seconds * 1000), 2**32 - 1)}"
        if "mariadb" in (self.text("select version()") or "").lower():
            limit = f"max_statement_time = {seconds}"
        for statement in (
            f"set session {limit}, time_zone = '+00:00', net_write_timeout = 600",
            "set session transaction isolation level repeatable read",
            "start transaction with consistent snapshot, read only",
        ):
            self._rows(statement)

    def close(self) -> None:
        """Leaves, which ends the transaction."""
        # Not by the cursor, which would read to the end of what is left.
        self.connection._force_close()

    def relations(self) -> list[Relation]:
        """All tables and views that the user may see but the server's own; near ones first."""
        rows = self._rows(
            "select table_schema, table_name, table_schema = database() "
            "from information_schema.tables where table_schema not in "
            "('information_schema', 'mysql', 'performance_schema', 'sys') "
            "order by 3 desc, 1, 2"
        )
        return [Relation(schema, name, near == "1") for schema, name, near in rows]

    def columns(self, relation: Relation) -> list[Column]:
        """The columns that the user may read, in the table's order."""
        rows = self._rows(
            "select column_name, lower(data_type), lower(column_type), is_nullable, column_key, "
            "privileges from information_schema.columns "
            f"where table_schema = {self._literal(relation.schema)} "
            f"and table_name = {self._literal(relation.name)} order by ordinal_position"
        )
        if not rows:
            # The catalogue says nothing of a view that it cannot open; the view says why.
            self._rows(f"select * from {self.name(relation.schema, relation.name)} limit 0")
        return [
            self._column(name, data_type, column_type, is_nullable == "YES", key == "PRI")
            for name, data_type, column_type, is_nullable, key, privileges in rows
            if "select" in privileges.lower()
        ]

    def _column(
        self, name: str, data_type: str, column_type: str, is_nullable: bool, is_key: bool
    ) -> Column:
        quoted = self.name(name)
        landed, arrow = quoted, pa.string()
        if data_type in _WHOLE:
            arrow = pa.uint64() if "unsigned" in column_type else pa.int64()
        elif data_type == "bit":
            landed, arrow = f"{quoted} + 0", pa.uint64()
        elif data_type in _BYTES:
            landed = f"lower(hex({quoted}))"
        elif data_type in _SHAPES:
            landed = f"st_astext({quoted})"
        elif data_type == "timestamp":
            # The only type that knows its zone; the session's is UTC.
            landed = f"concat({quoted}, '+00:00')"
        kind = "time" if data_type in _TIMES else "whole" if data_type in _WHOLE else "other"
        return Column(name, column_type, kind, landed, arrow, is_nullable, is_key)

    def text(self, query: str) -> str | None:
        """The one text that a query yields; None for null or no row."""
        rows = self._rows(query)
        return rows[0][0] if rows else None

    def batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows of a query as they come, in batches of the schema."""
        with self._as_source_errors():
            cursor = self.connection.cursor()
            cursor.execute(query)
            size = 1_000
            while rows := cursor.fetchmany(size):
                arrays = [
                    pa.array(values, pa.string()).cast(field.type)
                    for values, field in zip(zip(*rows, strict=True), schema, strict=True)
                ]
                batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
                yield batch
                # Rows may be of a few bytes or of a megabyte: as many as make a batch.
                size = max(10, min(_ROWS_PER_BATCH, size * _BYTES_PER_BATCH // batch.nbytes))

    def name(self, *parts: str) -> str:
        """SQL of a name, or of a name within a schema."""
        return ".".join("`" + part.replace("`", "``") + "`" for part in parts)

    def as_text(self, expression: str) -> str:
        """SQL of a value as text."""
        return f"cast({expression} as char)"

    def time_before(self, column: Column, value: str, seconds: float) -> str:
        """SQL of the time so many seconds before a value of the column."""
        return f"cast({self._literal(value)} as datetime(6)) - interval {seconds} second"

    def now(self, column: Column, time_zone: str) -> str:
        """SQL of the present, comparable with the column; naive times are of the zone."""
        if column.type.startswith("timestamp"):
            return "utc_timestamp(6)"
        # Few servers have the table of time zones.
        offset = datetime.now(ZoneInfo(time_zone)).utcoffset()
        return f"utc_timestamp(6) + interval {int(offset.total_seconds()) if offset else 0} second"

    def _literal(self, text: str) -> str:
        return str(self.connection.escape(text))

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._as_source_errors(), self.connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    @contextmanager
    def _as_source_errors(self) -> Iterator[None]:
        """Errors of the driver as errors of ours."""
        try:
            yield
        except self.error as error:
            raise SourceError(_problem(self.database, error)) from None


def _problem(database: Database, error: Exception) -> str:
    code = error.args[0] if error.args else 0
    reason = database.hide(str(error.args[-1] if error.args else error)).strip().rstrip(".")
    if code in _REFUSED:
        return refused(database, reason)
    if code in _FORBIDDEN:
        return no_permission(database, reason)
    if code in _TIMED_OUT:
        return too_slow(database)
    if code in _READ_ONLY:
        return writes(reason)
    return unreachable(reason) if code in _NO_CONNECTION else f"the server says: {reason}."
