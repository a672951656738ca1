"""Raw records to typed rows: what each says as the columns of an event, or why it is none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

import duckdb

from etl.duck import quoted, sql_beside
from etl.formats.field_map import ROLES, FieldMap
from etl.formats.read_plan import ReadPlan
from etl.lake.records import Pruned
from etl.lake.schema import EVENT_COLUMNS
from etl.normalise import macros
from etl.normalise.field_map_sql import (
    Expected,
    fills_from_folder,
    looks_plain,
    mapped_rows,
    roles_filled,
    time_texts,
)
from etl.normalise.id_columns import IdColumns
from etl.normalise.known_agents import KnownAgents
from etl.normalise.odd_texts import OddTexts
from etl.normalise.time_columns import Option, TimeColumns
from etl.normalise.time_misfits import TimeMisfits
from etl.read.chunks import Chunk, keep
from etl.read.joined import LINE_BITS

# What a chunk's first rows hold is looked up before all: most of it is among them.
_FIRST = "(select * from records limit 2000)"
_MOST_COLUMNS = 2_000
# So many rows tell what the times of a file are, and so many of each where several are together.
_SAMPLED_ROWS = 4_000
_SAMPLED_EACH = 50
_WITHOUT_TIME = (
    "(select * from records where line in "
    "(select line from typed_rows where reason = 'no readable time') limit 4000)"
)
# These come from more than one role, or are never null. All others are null in every row where
# nothing fills their role.
_ALWAYS_THERE = frozenset(
    ["event_id", "user_id", "event_time", "event_type", "page", "page_host", "campaign"]
)
_COLUMN_OF_ROLE = {
    column.role: column.name
    for column in EVENT_COLUMNS
    if column.role in ROLES and column.name not in _ALWAYS_THERE
}


class Normaliser:
    """Types the chunks of one file, one after the other.

    It begins with what the file's sample shows, which is what can be done fastest, and falls
    back where a chunk shows more: keys that differ from row to row, new keys, broken lines.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        plan: ReadPlan,
        maps: list[FieldMap],
        now: datetime,
        pruned: Pruned | None = None,
        shapes_before: Mapping[str, str] | None = None,
    ) -> None:
        self.con = con
        self.plan = plan
        self.maps = maps
        self.expected = self._expected()
        self.params = {
            "stream": plan.stream,
            "exclude_users": [normalize("NFC", user) for user in plan.request.exclude_users],
            "now": now.astimezone(UTC).replace(tzinfo=None),
            "pruned": pruned.time if pruned else None,
        }
        request = plan.request
        self.odd = OddTexts(request.empty_words, [m.prefix for m in maps])
        self.times = TimeColumns(
            request.time_format, request.time_zone, now.astimezone(UTC), shapes_before or {}
        )
        self.misfits = TimeMisfits(con, request.time_format)
        self.apart: set[int] = set()
        macros.define_type_words(con, request.rules)
        macros.define(con, request.empty_words, self.times.offsets)
        con.execute("create or replace temp table event_types (word varchar, event_type varchar)")
        self.ids = IdColumns(con, plan)
        self.agents = KnownAgents(con)

    @property
    def needs_json(self) -> bool:
        """Whether SQL of the format works on records as JSON values."""
        expressions = [sql for m in self.maps for sql in (m.properties, *m.expressions.values())]
        is_sql = any(isinstance(expression, str) for expression in expressions)
        return is_sql or bool(self.plan.format.reshape)

    def rows(self, chunk: Chunk) -> Any:
        """The typed rows of a chunk as an Arrow table; columns as typed_rows.sql yields them.

        Columns that no row fills may be absent.
        """
        chunk.lay_out(self.con)
        is_laid_out = False
        while True:
            try:
                if not is_laid_out:
                    self._look_ahead(chunk.whole)
                    is_laid_out = True
                rows = self._try()
            except (duckdb.OutOfMemoryException, duckdb.InterruptException):
                raise
            except duckdb.Error:
                if chunk.is_proven:
                    raise
                chunk.prove(self.con)
                is_laid_out = False
                continue
            is_read = not (self._is_unexpected(rows) or self.agents.add("typed_rows"))
            if is_read and not self._has_new_times():
                if not self.plan.format.reshape:
                    self.misfits.add(rows, self.maps, self.expected)
                return rows

    def rows_by_rules_1(self) -> Any:
        """The rows of the chunk that was typed last, in the same order, as rules 1 have them.

        Columns as `rows` yields them; some may be absent.
        """
        con, plan = self.con, self.plan
        maps = plan.format.field_maps(plan.sample, plan.request, self.expected.columns)
        expected = replace(self.expected, is_odd=False)
        mapped = " union all ".join(mapped_rows(one, expected) for one in maps)
        con.execute(f"create or replace temp view mapped_rows as {mapped}")
        con.execute(sql_beside(__file__, "macros", "sql_1"))
        told = sql_beside(__file__, "told_rows", "sql_1")
        con.execute(f"create or replace temp view texts_read as {told}")
        macros.define_empty_words(con, ())
        try:
            query = sql_beside(__file__, "typed_rows")
            return con.sql(query, params=self.params).to_arrow_table()
        finally:
            macros.define_empty_words(con, plan.request.empty_words)

    def _look_ahead(self, whole: str) -> None:
        """What a chunk's rows need before they are typed. `whole`: see Chunk."""
        self._reshape()
        self._look_at_keys()
        self._settle_times(_sample(self.con, "records" if self.plan.format.reshape else whole))
        self._look_up_types()
        if self.agents.are_there or self._look_up_agents(_FIRST):
            self._look_up_agents("records")

    def _absent(self) -> list[str]:
        """The columns that are null in all rows: each would cost as much as one that is not."""
        filled = {role for m in self.maps for role in roles_filled(m, self.expected)}
        if self.agents.are_there:
            filled |= {"device", "browser", "os"}
        if self.params["stream"] == "tracker":
            filled.add("anonymous_id")
        return [column for role, column in _COLUMN_OF_ROLE.items() if role not in filled]

    def _try(self) -> Any:
        self.con.execute(f"create or replace temp view mapped_rows as {self._mapped()}")
        texts = sql_beside(__file__, "told_rows") if self.expected.is_odd else "from mapped_rows"
        self.con.execute(f"create or replace temp view texts_read as {texts}")
        query = sql_beside(__file__, "typed_rows")
        if self.agents.are_there:
            query = f"with typed as ({query}) {sql_beside(__file__, 'rows_with_agents')}"
        if absent := self._absent():
            query = f"select * exclude ({', '.join(absent)}) from ({query})"
        rows = self.con.sql(query, params=self.params).to_arrow_table()
        self.con.register("typed_rows", rows)
        return rows

    def _reshape(self) -> None:
        """Records with one event each, where the format's hold several."""
        if not self.plan.format.reshape:
            return
        self._settle_raw_times()
        exact = "select * replace (with_exact_ids(record) as record) from records"
        reshape = self.plan.format.reshape
        keep(self.con, "reshaped", f"with records as ({exact}) select * from ({reshape})")
        self.con.execute("create or replace temp view records as from reshaped")

    def _mapped(self, roles: Sequence[str] = ROLES, source: str = "records") -> str:
        return " union all ".join(
            mapped_rows(field_map, self.expected, roles=roles, source=source, times=self.times)
            for field_map in self.maps
        )

    def _expected(self) -> Expected:
        """What the sample shows. Of several maps none can say what the others read."""
        sample = self.plan.sample
        is_single = len(self.maps) == 1 and not self.plan.format.reshape
        return Expected(
            columns=sample.columns,
            is_plain=is_single
            and sample.kind == "ndjson"
            and looks_plain(self.maps[0], sample.records),
            is_shallow=is_single and not fills_from_folder(self.maps[0], sample.records),
        )

    def _look_at_keys(self) -> None:
        """Expects the keys that most of the first records have, in their order."""
        if self.plan.sample.kind == "ndjson" and self.expected.is_plain:
            return
        ((keys,),) = self.con.execute(f"select mode(json_keys(record)) from {_FIRST}").fetchall()
        self.expected = replace(self.expected, order=tuple(keys or ()))

    def _settle_times(self, source: str) -> bool:
        """Settles the shapes of time columns that are not yet; whether any was."""
        before = len(self.times.settled)
        for field_map in self.maps:
            options, select = time_texts(field_map, self.expected, source)
            if not self.times.is_settled(field_map.table, options):
                rows = self.con.execute(
                    f"select line >> {LINE_BITS}, * exclude (line) from ({select}) order by line"
                ).fetchall()
                self.apart |= self.times.settle(field_map.table, options, rows)
        return len(self.times.settled) > before

    def _settle_raw_times(self) -> None:
        """Settles the times that the format reads itself, by table, and defines its macros."""
        for name, sql in self.plan.format.times.items():
            text, cases = Option(name, "word"), []
            parts = self.con.execute("select distinct part from records order by part").fetchall()
            for (part,) in parts:
                if not self.times.is_settled(part, [text]):
                    rows = self.con.execute(
                        f"select line >> {LINE_BITS}, {sql}, null "
                        f"from (select *, record as row from {_sample(self.con)}) "
                        f"where part = {quoted(part)} order by line"
                    ).fetchall()
                    self.apart |= self.times.settle(part, [text], rows)
                cases.append(f"when {quoted(part)} then {self.times.sql(part, [text])}")
            self.con.execute(
                f"create or replace temp macro {name}(part, word) as "
                f"case part {' '.join(cases)} else null::timestamp end"
            )

    def _has_new_times(self) -> bool:
        """Whether rows without a readable time have one in a column that was not settled."""
        return self._settle_times(_WITHOUT_TIME)

    def _look_up_types(self) -> None:
        """Adds to event_types the words of the first rows; rarer ones are named row by row."""
        self.con.execute(
            "insert into event_types select type, type_name(type) from ("
            f"select distinct type from ({self._mapped(('type',), _FIRST)})) "
            "where type is not null and type not in (select word from event_types)"
        )

    def _look_up_agents(self, records: str) -> bool:
        """Looks up the user agents of these records; whether there were new ones."""
        return self.agents.add(f"({self._mapped(('user_agent',), records)})")

    def _is_unexpected(self, rows: Any) -> bool:
        """Whether some row has more than was believed; from now on it is."""
        irregular, deep, blank = self.con.execute(
            "select coalesce(bool_or(is_irregular), false), coalesce(bool_or(is_deep), false), "
            "coalesce(bool_or(has_odd_signs), false) from typed_rows"
        ).fetchall()[0]
        before = self.expected
        if deep:
            self.expected = replace(self.expected, is_shallow=False)
        if irregular and len(before.columns) < _MOST_COLUMNS:
            self._learn_columns()
        if not before.is_odd and self.odd.are_in(rows, has_odd_signs=blank):
            self.ids.settle(rows)
            self.expected = replace(self.expected, is_odd=True)
        # What rows are read as anew is not looked at yet: a word may be no id.
        if self.expected == before and self.ids.name_no_events(self.maps):
            self.maps = self.ids.of(self.maps)
            return True
        return self.expected != before

    def _learn_columns(self) -> None:
        keys = self.con.execute(
            "select distinct unnest(json_keys(record)) from records semi join "
            "(select distinct line from typed_rows where is_irregular) as odd using (line)"
        ).fetchall()
        new = {key for (key,) in keys} - {*self.expected.columns, ""}
        if new:
            columns = (*self.expected.columns, *sorted(new))
            self.expected = replace(self.expected, columns=columns)
            self.maps = self.ids.of(self.plan.field_maps(columns))


def _sample(con: duckdb.DuckDBPyConnection, rows: str = "records") -> str:
    """Records from all over, and the first ones of each file."""
    ((count,),) = con.execute(f"select count(*) from {rows}").fetchall()
    step = max(1, count // _SAMPLED_ROWS)
    own_line = f"(line & {(1 << LINE_BITS) - 1})"
    return f"(select * from {rows} where {own_line} <= {_SAMPLED_EACH} or line % {step} = 0)"
