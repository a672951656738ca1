"""Raw records to typed rows: what each says as the columns of an event, or why it is none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import duckdb

from etl.duck import create_table, quoted, sql_beside
from etl.formats.field_map import ROLES, FieldMap
from etl.formats.read_plan import ReadPlan
from etl.lake.records import Pruned
from etl.lake.schema import EVENT_COLUMNS
from etl.normalise import user_agents
from etl.normalise.event_names import ALIASES
from etl.normalise.field_map_sql import (
    Expected,
    fills_from_folder,
    looks_plain,
    mapped_rows,
    roles_filled,
    time_texts,
)
from etl.normalise.odd_texts import OddTexts, fractions_in, spellings_of
from etl.normalise.time_columns import Option, TimeColumns
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
# A column of ids has another one for nearly each event; fewer rows than these do not tell.
_LEAST_DISTINCT, _ROWS_THAT_TELL = 0.99, 1_000
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
            "exclude_users": list(plan.request.exclude_users),
            "now": now.astimezone(UTC).replace(tzinfo=None),
            "pruned": pruned.time if pruned else None,
        }
        self.has_agents = False
        self.wholes: set[str] = set()
        # What is told by all values of a file is told of each file by itself.
        self.is_of_one_file = False
        self.are_ids_settled = plan.format.name != "events" or "id" in plan.request.map
        self.has_ids = True
        self.doubts: list[str] = []
        self.odd = OddTexts(plan.request.empty_words, [m.prefix for m in maps])
        aliases = "map {" + ", ".join(f"{quoted(k)}: {quoted(v)}" for k, v in ALIASES.items()) + "}"
        con.execute(f"create or replace temp macro alias_of(name) as {aliases}[name]")
        request = plan.request
        self.times = TimeColumns(
            request.time_format, request.time_zone, now.astimezone(UTC), shapes_before or {}
        )
        self.apart: set[int] = set()
        offsets = ", ".join(f"{quoted(w)}: {round(h * 60)}" for w, h in self.times.offsets.items())
        con.execute(f"set variable zone_offsets = map {{{offsets}}}")
        con.execute("set variable whole_ids = []::varchar[]")
        con.execute(_is_empty_word(request.empty_words))
        _define_macros(con)
        con.execute("create or replace temp table event_types (word varchar, event_type varchar)")
        create_table(con, "agents", user_agents.COLUMNS, [])

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
            is_read = not (
                self._is_unexpected(rows) or self._has_new_agents() or self._has_no_ids()
            )
            if is_read and not self._has_new_times():
                return rows

    def rows_by_rules_1(self) -> Any:
        """The rows of the chunk that was typed last, in the same order, as rules 1 have them.

        Columns as `rows` yields them; some may be absent.
        """
        con, plan = self.con, self.plan
        maps = plan.format.field_maps(plan.sample, plan.request, self.expected.columns)
        expected = replace(self.expected, is_odd=False)
        mapped = " union all ".join(mapped_rows(one, expected) for one in maps)
        con.execute(sql_beside(__file__, "macros", "sql_1"))
        con.execute(f"create or replace temp view mapped_rows as {mapped}")
        query = sql_beside(__file__, "typed_rows", "sql_1")
        rows = con.sql(query, params=self.params).to_arrow_table()
        con.execute(sql_beside(__file__, "macros"))
        return rows

    def _look_ahead(self, whole: str) -> None:
        """What a chunk's rows need before they are typed. `whole`: see Chunk."""
        self._reshape()
        self._look_at_keys()
        self._settle_times(_sample(self.con, "records" if self.plan.format.reshape else whole))
        self._look_up_types()
        if not self.has_agents:
            self.has_agents = self._look_up_agents(_FIRST)
        if self.has_agents:
            self._look_up_agents("records")

    def _absent(self) -> list[str]:
        """The columns that are null in all rows: each would cost as much as one that is not."""
        filled = {role for m in self.maps for role in roles_filled(m, self.expected)}
        if self.has_agents:
            filled |= {"device", "browser", "os"}
        if self.params["stream"] == "tracker":
            filled.add("anonymous_id")
        return [column for role, column in _COLUMN_OF_ROLE.items() if role not in filled]

    def _try(self) -> Any:
        self.con.execute(f"create or replace temp view mapped_rows as {self._mapped()}")
        texts = sql_beside(__file__, "told_rows") if self.expected.is_odd else "from mapped_rows"
        self.con.execute(f"create or replace temp view texts_read as {texts}")
        query = sql_beside(__file__, "typed_rows")
        if self.has_agents:
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
        """Adds to agents those of the records that are not in it; whether there were any."""
        return self._add_agents(f"({self._mapped(('user_agent',), records)})")

    def _add_agents(self, rows: str) -> bool:
        # A condition on a mapped column would have all that it is made of worked out for itself.
        unknown = self.con.execute(
            f"with texts as materialized (select distinct user_agent from {rows}) "
            "select user_agent from texts anti join agents using (user_agent) "
            "where user_agent is not null"
        ).fetchall()
        if unknown:
            agents = user_agents.agents(text for (text,) in unknown)
            # A blank or a dash tells nothing, and shall not be asked again for ever.
            known = {row["user_agent"] for row in agents}
            agents += [{"user_agent": text} for (text,) in unknown if text not in known]
            create_table(self.con, "new_agents", user_agents.COLUMNS, agents)
            self.con.execute("insert into agents select * from new_agents")
        return bool(unknown)

    def _has_new_agents(self) -> bool:
        """Whether some row has a user agent that had to be looked up after all."""
        has_new = self._add_agents("typed_rows")
        # Who has one has more: those of the next chunks are looked up before.
        self.has_agents = self.has_agents or has_new
        return has_new

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
            self.expected = replace(self.expected, is_odd=True)
        return self.expected != before or self._has_new_wholes(rows)

    def _has_new_wholes(self, rows: Any) -> bool:
        """Whether a column of ids turns out to be one of whole numbers, some with a fraction .0."""
        roles = [role for role in fractions_in(rows) if role not in self.wholes]
        if not roles:
            return False
        self.is_of_one_file = True
        are_whole = self.con.execute(
            "select "
            + ", ".join(f"bool_and(regexp_full_match({r}, '[+-]?\\d+(\\.0+)?'))" for r in roles)
            + " from texts_read"
        ).fetchall()[0]
        new = {role for role, is_whole in zip(roles, are_whole, strict=True) if is_whole}
        self.wholes |= new
        self.con.execute("set variable whole_ids = $names", {"names": sorted(self.wholes)})
        return bool(new)

    def _has_no_ids(self) -> bool:
        """Whether the column that is called like an event's id names something else: kinds of them,
        say. The file's first rows tell; of few rows it is doubted alone.
        """
        places = [place for one in self.maps for place in one.paths.get("event_id", ())]
        if self.are_ids_settled or not places:
            return False
        self.are_ids_settled = True
        rows, ids, events = self.con.execute(
            "select count(*), count(distinct given_id), count(distinct (given_id, user_id, "
            "event_time)) from typed_rows where reason is null and given_id is not null"
        ).fetchall()[0]
        if ids >= _LEAST_DISTINCT * events:
            return False
        self.is_of_one_file = True
        name = ".".join(places[0])
        said = f"'{name}' has {ids:,} values in {rows:,} rows that differ in user or time: "
        if rows < _ROWS_THAT_TELL:
            said += "where an id comes again the row is a duplicate. If it is no id of events, say "
            self.doubts.append(f"{said}--map \"id=''\", or --map id=COLUMN with the one that is.")
            return False
        self.doubts.append(f"{said}it is not used as id. If it is one, say --map id={name}.")
        self._leave_ids_out()
        return True

    def _leave_ids_out(self) -> None:
        self.has_ids = False
        self.maps = [_without_ids(one) for one in self.maps]

    def _learn_columns(self) -> None:
        keys = self.con.execute(
            "select distinct unnest(json_keys(record)) from records semi join "
            "(select distinct line from typed_rows where is_irregular) as odd using (line)"
        ).fetchall()
        new = {key for (key,) in keys} - {*self.expected.columns, ""}
        if new:
            columns = (*self.expected.columns, *sorted(new))
            self.expected = replace(self.expected, columns=columns)
            self.maps = self.plan.field_maps(columns)
            if not self.has_ids:
                self._leave_ids_out()


def _without_ids(field_map: FieldMap) -> FieldMap:
    """The map with what was taken for ids of events left in the properties."""
    places = field_map.paths.get("event_id", ())
    paths = {role: keys for role, keys in field_map.paths.items() if role != "event_id"}
    spent = tuple(key for key in field_map.spent if (key,) not in places)
    return replace(field_map, paths=paths, spent=spent)


def _define_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Defines what all files need, once for a connection."""
    ((are_defined,),) = con.execute("select getvariable('macros_are_defined')").fetchall()
    if not are_defined:
        con.execute(sql_beside(__file__, "times"))
        con.execute(sql_beside(__file__, "macros"))
        con.execute("set variable macros_are_defined = true")


def _sample(con: duckdb.DuckDBPyConnection, rows: str = "records") -> str:
    """Records from all over, and the first ones of each file."""
    ((count,),) = con.execute(f"select count(*) from {rows}").fetchall()
    step = max(1, count // _SAMPLED_ROWS)
    own_line = f"(line & {(1 << LINE_BITS) - 1})"
    return f"(select * from {rows} where {own_line} <= {_SAMPLED_EACH} or line % {step} = 0)"


def _is_empty_word(words: Sequence[str]) -> str:
    """SQL that creates the macro of that name: whether a text is one of the words, as they are
    looked for (odd_texts.py). A map is looked up in a third of the time that a list takes to plan.
    """
    spellings = sorted({spelt for word in words for spelt in spellings_of(word)} - {""})
    longest = max((len(word.encode()) for word in spellings), default=0)
    entries = ", ".join(f"{quoted(word)}: true" for word in ["", *spellings])
    return (
        "create or replace temp macro is_empty_word(word) as "
        f"strlen(word) <= {longest} and map {{{entries}}}[word]"
    )
