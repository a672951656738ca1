"""How long a home keeps events and texts, by source, and from when on it still has them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.config.keeping import limit_of
from etl.config.settings import Settings, load_settings
from etl.errors import DwellError
from etl.lake import Lake, LakeState
from etl.lake.text_limits import read_limits


@dataclass(frozen=True)
class Kept:
    """How long what came of a source is kept.

    events_days, texts_days   null: for ever
    texts_before              UTC: texts from before then were dropped; null before the first time
    """

    source: str
    events_days: float | None
    texts_days: float | None
    texts_before: datetime | None

    @property
    def sentence(self) -> str:
        """Both, in words."""
        told = f"events {_age(self.events_days)}, texts {_age(self.texts_days)}"
        if self.texts_before:
            told += f" (those before {self.texts_before:%Y-%m-%d %H:%M} UTC are gone)"
        return told


def kept(settings: Settings, state: LakeState) -> list[Kept]:
    """What is kept of each source of the lake, by name; none where all is kept for ever."""
    if settings.keep_events is None and not settings.keeps_texts_for_some_time:
        return []
    with state.batch_table() as con:
        sources = con.execute("select distinct source from lake_batches order by 1").fetchall()
    limits = read_limits(state.root, state.number).before
    return [
        Kept(
            source,
            _days(limit_of(settings.keep_events)),
            _days(age := settings.texts_kept_of(source)),
            limits[source].replace(tzinfo=UTC) if age and source in limits else None,
        )
        for (source,) in sources
    ]


def kept_by(home: Path) -> list[Kept]:
    """The same by dwell.toml as it is now; none where it does not fit."""
    try:
        return kept(load_settings(home), Lake(home).state())
    except DwellError:
        return []


def _days(age: timedelta | None) -> float | None:
    return age / timedelta(days=1) if age else None


def _age(days: float | None) -> str:
    return "for ever" if days is None else f"{days:g} day{'s' if days != 1 else ''}"
