"""The filters as they stand in the address bar. Pure: never touches Streamlit or data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pages.ui import format

PERIODS = {"1": "1 d", "7": "7 d", "30": "30 d", "90": "90 d", "custom": "Custom"}
DEFAULT_PERIOD = "30"
KEYS = ("period", "from", "to", "source", "device", "bots")

Params = Mapping[str, Sequence[str]]
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Choice:
    """What a reader chose. The default choice has an empty address."""

    period: str = DEFAULT_PERIOD
    start: date | None = None
    end: date | None = None
    sources: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    bots: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the period leaves sessions out."""
        return bool(self.sources or self.devices)


def encode(choice: Choice) -> Pairs:
    """Address of a choice, defaults left out."""
    pairs: Pairs = []
    if choice.period == "custom" and choice.start and choice.end:
        pairs += [("from", choice.start.isoformat()), ("to", choice.end.isoformat())]
    elif choice.period not in (DEFAULT_PERIOD, "custom"):
        pairs.append(("period", choice.period))
    pairs += [("source", source) for source in choice.sources]
    pairs += [("device", device) for device in choice.devices]
    if choice.bots:
        pairs.append(("bots", "1"))
    return pairs


def decode(
    params: Params, sources: Iterable[str], devices: Iterable[str]
) -> tuple[Choice, list[str]]:
    """Choice that an address asks for, and a sentence on each value that was ignored."""
    ignored: list[str] = []
    period, start, end = _decode_period(params, ignored)
    choice = Choice(
        period=period,
        start=start,
        end=end,
        sources=_known("source", params.get("source", ()), tuple(sources), ignored),
        devices=_known("device", params.get("device", ()), tuple(devices), ignored),
        bots=_decode_bots(params.get("bots", ()), ignored),
    )
    return choice, ignored


def _decode_period(params: Params, ignored: list[str]) -> tuple[str, date | None, date | None]:
    if "from" in params or "to" in params:
        start, end = (_decode_date(params.get(key, ())) for key in ("from", "to"))
        if start and end and start <= end:
            return "custom", start, end
        met = "from " + " ".join((*params.get("from", ()), "to", *params.get("to", ())))
        ignored.append(
            f"'{met}' is no range of days. "
            "Wanted two dates such as 2026-11-03, the earlier one first."
        )
    period = next(iter(params.get("period", ())), DEFAULT_PERIOD)
    if period in PERIODS and period != "custom":
        return period, None, None
    known = ", ".join(name for name in PERIODS if name != "custom")
    ignored.append(f"Unknown period '{period}'. Known periods: {known}.")
    return DEFAULT_PERIOD, None, None


def _decode_date(values: Sequence[str]) -> date | None:
    try:
        return date.fromisoformat(values[0])
    except (IndexError, ValueError):
        return None


def _decode_bots(values: Sequence[str], ignored: list[str]) -> bool:
    if not values or values[0] == "0":
        return False
    if values[0] != "1":
        ignored.append(f"Unknown value '{values[0]}' for bots. Known: 0, 1.")
    return values[0] == "1"


def _known(
    key: str, values: Sequence[str], known: tuple[str, ...], ignored: list[str]
) -> tuple[str, ...]:
    for value in dict.fromkeys(values):
        if value not in known:
            met = format.listed(known, empty="none", most=8)
            ignored.append(f"Unknown {key} '{value}'. Known: {met}.")
    return tuple(value for value in dict.fromkeys(values) if value in known)
