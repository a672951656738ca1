"""Settles which shape a column of times has, from all values of a good sample together.

Pure: texts in, a decision out. What several shapes fit is told by what is plausible: times of our
days, none ahead of the present; else by the shape that the source had before; else it is in doubt.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

from etl.config.time_shapes import (
    BY_NAME,
    DAY_FIRST,
    EPOCHS,
    MONTH_FIRST,
    NUMBERS,
    SECONDS,
    WRITTEN,
    YEAR_FIRST,
    Shape,
)

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:[.,]\d*)?(?:[eE][+-]?\d{1,2})?")
_ORDERED = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)(?:\D.*)?")
_CLOCK = re.compile(
    r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?"
)
_BARE_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
_ZONE_WORD = re.compile(r":\d\d[.,\d]*(?: ?[AaPp][Mm])? ?([A-Za-z]{1,5})(?![A-Za-z/])(?: \d{4})?")
_YEAR = re.compile(r"(?<!\d)(?:1[89]|2[01])\d\d(?!\d)|^\d{8}T")
_HALF_DAY = ("am", "pm", "a", "p")
# Computers kept no such exports before; a number that says so means something else.
_FIRST_YEAR = datetime(1980, 1, 1, tzinfo=UTC)
# Days of a spreadsheet are few: the years before, they are as likely seconds.
_FIRST_DAYS = datetime(2000, 1, 1, tzinfo=UTC)
_YEAR_1971 = 365 * 86_400
# In the first days of 1970 lies what counts seconds, read as a finer unit, until the year 2100.
_SECONDS_AS_MS = 47 * 86_400
# A column in which fewer values fit than this has another shape.
_MOST = 0.5
# What fits this much less often than the best does not fit as well.
_WORSE = 0.02


@dataclass(frozen=True)
class Met:
    """What a column was taken for.

    `shape` is None where several fit and nothing decides, and of times of day, which are no point
    in time (`is_clock`). `is_late`: whether its times lie after 1970, so that one of 1970 is none:
    0 for nothing, or another unit. `is_sure`: whether the values are times that are plausible;
    seconds from a beginning that is not told are not. `by_source`: what decided was the shape
    that the source had. `doubts`: sentences about what is to be told; each ends in what to do.
    `other`: the shape of the values that are written in another way, numbers beside words: none
    can be taken for the other.
    """

    shape: Shape | None
    is_late: bool = False
    is_sure: bool = True
    is_clock: bool = False
    by_source: bool = False
    doubts: tuple[str, ...] = ()
    other: Shape | None = None


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
        return _settle_numbers(texts, now, before)
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


def _settle_numbers(texts: Sequence[str], now: datetime, before: str | None) -> Met:
    """The shape of a column of numbers. Zeros mean nothing, or are a beginning."""
    numbers = [(text, Decimal(text.replace(",", "."))) for text in texts]
    asked = [(text, number) for text, number in numbers if number] or numbers
    latest = now + timedelta(hours=24)
    shares = {
        shape: sum(_is_plausible(shape, text, number, latest) for text, number in asked)
        / len(asked)
        for shape in NUMBERS
        if not shape.told
    }
    best = max(shares.values())
    if best < _MOST:
        return _by_size(asked, before)
    fitting = [shape for shape, share in shares.items() if share >= best - _WORSE]
    fits_seconds = (
        all(number >= 0 for _, number in numbers) and max(number for _, number in numbers) < 10**10
    )
    if before == SECONDS.name and fits_seconds and fitting[0] not in EPOCHS:
        return Met(SECONDS, is_sure=False, by_source=True)
    known = [shape for shape in fitting if shape.name == before]
    if known and len(fitting) > 1:
        shape = known[0]
    else:
        # .NET ticks of today are nanoseconds of 1990: the later is what is meant.
        shape = max(fitting, key=lambda one: _seconds(one, asked[0][1]) if one.unit else 0)
    doubts = tuple(_from_2001([n for _, n in asked], now)) if shape.name == "epoch_s" else ()
    is_late = shape.is_epoch and _is_late(shape, [number for _, number in numbers])
    return Met(shape, is_late, by_source=bool(known and len(fitting) > 1), doubts=doubts)


def _by_size(numbers: Sequence[tuple[str, Decimal]], before: str | None) -> Met:
    """A column without times of our days: digits of other dates, else the unit of its size."""
    for shape in NUMBERS:
        if shape.digits and all(_as_date(shape, text) for text, _ in numbers):
            return Met(shape, is_sure=False)
    largest = max(abs(number) for _, number in numbers)
    units = zip(EPOCHS, (10**11, 10**14, 10**17), strict=False)
    shape = next((shape for shape, limit in units if largest < limit), EPOCHS[3])
    if shape is not EPOCHS[0] or any(number < 0 for _, number in numbers):
        return Met(shape, is_sure=False)
    low, high = (f"{pick(n for _, n in numbers):,}" for pick in (min, max))
    say = (
        f"counts from {low} to {high}: read as seconds from 1970 on. If it counts something "
        "else, say --time-format"
    )
    seconds_before = before == SECONDS.name
    return Met(SECONDS, is_sure=False, doubts=() if seconds_before else (f"{say}.",))


def _is_plausible(shape: Shape, text: str, number: Decimal, latest: datetime) -> bool:
    if shape.digits:
        date = _as_date(shape, text)
        return date is not None and _FIRST_YEAR <= date <= latest
    is_days = shape.unit > 1
    first = (_FIRST_DAYS if is_days else _FIRST_YEAR).timestamp()
    return first <= _seconds(shape, number) <= latest.timestamp()


def _seconds(shape: Shape, number: Decimal) -> float:
    """The second since 1970 that a number of a shape that counts stands for."""
    return float(number) * shape.unit + shape.zero


def _as_date(shape: Shape, text: str) -> datetime | None:
    digits = re.sub(r"\.0*$", "", text)
    if len(digits) != shape.width or not digits.isdecimal():
        return None
    # Python knows no milliseconds.
    pattern, digits = (
        (shape.digits.replace("%g", "%f"), digits) if shape.width != 17 else
        (shape.digits.replace("%g", "%f"), f"{digits}000")
    )  # fmt: skip
    try:
        date = datetime.strptime(digits, pattern).replace(tzinfo=UTC)
    except ValueError:
        return None
    return date if 1900 <= date.year < 2100 else None


def _is_late(shape: Shape, numbers: Sequence[Decimal]) -> bool:
    """Whether no value lies in 1970 but such as mean nothing, or are of another unit."""
    early = [n for n in numbers if 0 <= _seconds(shape, n) < _YEAR_1971]
    if shape.unit == 1:
        return all(n < 86_400 or 19_800_101 <= n <= 20_991_231 for n in early)
    return all(_seconds(shape, n) < _SECONDS_AS_MS for n in early)


def _from_2001(numbers: Sequence[Decimal], now: datetime) -> list[str]:
    """What to say of seconds that are of our days when they count from 2001, as Apple's do."""
    cocoa = BY_NAME["cocoa"]
    first, last = (_seconds(cocoa, pick(numbers)) for pick in (min, max))
    if not (now - timedelta(days=3650)).timestamp() < first <= last < now.timestamp():
        return []
    years = [datetime.fromtimestamp(float(min(numbers)) + zero, UTC) for zero in (0, cocoa.zero)]
    return [
        f"holds seconds that are of {years[0]:%Y-%m-%d} when they count from 1970, and of "
        f"{years[1]:%Y-%m-%d} from 2001. They are read from 1970; if they are Apple's, say "
        "--time-format cocoa."
    ]


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
    if best < _MOST * len(parts):
        return _in_doubt(texts, list(orders))
    fitting = [shape for shape, those in dates.items() if len(those) >= best * (1 - _WORSE)]
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
