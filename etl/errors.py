"""Every error Dwell raises on purpose. Each text says what was met, what was wanted, what to do.

DwellError
├── ConfigError      wrong usage or configuration          exit code 2
├── SourceError      a file or table that cannot be read    exit code 1
│   ├── NotData      a file that shows no sign of events
│   ├── NoEvents     one that is known to hold none
│   └── Misread      a file that is not as it was said to be read
├── BuildError       a build that could not be made         exit code 1
│   └── CheckFailed  a data check that found bad rows
├── NoBuild          nothing to read yet                    exit code 1
├── BeyondLimit      a query that takes too long, or much   exit code 1
├── SpoolFull        events that cannot be kept now         503 of the collector
├── DeliveryError    a message that a receiver did not take  exit code 1
└── Busy             another run holds the lock             exit code 75

    try:
        wh = warehouse.open("data")
    except warehouse.NoBuild as error:
        print(error)
"""

import errno
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

Fault = Literal["receiver", "message", "unknown"]

_LONGEST_NAME = 40
# As systems and engines say it.
_NO_ROOM = ("No space left on device", "Disk quota exceeded", "Out of disk space")


class DwellError(Exception):
    """Base of all errors that are told to people without a traceback."""

    exit_code = 1


class ConfigError(DwellError):
    """Wrong usage or configuration."""

    exit_code = 2


class SourceError(DwellError):
    """A file or table that cannot be read as what it was said to be."""


class NotData(SourceError):
    """A file that holds no events by all signs: no fault of an export that it lies beside some."""


class NoEvents(SourceError):
    """A file that is known, and known to hold no events: it is left out."""


class Misread(SourceError):
    """A file that what was said of it does not fit: what was said is at fault, not the file."""


class BuildError(DwellError):
    """A warehouse build that could not be made."""


class CheckFailed(BuildError):
    """A data check that found bad rows: the build is not published."""


class NoBuild(DwellError):
    """No warehouse build to read."""


class BeyondLimit(DwellError):
    """A query that took longer, or more memory, than it may."""


class SpoolFull(DwellError):
    """Events that cannot be kept now, and of which nothing was. They may be sent again after
    `retry_after` seconds.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeliveryError(DwellError):
    """A message that a receiver did not take. Its text holds no secret.

    at_fault     "receiver": it, its address or its password; a repeat may do, or a mended
                 dwell.toml. "message": no repeat can help. "unknown": one of the two
    retry_after  seconds after which the receiver wants to be asked again
    """

    def __init__(
        self,
        message: str,
        at_fault: Fault = "receiver",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.at_fault = at_fault
        self.retry_after = retry_after


class Busy(DwellError):
    """Another run holds the lock of this home."""

    exit_code = 75


def disk_full(error: BaseException | None, home: Path) -> str:
    """A sentence that says so when an error, or one behind it, is for want of room; else empty."""
    while error is not None:
        number = error.errno if isinstance(error, OSError) else None
        text = str(error)
        if number in (errno.ENOSPC, errno.EDQUOT) or any(word in text for word in _NO_ROOM):
            return (
                f"there is no room left on the disk of {home} (No space left on device). Make room "
                "there, or move the home to a larger one, and run again."
            )
        error = error.__cause__ or error.__context__
    return ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence with the nearest known word, or with all of them when none is near."""
    words = sorted(known)
    return nearest(word, words) or f"Known: {', '.join(words)}."


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A sentence with the nearest known word; empty when none is near."""
    near = get_close_matches(word, sorted(known), n=1, cutoff=cutoff)
    return f"Did you mean '{near[0]}'?" if near else ""


def refuse_unknown(what: str, given: str, known: Iterable[str]) -> None:
    """ConfigError, with the valid ones, for a word that is none of them."""
    words = tuple(known)
    if given not in words:
        msg = f"Unknown {what} '{given}'. {did_you_mean(given, words)}"
        raise ConfigError(msg)


def in_brief(error: Exception) -> str:
    """An engine's error on one line, without its advice."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    facts = [line for line in lines if not line.startswith(("Original Line", "Possible", "*"))]
    return _readable("; ".join(facts[:2]).rstrip(".")[:300])


def shown(names: Iterable[str], most: int = 12) -> str:
    """The first names that a file gave, fit for a message: short, and of signs that can be read."""
    return ", ".join(_shown(name) for _, name in zip(range(most), names, strict=False))


def _shown(name: str) -> str:
    cut = _readable(name[:_LONGEST_NAME])
    return f"{cut}…" if len(name) > _LONGEST_NAME else cut


def _readable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
