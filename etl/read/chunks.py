"""A chunk: as many raw records as are worked on at once. It bounds the memory of a load.

A chunk stands in three temp views: received (line, raw: the row as it came), records (line,
part, record: JSON) and unreadable (line, reason, raw). No meaning is given to any field.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from etl.duck import quoted
from etl.errors import SourceError, in_brief
from etl.read.extended_json import unwrapped
from etl.read.lines import BATCH_ROWS, Block
from etl.read.whole_files import parquet_record

_BLANKS = r"' ' || chr(9) || chr(10) || chr(13)"
_NOTHING = "select null::bigint as line, null::varchar as reason, null::varchar as raw where false"


class Chunk:
    """Some records of a file. `is_proven`: whether every record is known to be valid JSON.
    `whole`: the name of all records of the file, where they are at hand, else of these.
    """

    is_proven = True
    whole = "records"

    def lay_out(self, con: duckdb.DuckDBPyConnection) -> None:
        """Creates the views of this chunk."""
        raise NotImplementedError

    def prove(self, con: duckdb.DuckDBPyConnection) -> None:
        """Moves what is no record to `unreadable`: called when one of them turned out broken."""


@dataclass
class JsonLines(Chunk):
    """Lines of JSON objects. Each is taken for one until one is met that is not.

    To look first would cost a pass over each line, and nearly all files are clean. `is_json`:
    whether records are wanted as JSON values; to make them costs a pass as well.
    """

    block: Block
    is_json: bool = False
    is_proven = False

    def lay_out(self, con: duckdb.DuckDBPyConnection) -> None:
        con.register("chunk", self.block.lines)
        text = unwrapped("text") if self.block.has("$") else "text"
        self.record = f"({text})::json" if self.is_json else text
        # A blank line is short; one of many blanks turns out broken, and is left out then.
        filled = f"where trim(text, {_BLANKS}) <> ''" if self.block.shortest < 5 else ""
        _view(con, "received", f"select line, rtrim(text, {_BLANKS}) as raw from chunk")
        _view(con, "unreadable", _NOTHING)
        _view(
            con,
            "records",
            f"select line, '' as part, {self.record} as record from chunk {filled}",
        )
        others = f"ltrim(text, {_BLANKS})[1] not in ('{{', '')"
        if (
            not self.block.all_begin_with("{")
            and con.sql(f"select 1 from chunk where {others} limit 1").fetchall()
        ):
            self.prove(con)

    def prove(self, con: duckdb.DuckDBPyConnection) -> None:
        self.is_proven = True
        con.execute(
            "create or replace temp table looked_at as select line, json_valid(text) as is_valid, "
            f"ltrim(text, {_BLANKS})[1] = '{{' as is_object from chunk "
            f"where trim(text, {_BLANKS}) <> ''"
        )
        # The engine may look at a record before it looks at the condition: there is none then.
        _view(
            con,
            "records",
            f"select chunk.line, '' as part, case when is_valid then {self.record} end as record "
            "from chunk inner join looked_at using (line) where is_valid and is_object",
        )
        _view(
            con,
            "unreadable",
            "select line, case when is_valid then 'not a JSON object' else 'not valid JSON' end "
            "as reason, raw from received inner join looked_at using (line) "
            "where not (is_valid and is_object)",
        )


@dataclass
class PatternLines(Chunk):
    """Lines that a pattern cuts into columns; one that it does not match is unreadable.

    `columns`: one for each group. Of one that is named twice the first group counts that holds
    something.
    """

    block: Block
    pattern: str
    columns: tuple[str, ...]
    comment: str | None

    def lay_out(self, con: duckdb.DuckDBPyConnection) -> None:
        con.register("chunk", self.block.lines)
        pattern = quoted(self.pattern)
        names = ", ".join(f"'c{number}'" for number in range(len(self.columns)))
        columns = [f"parts['c{number}']" for number in range(len(self.columns))]
        # A group that took no part in the match is a field that is not there.
        groups: dict[str, list[str]] = {}
        for name, column in zip(self.columns, columns, strict=True):
            groups.setdefault(name, []).append(f"nullif({column}, '')")
        fields = ", ".join(
            f"{quoted(name)}, " + (f"coalesce({', '.join(found)})" if found[1:] else found[0])
            for name, found in groups.items()
        )
        comment = f"where not starts_with(text, {quoted(self.comment)})" if self.comment else ""
        # To cut a line is dear, so each is cut once. One of which nothing was cut is asked again.
        keep(
            con,
            "lines_cut",
            f"""
            select
                line,
                case when is_record then json_strip_nulls(json_object({fields})) end as record,
                case when not is_record then rtrim(text, {_BLANKS}) end as raw
            from (
                select
                    *,
                    case
                        when concat({", ".join(columns)}) <> '' then true
                        else regexp_matches(text, {pattern})
                    end as is_record
                from (
                    select line, text, regexp_extract(text, {pattern}, [{names}]) as parts
                    from chunk
                    {comment}
                )
            )
            """,
        )
        _view(con, "received", f"select line, rtrim(text, {_BLANKS}) as raw from chunk")
        _view(
            con,
            "records",
            "select line, '' as part, record from lines_cut where record is not null",
        )
        _view(
            con,
            "unreadable",
            "select line, 'not a line of this format' as reason, raw from lines_cut "
            "where record is null and raw <> ''",
        )


@dataclass
class Stored(Chunk):
    """A slice of stored_records, a table of all records of a file."""

    whole = "stored_records"

    first: int
    last: int

    def lay_out(self, con: duckdb.DuckDBPyConnection) -> None:
        rows = f"stored_records where rowid between {self.first} and {self.last}"
        keep(con, "records", f"select line, part, record from {rows}")
        _view(con, "received", "select line, record::varchar as raw from records")
        unreadable = "select line, reason, raw from stored_unreadable"
        _view(con, "unreadable", _NOTHING if self.first else unreadable)


@dataclass
class ParquetRows(Chunk):
    """A range of rows of a Parquet file.

    `alias`: a name that no column of the file has, in any case of letters.
    """

    file: str
    first: int
    last: int
    alias: str

    def lay_out(self, con: duckdb.DuckDBPyConnection) -> None:
        with reading_parquet(self.file):
            keep(
                con,
                "records",
                "select file_row_number + 1 as line, '' as part, "
                f"{parquet_record(con, self.file, self.alias)} as record "
                f"from read_parquet({quoted(self.file)}) as {self.alias} "
                f"where file_row_number between {self.first} and {self.last}",
            )
        _view(con, "received", "select line, record::varchar as raw from records")
        _view(con, "unreadable", _NOTHING)


@contextmanager
def reading_parquet(file: str) -> Iterator[None]:
    """Errors of the engine meanwhile as a SourceError that names the file."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        msg = (
            f"{file} cannot be read to its end: {in_brief(error)}. Wanted: a whole Parquet file. "
            "Nothing of it was loaded. Export it again."
        )
        raise SourceError(msg) from error


def keep(con: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
    """Keeps the rows of a select under a name, in memory, so that the engine's threads share them.

    A table would do that from 100,000 rows on, however long these are.
    """
    rows = con.sql(select).to_arrow_table(BATCH_ROWS)
    con.execute(f"drop view if exists {name}")
    con.register(name, rows)


def _view(con: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
    con.execute(f"create or replace temp view {name} as {select}")
