"""Settles which shape a column of times has, from all values of a good sample together.

Pure: texts in, a decision out. What several shapes fit is told by what is plausible: times of our
days, none ahead of the present; else by the shape that the source had before; else it is in doubt.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from etl.config.time_shapes import (
    DAY_FIRST,
    MONTH_FIRST,
    WRITTEN,
    YEAR_FIRST,
    Shape,
)
from etl.formats.time_met import MOST, WORSE, Met
from etl.formats.time_numbers import settle_numbers

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:[.,]\d*)?(?:[eE][+-]?\d{1,2})?")
_ORDERED = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)(?:\D.*)?")
_CLOCK = re.compile(
    r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?"
)
_BARE_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
_ZONE_WORD = re.compile(r":\d\d[.,\d]*(?: ?[AaPp][Mm])? ?([A-Za-z]{1,5})(?![A-Za-z/])(?: \d{4})?")
_YEAR = re.compile(r"(?<!\d)(?:1[89]|2[01])\d\d(?!\d)|^\d{8}T")
_HALF_DAY = ("am", "pm", "a", "p")


def settle(
    values: Sequence[str],
    now: datetime,
    before: str | None = None,
    offsets: Mapping[str, float] | None = None,
) -> Met | None:
    """What the column of these texts is; None without any that says something.

    `before`: the name of the shape that the source's column had. `offsets`: the words of zones
    that are known.
    """
    texts = [text for value in values if (text := " ".join(value.split()))]
    if not texts:
        return None
    of_kind: dict[str, list[str]] = {}
    for text in texts:
        of_kind.setdefault(_kind(text), []).append(text)
    kind = max(of_kind, key=lambda one: len(of_kind[one]))
    met = _settle_kind(kind, of_kind[kind], now, before, offsets or {})
    other = {"number": "words", "words": "number"}.get(kind)
    if met.is_sure and other in of_kind:
        beside = _settle_kind(other, of_kind[other], now, None, offsets or {})
        return replace(met, other=beside.shape if beside.is_sure else None)
    return met


def _settle_kind(
    kind: str, texts: Sequence[str], now: datetime, before: str | None, zones: Mapping[str, float]
) -> Met:
    """What values that are all of one kind are."""
    if kind == "number":
        return settle_numbers(texts, now, before)
    if kind == "ordered":
        return _settle_order(texts, now, before)
    if kind == "clock":
        say = f"holds times of day such as {texts[0]!r} and no dates"
        way = 'Name the column of dates too: --map time=DATE+CLOCK, or time = ["date", "clock"]'
        return Met(None, is_clock=True, is_sure=False, doubts=(f"{say}. {way}.",))
    is_sure = 2 * sum(map(bool, map(_YEAR.search, texts))) >= len(texts)
    return Met(WRITTEN, is_sure=is_sure, doubts=tuple(_unknown_zones(texts, zones)))


def is_bare_clock(values: Sequence[str]) -> bool:
    """Whether all are times of day without a colon: 1000, 093000."""
    widths = {len(value) for value in values}
    return len(widths) == 1 and all(map(_BARE_CLOCK.fullmatch, values))


def is_of_days(values: Sequence[str]) -> bool:
    """Whether all are days without a time of day."""
    return all(
        ":" not in value or re.search(r"[T ]00:00(:00(\.0+)?)?Z?$", value) for value in values
    ) and not all(re.fullmatch(r"\d{10,}|\d+[.,]\d*[1-9]\d*", value) for value in values)


def _kind(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return "number"
    if _ORDERED.fullmatch(text):
        return "ordered"
    return "clock" if _CLOCK.fullmatch(text) else "words"


def _settle_order(texts: Sequence[str], now: datetime, before: str | None) -> Met:
    """The order of day, month and year in dates that do not begin with a year of four digits."""
    parts = [tuple(m.group(1, 2, 3, 4)) for m in map(_ORDERED.fullmatch, texts) if m]
    latest = now + timedelta(hours=24)
    orders: Mapping[Shape, Callable[[str, str, str], datetime | None]] = {
        DAY_FIRST: lambda a, b, c: _date(c, b, a),
        MONTH_FIRST: lambda a, b, c: _date(c, a, b),
        YEAR_FIRST: lambda a, b, c: _date(a, b, c) if len(a) == len(c) == 2 else None,
    }
    dates = {
        shape: [d for a, _, b, c in parts if (d := read(a, b, c)) and d <= latest]
        for shape, read in orders.items()
    }
    best = max(map(len, dates.values()))
    if best < MOST * len(parts):
        return _in_doubt(texts, list(orders))
    fitting = [shape for shape, those in dates.items() if len(those) >= best * (1 - WORSE)]
    # A single value that no other order can read decides as well, where all the others fit.
    if best == len(parts):
        fitting = [shape for shape in fitting if len(dates[shape]) == best]
    if all(sign == "." and len(c) == 4 for _, sign, _, c in parts) and DAY_FIRST in fitting:
        # Who parts numbers by points writes the day first, wherever that is done.
        fitting = [DAY_FIRST]
    if len(fitting) == 2 and YEAR_FIRST in fitting:
        fitting = _narrower({shape: dates[shape] for shape in fitting})
    if len(fitting) == 1:
        return Met(fitting[0])
    known = [shape for shape in fitting if shape.name == before]
    return Met(known[0], by_source=True) if known else _in_doubt(texts, fitting)


def _date(year: str, month: str, day: str) -> datetime | None:
    if len(year) == 2:
        year = ("19" if year >= "70" else "20") + year
    try:
        return datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return None


def _narrower(dates: Mapping[Shape, Sequence[datetime]]) -> list[Shape]:
    """Of two orders of two-digit years the one whose dates lie close: days that are taken for
    years lie all over. Both where neither does."""
    spans = {shape: max(those) - min(those) for shape, those in dates.items()}
    close, wide = sorted(spans, key=lambda shape: spans[shape])
    is_clear = spans[wide] > max(timedelta(days=1100), 4 * spans[close])
    return [close] if is_clear else [close, wide]


def _in_doubt(texts: Sequence[str], fitting: Sequence[Shape]) -> Met:
    names = " or ".join(f"--time-format {shape.name}" for shape in fitting)
    say = f"holds dates such as {texts[0]!r}, whose order of day, month and year is not guessed"
    return Met(None, doubts=(f"{say}. Say {names}, or a strptime pattern.",))


def _unknown_zones(texts: Sequence[str], offsets: Mapping[str, float]) -> list[str]:
    found = filter(None, map(partial(re.search, _ZONE_WORD), texts))
    words = dict.fromkeys(match.group(1).upper() for match in found)
    return [
        f"names the zone {word}, which means several things or none. Those rows are rejected: say "
        "the zone of the source that calls it so, such as --time-zone Europe/London for BST."
        for word in words
        if word not in offsets and word.lower() not in _HALF_DAY
    ]
