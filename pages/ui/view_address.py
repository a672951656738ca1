"""How numbers are looked at, as it stands in the address: comparison, grain, build.

Pure: never touches Streamlit or data. What leaves sessions out is of address.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pages.ui.periods import CUSTOM
from warehouse.filters import DAY_LIMITS, parse_day

DEFAULT_COMPARE = "weekday"
# What the period is compared with: the words in the address.
COMPARISONS = ("none", "previous", "weekday", "year", CUSTOM)
GRAINS = {"day": "Day", "week": "Week", "month": "Month"}
KEYS = ("compare", "grain", "complete", "build")
_BETWEEN = ".."


@dataclass(frozen=True)
class View:
    """How a reader looks at the numbers. The default has an empty address.

    against   the first and last day that the period is compared with, where `compare` is custom
    grain     None: by the length of the period
    build     None: the current one
    """

    compare: str = DEFAULT_COMPARE
    against: tuple[date, date] | None = None
    grain: str | None = None
    complete: bool = False
    build: int | None = None


AS_USUAL = View()


def encode(view: View) -> list[tuple[str, str]]:
    """Address of a view, defaults left out."""
    pairs = []
    if view.against:
        days = _BETWEEN.join(day.isoformat() for day in view.against)
        pairs.append(("compare", days))
    elif view.compare not in (DEFAULT_COMPARE, CUSTOM):
        pairs.append(("compare", view.compare))
    if view.grain:
        pairs.append(("grain", view.grain))
    if view.complete:
        pairs.append(("complete", "1"))
    if view.build is not None:
        pairs.append(("build", str(view.build)))
    return pairs


def decode(params: Mapping[str, Sequence[str]], ignored: list[str]) -> View:
    """View that an address asks for; a sentence on each value that was ignored is added."""
    compare, against = _decode_compare(_first(params, "compare"), ignored)
    return View(
        compare=compare,
        against=against,
        grain=_known(params, "grain", tuple(GRAINS), ignored),
        complete=_known(params, "complete", ("0", "1"), ignored) == "1",
        build=_decode_build(_first(params, "build"), ignored),
    )


def _first(params: Mapping[str, Sequence[str]], key: str) -> str | None:
    return next(iter(params.get(key, ())), None)


def _known(
    params: Mapping[str, Sequence[str]], key: str, words: tuple[str, ...], ignored: list[str]
) -> str | None:
    given = _first(params, key)
    if given is not None and given not in words:
        ignored.append(f"Unknown {key} '{given}'. Known: {', '.join(words)}.")
        return None
    return given


def _decode_compare(given: str | None, ignored: list[str]) -> tuple[str, tuple[date, date] | None]:
    if given is None:
        return DEFAULT_COMPARE, None
    if given in COMPARISONS and given != CUSTOM:
        return given, None
    try:
        start, end = (parse_day(day) for day in given.split(_BETWEEN))
        if start <= end:
            return CUSTOM, (start, end)
    except ValueError:
        pass
    known = ", ".join(word for word in COMPARISONS if word != CUSTOM)
    ignored.append(
        f"Unknown comparison '{given}'. Known: {known}, or two days such as "
        f"2026-11-03{_BETWEEN}2026-11-09, the earlier one first, {DAY_LIMITS}."
    )
    return DEFAULT_COMPARE, None


def _decode_build(given: str | None, ignored: list[str]) -> int | None:
    if given is None:
        return None
    # More digits than any number of builds has are not read as a number.
    if given.isascii() and given.isdecimal() and len(given) < 10:
        return int(given)
    ignored.append(f"'{given}' is no number of a build. Wanted a number such as 42.")
    return None
