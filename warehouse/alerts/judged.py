"""What judging a day comes to, whatever was judged. Reads nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

State = Literal["on", "off", "unknown"]


@dataclass(frozen=True)
class Judged:
    """One day, or week, of one alert.

    state     on, off, or unknown: not complete, or too little to say
    value     null for faults of the data
    limit     what was passed: a limit, or the end of what is normal
    sentence  what was found
    held_back_by  the fault of the data for which it is not told; None where there is none
    is_new    whether it was not known before, however long ago the day is
    """

    day: date
    state: State
    severity: str = "warning"
    value: float | None = None
    limit: float | None = None
    sentence: str = ""
    held_back_by: str | None = None
    is_new: bool = False


@dataclass(frozen=True)
class Subject:
    """What days are judged of: an alert of behaviour, or a kind of fault of one source.

    reading  what decides when it fires; another text is another rule
    metric, where  what its messages tell of how it was asked
    address  the parameters by which the pages show it, without its days
    """

    alert: str
    label: str
    kind: Literal["fault", "behaviour"]
    source: str | None
    to: tuple[str, ...]
    per: str = "day"
    reading: str = ""
    metric: str = ""
    where: str = ""
    address: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return key_of(self.alert, self.source)


def key_of(alert: str, source: str | None) -> str:
    """What tells an alert, or a fault of a source, from all others."""
    return f"{alert} {source}" if source else alert
