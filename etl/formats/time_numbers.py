"""Settles which shape a column of numbers has, if they are times: counts, or digits of a date."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from etl.config.time_shapes import BY_NAME, EPOCHS, NUMBERS, SECONDS, Shape
from etl.formats.time_met import MOST, WORSE, Met

# Computers kept no such exports before; a number that says so means something else.
_FIRST_YEAR = datetime(1980, 1, 1, tzinfo=UTC)
# Days of a spreadsheet are few: the years before, they are as likely seconds.
_FIRST_DAYS = datetime(2000, 1, 1, tzinfo=UTC)
_YEAR_1971 = 365 * 86_400
# In the first days of 1970 lies what counts seconds, read as a finer unit, until the year 2100.
_SECONDS_AS_MS = 47 * 86_400


def settle_numbers(texts: Sequence[str], now: datetime, before: str | None) -> Met:
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
    if best < MOST:
        return _by_size(asked, before)
    fitting = [shape for shape, share in shares.items() if share >= best - WORSE]
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
    doubts += tuple(_cut([text for text, _ in asked]))
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


def _cut(texts: Sequence[str]) -> list[str]:
    """What to say of numbers that a spreadsheet has written in few digits."""
    cut = [text for text in texts if "e+" in text.lower()]
    if 2 * len(cut) < len(texts):
        return []
    return [
        f"holds numbers such as {cut[0]!r}, whose last digits a spreadsheet cut: times that "
        "differed are the same. Export them again without opening the file in one."
    ]


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
