"""Durations as people write them: "30 min", "1 h", "500 ms". For a setting a number is seconds."""

import math
import re
from datetime import timedelta
from typing import Any

from etl.errors import ConfigError

_UNITS = {"ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_UNIT_WORDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
# A hundred years. Whatever is counted back from a time of data by so much is still a time.
LONGEST = timedelta(days=36_525)
LIMIT = f"of at most {LONGEST.days} days"


def parse_duration(value: Any) -> timedelta:
    """A positive duration from "30 min", "1 h", "500 ms", or a number of seconds. ValueError when
    it is none, or longer than LONGEST.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        number, unit = value, "s"
    else:
        match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*", str(value).lower())
        if not match:
            raise ValueError(value)
        number, unit = float(match[1]), match[2] or "s"
    size = _UNITS.get(unit) or _UNIT_WORDS.get(unit.removesuffix("s"))
    if size is None or not 0 < number <= LONGEST.total_seconds() / size:
        raise ValueError(value)
    duration = timedelta(seconds=number * size)
    if not duration:
        raise ValueError(value)
    return duration


def duration_of(text: str, option: str, example: str) -> timedelta:
    """The duration that an option of a command has. ConfigError with an example when it is none.

    A bare number is refused: a setting takes it for seconds, and who types 30 here means days.
    """
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", number := text.strip()):
        unit = example.lstrip("0123456789")
        msg = f"{option} {number} has no unit. Write for example {option} {number}{unit}."
        raise ConfigError(msg)
    try:
        return parse_duration(text)
    except ValueError:
        msg = f"'{text}' is no duration {LIMIT}. Write for example {option} {example}."
        raise ConfigError(msg) from None


def checked_days(days: int) -> int:
    """A number of days to look back. ConfigError when it is less than one or more than LONGEST."""
    if not 1 <= days <= LONGEST.days:
        wrong = "holds nothing. Give 1 day or more."
        if days > 0:
            wrong = f"is longer than {LONGEST.days}, a hundred years. Ask for fewer."
        msg = f"A period of {_shown(days)} days {wrong}"
        raise ConfigError(msg)
    return days


def _shown(number: int) -> str:
    # Python does not write numbers of thousands of digits.
    sign, size = "-" if number < 0 else "", abs(number)
    return f"{sign}{size:,}" if size < 10**18 else f"{sign}10^{int(math.log10(size))}"


def duration_text(value: timedelta) -> str:
    """A duration as people write it: 30 min, 500 ms."""
    seconds = value.total_seconds()
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds * 1000:.0f} ms"
