"""What a file's columns of ids hold, told by all their values together. Changes no row."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb

from etl.formats.field_map import FieldMap
from etl.formats.read_plan import ReadPlan
from etl.normalise.odd_texts import has_fractions, whole_in

# A column of ids has another one for nearly each event; fewer rows than these do not tell, and to
# look at more of them than these costs more than it tells.
_LEAST_DISTINCT, _ROWS_THAT_TELL, _ROWS_LOOKED_AT = 0.99, 1_000, 10_000


class IdColumns:
    """The columns of ids of one file, settled by its first rows that tell.

    wholes          roles whose column holds whole numbers alone, some perhaps with a fraction .0
    has_event_ids   whether what is called an event's id is one
    is_of_one_file  whether something was told, which holds for the rows of that file alone
    doubts          what is to be told of them
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, plan: ReadPlan) -> None:
        self.con = con
        self.wholes: set[str] = set()
        # The collector writes numbers without a fraction, and texts as they came.
        self._are_wholes_settled = plan.is_collected
        self.has_event_ids = True
        self.is_of_one_file = False
        self.doubts: list[str] = []
        # Trackers know their ids, and so does who names the column or configures the table.
        # What the collector is sent again has the id of before, however often.
        is_told = "id" in plan.request.map or bool(plan.request.tables) or plan.is_collected
        self._are_settled = plan.format.name not in ("events", "tables") or is_told
        # Rows of a table have a key: the same one again is the same row, whatever it says now.
        self._are_keys = plan.format.name == "tables"
        con.execute("set variable whole_ids = []::varchar[]")

    def settle(self, rows: Any) -> None:
        """Settles which columns hold whole numbers, by the file's first rows: one answer for all
        of it. They are looked at as they were first read, whatever fraction they have.
        """
        if self._are_wholes_settled:
            return
        self._are_wholes_settled = True
        self.wholes = set(whole_in(rows))
        self.is_of_one_file = self.is_of_one_file or has_fractions(rows)
        self.con.execute("set variable whole_ids = $names", {"names": sorted(self.wholes)})

    def name_no_events(self, maps: Sequence[FieldMap]) -> bool:
        """Whether the column that is called like an event's id names something else: kinds of them,
        say. Then the rows are to be read without; of few rows it is doubted alone.
        """
        places = [place for one in maps for place in one.paths.get("event_id", ())]
        if self._are_settled or not places:
            return False
        self._are_settled = True
        rows, ids, events = self.con.execute(
            "select count(*), count(distinct given_id), count(distinct (given_id, user_id, "
            "event_time)) from (select * from typed_rows where reason is null "
            "and given_id is not null limit $most)",
            {"most": _ROWS_LOOKED_AT},
        ).fetchall()[0]
        if ids >= _LEAST_DISTINCT * events:
            return False
        self.is_of_one_file = True
        name = ".".join(places[0])
        values = "1 value" if ids == 1 else f"{ids:,} values"
        said = f"'{name}' has {values} in {rows:,} rows that differ in user or time: "
        if self._are_keys:
            self.doubts.append(
                f"{said}where a key comes again the row is a duplicate. If it is none, say "
                "--format events and --map \"id=''\"."
            )
            return False
        if rows < _ROWS_THAT_TELL:
            said += "where an id comes again the row is a duplicate. If it is no id of events, say "
            self.doubts.append(f"{said}--map \"id=''\", or --map id=COLUMN with the one that is.")
            return False
        self.doubts.append(f"{said}it is not used as id. If it is one, say --map id={name}.")
        self.has_event_ids = False
        return True

    def of(self, maps: Sequence[FieldMap]) -> list[FieldMap]:
        """The maps as they are, or with what was taken for ids of events left in the properties."""
        return list(maps) if self.has_event_ids else [_without_event_ids(one) for one in maps]


def _without_event_ids(field_map: FieldMap) -> FieldMap:
    places = field_map.paths.get("event_id", ())
    paths = {role: keys for role, keys in field_map.paths.items() if role != "event_id"}
    spent = tuple(key for key in field_map.spent if (key,) not in places)
    return replace(field_map, paths=paths, spent=spent)
