"""A load that leaves nothing behind: what files would come to, before anything is written.

It loads and builds in a folder of its own, which is removed, so that what it tells is what a load
into an empty home does.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from etl.config.settings import Settings
from etl.duck import sql_beside
from etl.formats.read_plan import ReadPlan
from etl.lake import locked
from etl.load.column_uses import ColumnUse, column_uses
from warehouse.connection import Warehouse
from warehouse.connection import open as open_warehouse
from warehouse.health import RejectedRows, rejected
from warehouse.refresh import RefreshListener, Result, Wanted, load_and_build


@dataclass(frozen=True)
class Kind:
    """How some of the files are read. `uses`: what each column is taken for."""

    source: str
    format: str
    uses: tuple[ColumnUse, ...]


@dataclass(frozen=True)
class Cut:
    """What is cut of the rows of a source: the column, or a property as `properties.name`; a kind
    of text, `url`, `pseudonym`, or what is done to a property; and in how many values."""

    source: str
    column: str
    what: str
    values: int


@dataclass(frozen=True)
class Trial:
    """What a load would come to.

    kinds         kinds of files and the files of each, in their order
    users         of all events
    first_time    of all events, naive UTC, as `last_time`; None without an event
    first_events  five of each source: source, event_time, user_id, event_type, page, session_number
                  and what else may fill a column
    rejected      rows by file and reason
    cut           what is never stored
    """

    result: Result
    kinds: dict[Kind, list[Path]]
    users: int
    first_time: datetime | None
    last_time: datetime | None
    first_events: list[dict[str, Any]]
    rejected: list[RejectedRows]
    cut: list[Cut]


class TrialListener(RefreshListener):
    """Keeps how the files were read."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: dict[Kind, list[Path]] = {}
        self.cuts: Counter[tuple[str, str, str]] = Counter()

    def on_plan(self, plan: ReadPlan) -> None:
        """How a file is read."""
        kind = Kind(plan.source, plan.format.name, column_uses(plan))
        self.kinds.setdefault(kind, []).append(plan.path)

    def on_cut(self, source: str, cuts: Mapping[tuple[str, str], int]) -> None:
        """What is cut of the rows of a source."""
        self.cuts.update({(source, *place): count for place, count in cuts.items()})


def try_out(settings: Settings, wanted: Wanted, listener: TrialListener) -> Trial:
    """Loads what is wanted where nobody sees it. ConfigError where it cannot be read as asked."""
    with TemporaryDirectory(prefix="dwell-") as folder:
        home = Path(folder)
        # What an old horizon would cut is of interest here.
        sources = tuple(replace(source, keep_texts=None) for source in settings.sources)
        alone = replace(settings, home=home, keep_events=None, keep_texts=None, sources=sources)
        with locked(home):
            result = load_and_build(alone, wanted, listener)
        totals: dict[str, Any] = {}
        events: list[dict[str, Any]] = []
        if result.build:
            with open_warehouse(home) as wh:
                (totals,) = _rows(wh, "trial_totals")
                events = _rows(wh, "trial_first_events")
        return Trial(
            result,
            listener.kinds,
            totals.get("users", 0),
            totals.get("first_time"),
            totals.get("last_time"),
            events,
            rejected(home),
            [Cut(*place, count) for place, count in sorted(listener.cuts.items())],
        )


def _rows(wh: Warehouse, query: str) -> list[dict[str, Any]]:
    relation = wh.sql(sql_beside(__file__, query))
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
