"""The events of one session as they are read. Typed texts are hidden until switched on."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.frame import Page
from pages.ui.tables import Column
from pages.ui.theme import palette
from warehouse.typed_texts import TYPED_TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

# Behind the question mark of one there may be what was searched for.
_ADDRESS = re.compile(r"(https?:/)?/\S*")
# Of pages and devices, which have columns of their own.
_TOLD_ELSEWHERE = {"url", "user_agent", "referrer", "$current_url", "$useragent"}


def columns(page: Page, session: dict[str, Any], frame: pl.DataFrame) -> dict[str, Column]:
    """What the list tells of an event; the day too where the session has several."""
    idle_limit = frame.item(0, "idle_limit_seconds")
    first, last = (format.local(session[name], page.zone) for name in ("start_time", "end_time"))
    one_day = first.date() == last.date()
    form = "%H:%M:%S" if one_day else "%-d %b %H:%M:%S"
    return {
        "event_time": Column(
            "Time",
            write=lambda at: f"{format.local(at, page.zone):{form}}",
            width=70 if one_day else 122,
        ),
        "gap_seconds": Column(
            "Gap",
            write=lambda seconds: gap(seconds, idle_limit),
            width=96,
            help="Since the event before",
        ),
        "event_type": Column("Event", width=120),
        "page": Column("Page", width=130),
        "properties": Column("Properties", width="large", wide=True),
    }


def legend(page: Page, idle_limit: float) -> str:
    """What the colours and words of the list mean."""
    return (
        f"Times in {page.zone}. A gap over {format.span(idle_limit)} is marked idle: the "
        "engaged time counts no more than that of it. Errors are red, events that are no "
        "action grey."
    )


def gap(seconds: float | None, idle_limit: float) -> str:
    """A gap in words, told as idle when it is longer than the limit."""
    text = format.duration(seconds)
    return f"{text} idle" if seconds is not None and seconds > idle_limit else text


def readable(frame: pl.DataFrame, *, with_texts: bool, most: int | None = None) -> pl.DataFrame:
    """The events with their properties as readable text, of at most so many characters."""
    return _each(frame, lambda text: shortened(properties(text, with_texts=with_texts), most))


def without_typed(frame: pl.DataFrame) -> pl.DataFrame:
    """The events with their properties as JSON still, typed texts told by their length."""
    return _each(frame, lambda text: json.dumps(parsed(text, with_texts=False), ensure_ascii=False))


def _each(frame: pl.DataFrame, write: Callable[[str], str]) -> pl.DataFrame:
    import polars as pl

    return frame.with_columns(pl.col("properties").map_elements(write, return_dtype=pl.String))


def shortened(text: str, most: int | None) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if most is None or len(text) <= most else f"{text[: most - 1]}\u2026"


def properties(text: str, *, with_texts: bool) -> str:
    """JSON properties as `name: value`, typed texts by their length unless switched on.

    What is long and told elsewhere comes last.
    """
    values = parsed(text, with_texts=with_texts)
    if not isinstance(values, dict):
        return str(values)
    told = sorted(values.items(), key=lambda item: item[0] in _TOLD_ELSEWHERE)
    return ", ".join(f"{name}: {_as_text(value)}" for name, value in told)


def parsed(text: str | None, *, with_texts: bool) -> Any:
    """What JSON properties hold, typed texts by their length unless switched on."""
    if text is None:
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return text if with_texts else f"({format.plural(len(text), 'character')} hidden)"
    return values if with_texts else _without_texts(values)


def without_query(address: str) -> str:
    """A web address with what was asked of its site told by its length: it may have been typed."""
    at = min((place for sign in "?#" if (place := address.find(sign)) >= 0), default=None)
    if at is None or at == len(address) - 1:
        return address
    hidden = format.plural(len(address) - at - 1, "character")
    return f"{address[: at + 1]}({hidden} hidden)"


def _without_texts(value: Any) -> Any:
    """The same value with typed texts told by their length, however deep they lie."""
    if isinstance(value, str):
        return without_query(value) if _ADDRESS.fullmatch(value) else value
    if isinstance(value, list):
        return [_without_texts(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: f"({format.plural(len(_as_text(item)), 'character')} hidden)"
        if _last_name(name) in TYPED_TEXTS and isinstance(item, str | dict | list)
        else _without_texts(item)
        for name, item in value.items()
    }


def _last_name(name: str) -> str:
    """That of a field in a record that was laid flat: `message.content` is a content."""
    return name.rpartition(".")[2].strip().lower()


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def color(row: dict[str, Any]) -> str | None:
    """The colour of an event: red of errors, grey of what is no action."""
    look = palette()
    if row["is_error"]:
        return look.bad
    return None if row["is_action"] else look.quiet
