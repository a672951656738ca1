"""Paths of exported files, with the day that a file ends with: exports/sessions-{date}.csv."""

import re
from datetime import date

from etl.errors import ConfigError, did_you_mean

PLACEHOLDERS = ("date", "year", "month", "day", "week", "build")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_path(path: str, where: str) -> None:
    """ConfigError for a placeholder that there is none of."""
    for name in _PLACEHOLDER.findall(path):
        if name not in PLACEHOLDERS:
            hint = did_you_mean(name, PLACEHOLDERS)
            msg = f"{where} has path = {path!r}, and {{{name}}} is no placeholder. {hint}"
            raise ConfigError(msg)
    if set("{}\0") & set(_PLACEHOLDER.sub("", path)):
        msg = (
            f"{where} has path = {path!r}. Wanted: each {{ with its }}, such as "
            "exports/sessions-{date}.csv."
        )
        raise ConfigError(msg)


def filled(path: str, day: date | None, build: int) -> str:
    """The path of a file whose last day is `day`. ConfigError where it wants a day and none is."""

    def value(placeholder: re.Match[str]) -> str:
        name = placeholder[1]
        if name == "build":
            return str(build)
        if day is None:
            msg = f"The path {path} has a day in it, and no event yet says which. Load some first."
            raise ConfigError(msg)
        # All of digits, "-" and "W": none leads to another folder.
        year, week, _ = day.isocalendar()
        return {
            "date": day.isoformat(),
            "year": f"{day.year:04}",
            "month": f"{day.month:02}",
            "day": f"{day.day:02}",
            "week": f"{year:04}-W{week:02}",
        }[name]

    return _PLACEHOLDER.sub(value, path)
