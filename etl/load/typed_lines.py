"""Lines of a file that is in no batch yet, as the events that a load would make of them.

They are read and typed by what a load reads and types them by. Never writes to the lake, and never
asks it: whether an event was there before, others know.
"""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from etl.config.settings import Settings
from etl.duck import connect, quoted
from etl.errors import SourceError
from etl.formats.format import Request
from etl.formats.read_plan import look
from etl.lake import Lake, LakeState
from etl.lake.schema import EVENT_COLUMNS
from etl.load.forgotten import Forgotten
from etl.load.work import Work
from etl.normalise.normaliser import Normaliser
from etl.privacy.key import pseudonyms_of
from etl.privacy.redactor import Redactors

_GIVEN = ("event_id", "source", "stream")


def typed_lines(settings: Settings, state: LakeState, threads: int, now: datetime) -> "TypedLines":
    """What types lines as a load of these settings would. ConfigError without a key they need."""
    lake = Lake(settings.home)
    rules = settings.all_rules()
    pseudonyms = pseudonyms_of(settings.redact, rules, lake, state, now, is_reader=True)
    return TypedLines(state, threads, Redactors(pseudonyms))


class TypedLines:
    """Types lines, whole and of one source at a time. For one thread at a time.

    state    the lake: events of before what was pruned are none, nor those of the erased
    threads  the most that the engine takes
    redactors  what cuts rows by the rules of a request
    """

    def __init__(self, state: LakeState, threads: int, redactors: Redactors) -> None:
        self.state = state
        self.redactors = redactors
        config: dict[str, Any] = {"arrow_lossless_conversion": True, "threads": threads}
        self.con = connect(config=config)

    def events(self, lines: bytes, name: str, request: Request, now: datetime) -> Any:
        """Their events in order: an Arrow table of EVENT_COLUMNS and `line`, counted from 1.

        `name`: of the file that they are of. Lines that are no events are left out. None where
        nothing of them can be read.
        """
        with TemporaryDirectory(prefix="dwell-") as folder:
            path = Path(folder) / name
            path.write_bytes(lines)
            try:
                return self._of_file(path, request, now)
            except SourceError:
                return None

    def _of_file(self, path: Path, request: Request, now: datetime) -> Any:
        con, plan = self.con, look(path, request)
        con.execute("set TimeZone = " + quoted(request.time_zone))
        work = Work.of([plan])
        normaliser = Normaliser(con, work.plan, work.maps, now, self.state.pruned, {})
        forgotten = Forgotten(self.state, plan.source)
        con.execute(f"create or replace temp table events_typed ({_columns()})")
        for chunk in work.chunks(con, path.parent, is_json=normaliser.needs_json):
            typed = normaliser.rows(chunk)
            redactor = self.redactors.of(request.rules)
            rows = redactor.rows(typed) if redactor else typed
            if forgotten and (are_met := forgotten.are_in_any(typed, rows)) is not None:
                rows = forgotten.marked(rows, are_met)
            con.register("rows_typed", rows)
            self._keep(path.name, plan.source, plan.stream)
        return con.sql("from events_typed order by line").to_arrow_table()

    def _keep(self, name: str, source: str, stream: str) -> None:
        known = {row[0] for row in self.con.execute("describe rows_typed").fetchall()}
        told = ", ".join(
            column.name
            for column in EVENT_COLUMNS
            if column.name in known and column.name not in _GIVEN
        )
        # A line without an id is told from all others by its place.
        self.con.execute(
            "insert into events_typed by name "  # noqa: S608 - our names
            "select line, coalesce(given_id, $name || ':' || line) as event_id, "
            f"$source as source, $stream as stream, {told} "
            "from rows_typed where reason is null",
            {"name": name, "source": source, "stream": stream},
        )


def _columns() -> str:
    return ", ".join(["line bigint", *(f"{c.name} {c.type}" for c in EVENT_COLUMNS)])
