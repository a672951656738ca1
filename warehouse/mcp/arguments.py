"""The arguments that several tools take: what they mean, and what becomes of them."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from etl.config.days import day_of
from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse import Filters, Warehouse
from warehouse.condition_texts import conditions_of_texts
from warehouse.conditions import Conditions, conditions_of
from warehouse.mcp.fitting import EXACT, MOST_ROWS
from warehouse.segments import read_segments

DEFAULT_DAYS = 30
GRAMMAR = (
    'An object such as {"device_type": "mobile", "entry_page": "/docs/*"}, or texts such as '
    '["browser!=Firefox", "duration_seconds>=30"]. Several values of one name: any of them; '
    'several names: all of them. Values: "Firefox", "!= Firefox", "/docs/*" of pages, ">= 30" and '
    '"30..600" of numbers, "(not known)"; "= x" takes x as it is written.'
)

Build = Annotated[
    int | None,
    Field(le=EXACT, description="Number of a kept build. Left out: the newest, as is usual."),
]
Where = Annotated[
    dict[str, Any] | list[str] | str | None,
    Field(description=f"Which sessions count. {GRAMMAR} list_metrics has the names."),
]
SegmentNames = Annotated[
    list[str] | str | None,
    Field(description="Names of segments (list_metrics has them); sessions are in each of them."),
]
Day = Annotated[
    str | None, Field(description="A local day such as 2026-11-23; both ends are included.")
]
Offset = Annotated[int, Field(ge=0, le=EXACT, description="So many rows are passed over.")]
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="So many rows at most.")]
ShowTexts = Annotated[
    bool,
    Field(
        description="Whether to tell what people typed and were answered. Refused unless the "
        "operator allows it (show_texts in dwell.toml)."
    ),
]


def conditions(where: dict[str, Any] | list[str] | str | None) -> Conditions:
    """Of either way of writing them. ConfigError for what is none."""
    if not where:
        return Conditions()
    if isinstance(where, dict):
        return conditions_of(where)
    return conditions_of_texts([where] if isinstance(where, str) else where)


def filters(
    settings: Settings,
    where: dict[str, Any] | list[str] | str | None,
    segments: list[str] | str | None,
    **others: Any,
) -> Filters:
    """The filters that are asked for. ConfigError, with the known names, for unknown ones."""
    names = segment_names(segments)
    chosen = read_segments(settings.home, settings).conditions(names) if names else ()
    return Filters(where=conditions(where), segments=chosen, **others)


def segment_names(segments: list[str] | str | None) -> list[str]:
    """The names, also of one alone."""
    return [segments] if isinstance(segments, str) else list(segments or ())


def period(
    wh: Warehouse, start: str | None, end: str | None, days: int | None
) -> tuple[date | None, date | None]:
    """First and last day; open at both ends where there are no events.

    Without any of the three: the last 30 days, the running one included. ConfigError for no day,
    and for two beginnings.
    """
    last = _day(end, "end") or wh.as_of_date
    if start is None:
        told = Filters.last_days(DEFAULT_DAYS if days is None else days, last)
        return told.start, told.end
    if days is not None:
        msg = "start and days both say when the period begins. Leave one of them out."
        raise ConfigError(msg)
    return _day(start, "start"), last


def days_between(start: str | None, end: str | None) -> tuple[date | None, date | None]:
    """The days as given; open where none is."""
    return _day(start, "start"), _day(end, "end")


def _day(text: str | None, argument: str) -> date | None:
    return None if text is None else day_of(text, argument)


def refuse_texts(settings: Settings, show_texts: bool) -> None:
    """ConfigError when texts are asked for that the operator does not show."""
    if show_texts and not settings.show_texts:
        msg = (
            "What people typed and were answered is hidden here. Ask without show_texts; the "
            "operator allows it by show_texts = true in dwell.toml."
        )
        raise ConfigError(msg)
