"""The tools of SQL: what tables there are, and a question within the limits of the SQL page."""

from collections.abc import Sequence
from io import BytesIO
from typing import Annotated, Any

import anyio
from mcp.types import CallToolResult
from pydantic import Field

from etl.errors import ConfigError, refuse_unknown
from warehouse import Filters, Warehouse
from warehouse.limited_sql import Limits, Question, Running
from warehouse.mcp import arguments as given
from warehouse.mcp.answer import answered
from warehouse.mcp.builds import Builds
from warehouse.mcp.fitting import DEFAULT_ROWS, fitted, of_build, plain
from warehouse.mcp.shapes import SqlAnswer, Tables
from warehouse.metrics import data
from warehouse.own_sql import RELATIONS, examples, named_relations, relation_columns

# So many rows are counted, and can be paged; who wants to know of more asks by count(*).
_COUNTED = 10_000
_MOST_BYTES = 50_000_000
# Each is a process of its own, with memory of its own.
_AT_ONCE = 2
_LOOKS = 0.1
_UNUSED = (
    "where and segments choose the sessions of filtered_sessions, measured_sessions, measured_days "
    "and filtered_responses, and the query reads none of these. Read from one of them, or leave "
    "where and segments out: SQL filters itself."
)


class SqlTools:
    """Questions in SQL, and what they can be about."""

    def __init__(self, builds: Builds):
        self._builds = builds
        self._turns = anyio.CapacityLimiter(_AT_ONCE)

    def describe_tables(
        self,
        table: Annotated[
            str | None, Field(description="Of one table the columns. Left out: all tables.")
        ] = None,
        offset: given.Offset = 0,
        build: given.Build = None,
    ) -> Annotated[CallToolResult, Tables]:
        """The tables that run_sql reads, in the words of those who made them; of one table its
        columns with type and meaning. Relations are tables that hold the sessions of run_sql's
        where and segments.
        """
        with self._builds.open(build) as wh:
            frame = data.tables(wh)
            comments = dict(zip(frame["table_name"], frame["table_comment"], strict=True))
            answer = of_build(wh)
            if table is not None:
                _refuse_table(table, (*RELATIONS, *comments))
                columns = _columns(wh, table)
                told = RELATIONS[table].about if table in RELATIONS else comments[table]
                answer |= {"table": table, "comment": told}
                page = columns[offset:]
                return answered(fitted(answer, page, len(columns), offset, "columns"))
            tables = [
                {"name": name, "comment": each.about, "is_relation": True}
                for name, each in RELATIONS.items()
            ]
            tables += [
                {"name": name, "comment": comment, "is_relation": False}
                for name, comment in comments.items()
            ]
            answer["examples"] = examples()
            answer["note"] = "describe_tables with a table's name tells its columns."
            return answered(fitted(answer, tables[offset:], len(tables), offset, "tables"))

    async def run_sql(
        self,
        sql: Annotated[str, Field(description="One select in DuckDB's SQL. Nothing is written.")],
        where: given.Where = None,
        segments: given.SegmentNames = None,
        limit: given.Limit = DEFAULT_ROWS,
        offset: given.Offset = 0,
        show_texts: given.ShowTexts = False,
        build: given.Build = None,
    ) -> Annotated[CallToolResult, SqlAnswer]:
        """The rows of one read-only query in DuckDB's SQL, within limits of time and memory.
        Columns ending in _time are UTC, those ending in _date local days. where and segments choose
        the sessions of filtered_sessions and of the other relations of describe_tables, bots left
        out; other tables are whole. Take no more columns than you need, and an order by where you
        page.
        """
        settings = self._builds.settings()
        given.refuse_texts(settings, show_texts)
        if (where or segments) and not named_relations(sql):
            raise ConfigError(_UNUSED)
        filters = given.filters(settings, where, segments)
        number = self._builds.current() if build is None else build
        question = Question(
            self._builds.home,
            number,
            sql,
            Limits.of(settings),
            filters,
            most_rows=_COUNTED,
            most_bytes=_MOST_BYTES,
            shows_texts=show_texts,
        )
        said = await self._said(question)
        return await anyio.to_thread.run_sync(self._answer, said, number, limit, offset)

    async def _said(self, question: Question) -> bytes:
        """What its process says. Whoever stops waiting ends it."""
        async with self._turns:
            with Running(question) as running:
                while not await anyio.to_thread.run_sync(running.is_done, _LOOKS):
                    pass
                return running.answer()

    def _answer(self, said: bytes, number: int, limit: int, offset: int) -> CallToolResult:
        import polars as pl

        frame = pl.read_ipc_stream(BytesIO(said))
        columns = [
            {"name": name, "type": "Datetime" if kind == pl.Datetime else str(kind)}
            for name, kind in frame.schema.items()
        ]
        total = frame.height if frame.height <= _COUNTED else None
        known = frame.head(_COUNTED).slice(offset, limit)
        page = [[plain(cell) for cell in row] for row in known.rows()]
        with self._builds.open(number) as wh:
            answer = of_build(wh) | {"columns": columns}
        advice = "Or take fewer columns, or group the rows."
        return answered(fitted(answer, page, total, offset, advice=advice, reach=_COUNTED))


def _refuse_table(table: str, known: Sequence[str]) -> None:
    """ConfigError for a table that is not there, with those called like it."""
    alike = [name for name in known if table.lower() in name]
    if table not in known and alike:
        msg = f"Unknown table '{table}'. Called like it: {', '.join(alike)}."
        raise ConfigError(msg)
    refuse_unknown("table", table, known)


def _columns(wh: Warehouse, table: str) -> list[dict[str, Any]]:
    if table in RELATIONS:
        frame = relation_columns(wh, Filters(), table)
    else:
        known = data.tables(wh)
        frame = known.filter(known["table_name"] == table)
    return [
        {"name": row["column_name"], "type": row["data_type"], "comment": row["comment"]}
        for row in frame.to_dicts()
    ]
