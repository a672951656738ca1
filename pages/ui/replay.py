"""The replay of a session as the browser gets it: small columns, with names told once.

Never asks the warehouse anything, and never holds a text that somebody typed.
"""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from math import ceil, floor
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pages.ui import format
from pages.ui.theme import css_colors, palette

if TYPE_CHECKING:
    import polars as pl

# So many different things that were clicked are told; a deep session has no need of more.
MOST_DETAILS = 400
PASSIVE, ACTION, ERROR = 0, 1, 2
USED, UP, DOWN = 1, 2, 3
DAY, MILLISECOND = timedelta(days=1), timedelta(milliseconds=1)


def html(
    session: dict[str, Any],
    frame: pl.DataFrame,
    turns: pl.DataFrame,
    runs: pl.DataFrame,
    *,
    zone: str,
    idle_seconds: float,
    idle_types: Sequence[str],
    alt: str,
    size: int,
    asked: str | None = None,
) -> str:
    """What replay.js makes a timeline of; `size` is that of a page of the list of events.

    `asked` is the id in the address where it is another one than the session's.
    """
    look = palette()
    told = json.dumps(
        {
            "start": _wall(session, zone),
            "changes": list(_changes(session, zone)),
            "idle": round(idle_seconds * 1000),
            "idles": list(idle_types),
            **columns(frame),
            "turns": [_turn(session, row) for row in turns.iter_rows(named=True)],
            "runs": [_run(row) for row in runs.iter_rows(named=True)],
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )
    other = f' data-asked="{escape(asked)}"' if asked else ""
    return (
        f'<div class="dwell-replay" role="group" aria-label="Replay of the session" tabindex="0" '
        f'style="{css_colors()};--dwell-turns:{look.series[1]};--dwell-runs:{look.series[2]}" '
        f'data-session="{escape(session["session_id"])}"{other} data-size="{size}" '
        f'data-alt="{escape(alt)}" data-track="{escape(told)}"></div>'
    )


def columns(frame: pl.DataFrame) -> dict[str, Any]:
    """The columns of the events: time since the event before, and numbers that stand for names.

    What few events tell stands as pairs of event and number, one after the other.
    """
    import polars as pl

    kinds = frame.select(
        "event_type",
        kind=pl.when("is_error").then(ERROR).when("is_action").then(ACTION).otherwise(PASSIVE),
    )
    types, type_numbers = _numbered(frame["event_type"])
    kind_of = dict(kinds.unique(maintain_order=True).iter_rows())
    pages, page_numbers = _numbered(frame["page"])
    sources, source_numbers = _numbered(frame["source"])
    details, detail_numbers = _numbered(frame["detail"])
    if len(details) > MOST_DETAILS:
        details = details[:MOST_DETAILS]
        detail_numbers = detail_numbers.set(detail_numbers >= MOST_DETAILS, None)
    views = page_numbers.is_not_null() & (
        (frame["event_type"] == "page_view")
        | (page_numbers != page_numbers.forward_fill().shift(1)).fill_null(value=True)
    )
    turned = (source_numbers != source_numbers.shift(1)).fill_null(value=True)
    return {
        "ms": frame["milliseconds"].diff().fill_null(0).to_list(),
        "types": [[name, kind_of[name]] for name in types],
        "type": type_numbers.to_list(),
        "pages": pages,
        "views": _pairs(page_numbers, views),
        "sources": sources,
        "source": _pairs(source_numbers, turned),
        "details": details,
        "detail": _pairs(detail_numbers, detail_numbers.is_not_null()),
        "scroll": _pairs(frame["scroll_percent"], frame["scroll_percent"].is_not_null()),
    }


def _numbered(names: pl.Series) -> tuple[list[str], pl.Series]:
    """The names, and for each event the place of its own among them."""
    import polars as pl

    known = names.drop_nulls().unique(maintain_order=True).to_list()
    places = {name: place for place, name in enumerate(known)}
    return known, names.replace_strict(places, default=None, return_dtype=pl.Int32)


def _pairs(numbers: pl.Series, some: pl.Series) -> list[int]:
    places = some.arg_true()
    pairs = zip(places.to_list(), numbers.gather(places).to_list(), strict=True)
    return [number for pair in pairs for number in pair]


def _wall(session: dict[str, Any], zone: str) -> int:
    """The local time of the start, as the milliseconds that a clock in UTC would show."""
    start = format.local(session["start_time"], zone)
    return calendar.timegm(start.timetuple()) * 1000 + start.microsecond // 1000


def _changes(session: dict[str, Any], zone: str) -> Iterator[tuple[int, int]]:
    """When in the session the clocks are changed, and by how much from then on, in milliseconds."""
    start, end = (session[name].replace(tzinfo=UTC) for name in ("start_time", "end_time"))
    first = before = _offset(start, zone)
    at = start
    while at < end:
        later = min(at + DAY, end)
        if (offset := _offset(later, zone)) != before:
            # Clocks are changed at a full second.
            low, high = floor(at.timestamp()), ceil(later.timestamp())
            while high - low > 1:
                middle = (low + high) // 2
                is_before = _offset(datetime.fromtimestamp(middle, UTC), zone) == before
                low, high = (middle, high) if is_before else (low, middle)
            since = datetime.fromtimestamp(high, UTC) - start
            yield since // MILLISECOND, (offset - first) // MILLISECOND
            before = offset
        at = later


def _offset(moment: datetime, zone: str) -> timedelta:
    return moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)


def _turn(session: dict[str, Any], row: dict[str, Any]) -> list[int]:
    """A turn of a chat: from, to, what was done with the answer, whether an error was in it."""
    times = [row["prompt_time"], row["response_time"]]
    known = [time for time in times if time is not None]
    ends = [round((time - session["start_time"]).total_seconds() * 1000) for time in known]
    is_used = row["is_copied"] or row["is_selected"] or row["is_citation_opened"]
    done = {"up": UP, "down": DOWN}.get(row["feedback"], USED if is_used else 0)
    return [ends[0], ends[-1], done, int(bool(row["is_error"]))]


def _run(row: dict[str, Any]) -> list[Any]:
    begin = round(row["seconds_since_start"] * 1000)
    name, step = (_name(row[column]) for column in ("workflow_name", "last_step"))
    words = f"{name or 'workflow'}, {row['status']}" + (
        f" at {step}" if row["status"] == "abandoned" and step else ""
    )
    return [
        begin,
        begin + round(row["duration_seconds"] * 1000),
        words,
        int(row["status"] == "completed"),
    ]


def _name(text: str | None) -> str | None:
    """A name in words; None of an object or a list, which may hold what was typed."""
    return None if text is None or text.startswith(("{", "[")) else format.named(text)
