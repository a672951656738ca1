"""The alerts of dwell.toml, and those that are there without it. Knows no metric and no receiver.

They shape no number: days are judged by them once a build is there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

from etl.config.keys import Kind, key, key_names, one_of, read_keys, refuse_unknown
from etl.config.segments import checked_label
from etl.errors import ConfigError, did_you_mean, nearest

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_CHANGE = re.compile(r"\s*([+-]?)\s*(\d+(?:\.\d+)?)\s*%\s*")
_SHARE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*%\s*")
_EXAMPLE = 'metric = "bounce_rate" and above = 0.6'
# Of which an alert has exactly one.
CONDITIONS = ("above", "below", "change", "outside_normal")
# Data faults are judged without being asked for: their names, and the one that stands for all.
EVERY_FAULT = "data_faults"
FAULT_ALERTS = (
    *("outage", "clock_skew", "future_dates", "duplicate_storm", "bot_storm"),
    *("missing_ends", "heartbeat_gaps", "rejected_rows", "late_source"),
    *("nothing_loaded", "damaged", "disk_low"),
)
# What is said of a data fault, or of a preset, without judging it by another rule.
_OF_FAULTS = ("severity", "to", "off", "label")


def _number(written: Any) -> float:
    share = _SHARE.fullmatch(written) if isinstance(written, str) else None
    if share:
        return float(share[1]) / 100
    if isinstance(written, bool) or not isinstance(written, int | float) or not isfinite(written):
        raise ValueError(written)
    return float(written)


def _change(written: Any) -> tuple[str, float]:
    met = _CHANGE.fullmatch(written) if isinstance(written, str) else None
    if not met or not float(met[2]):
        raise ValueError(written)
    return met[1], float(met[2]) / 100


def _where(written: Any) -> Mapping[str, Any]:
    if not isinstance(written, Mapping):
        raise TypeError(written)
    return dict(written)


def _yes(written: Any) -> bool:
    if written is not True:
        raise ValueError(written)
    return True


_NUMBER = Kind('a number such as 0.6, or "60 %"', _number)
_TABLE = Kind('a table of conditions such as { entry_page = "/docs/*" }', _where)
_SHARE_OF_BEFORE = Kind('a share such as "20 %", "+20 %" or "-20 %"', _change)


@dataclass(frozen=True)
class AlertEntry:
    """One alert as it is written, over that of the same name which is there without dwell.toml.

    alarm          beyond this value, too, its severity is alarm; of above and below
    change         sign ("" for both) and share of the value a week before
    severity       of a data fault "" where it is not said: each kind has its own
    least_sessions days of fewer sessions are not judged; counts are, whatever there is
    to             receivers; None where none are named
    place          where it stands, for errors
    """

    name: str
    metric: str = key("")
    where: Mapping[str, Any] = key(kind=_TABLE, factory=dict)
    segment: tuple[str, ...] = key(())
    above: float | None = key(None, kind=_NUMBER)
    below: float | None = key(None, kind=_NUMBER)
    change: tuple[str, float] | None = key(None, kind=_SHARE_OF_BEFORE)
    outside_normal: bool = key(False, kind=Kind("true, or nothing", _yes))
    alarm: float | None = key(None, kind=_NUMBER)
    per: str = key("day", kind=one_of("day", "week"))
    severity: str = key("warning", kind=one_of("warning", "alarm"))
    least_sessions: int = key(50)
    to: tuple[str, ...] | None = key(None, kind=Kind('receivers such as ["ops"]', tuple))
    off: bool = key(False)
    label: str = key("")
    place: str = field(default="", compare=False)


PRESETS = (
    AlertEntry("no_sessions", "session_count", below=1, severity="alarm", label="No sessions"),
    AlertEntry("abandonment", "abandonment_rate", above=0.3, alarm=0.4, label="Abandonment"),
    AlertEntry("few_queries", "queries_per_session", below=2, label="Queries per session"),
)


def alerts_of(raw: Any, config: Path | None) -> tuple[AlertEntry, ...]:
    """The alerts: those that are there without dwell.toml, as it changes them, then its own, also
    what it says of data faults. ConfigError for what cannot be one.
    """
    if not isinstance(raw, Mapping):
        msg = f"'alerts' in {config} is not a table. Write [alerts.NAME], and below it {_EXAMPLE}."
        raise ConfigError(msg)
    entries = {preset.name: preset for preset in PRESETS}
    for name, entry in raw.items():
        entries[name] = _alert(name, entry, entries.get(name), config)
    return tuple(entries.values())


def refuse_receivers(alerts: Iterable[AlertEntry], known: Iterable[str]) -> None:
    """ConfigError for an alert that is sent to a receiver which is not known."""
    known = tuple(known)
    for alert in alerts:
        for name in alert.to or ():
            if name not in known:
                hint = did_you_mean(name, known) if known else f"Write [receivers.{name}]."
                msg = f"{alert.place} has the unknown receiver '{name}'. {hint}"
                raise ConfigError(msg)


def _alert(name: str, entry: Any, known: AlertEntry | None, config: Path | None) -> AlertEntry:
    where = f"[alerts.{name}]"
    place = f"{where} of {config}"
    if not _NAME.fullmatch(name):
        msg = (
            f"The alert '{name}' of {config} cannot be named so. Wanted: up to 60 lower-case "
            "letters, digits, - and _, such as docs_bounce. Its label may be any text."
        )
        raise ConfigError(msg)
    if not isinstance(entry, Mapping):
        msg = f"{where} is not a table. Write {where}, and below it {_EXAMPLE}."
        raise ConfigError(msg)
    is_fault = name in (*FAULT_ALERTS, EVERY_FAULT)
    if is_fault:
        _refuse_limit(entry, where)
    refuse_unknown(entry, _OF_FAULTS if is_fault else key_names(AlertEntry), where)
    values = read_keys(AlertEntry, _with_lists(entry), f"table {where}")
    if "label" in values:
        values["label"] = checked_label(values["label"], place)
    if is_fault:
        return AlertEntry(name, place=place, **{"severity": "", **values})
    given = [condition for condition in CONDITIONS if condition in entry]
    before = known or AlertEntry(name, label=name)
    if given:
        # Another limit is another rule: that of the preset does not stand beside it.
        before = replace(before, above=None, below=None, alarm=None)
    found = replace(before, **values, place=place)
    _refuse_unfit(found, entry, where)
    return found


def _with_lists(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One receiver, or one segment, may be written without brackets."""
    lists = {
        name: [entry[name]]
        for name in ("to", "segment")
        if isinstance(entry.get(name), str) and entry[name].strip()
    }
    for name in ("to", "segment"):
        words = lists.get(name, entry.get(name, []))
        if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
            msg = (
                f"The alert has {name} = {words!r}. Wanted: a name or a list of them, such as "
                f'{name} = ["ops"].'
            )
            raise ConfigError(msg)
    return {**entry, **lists}


def _refuse_limit(entry: Mapping[str, Any], where: str) -> None:
    """A fault of the data is judged by rules of its own."""
    for name in entry:
        if name in key_names(AlertEntry) and name not in _OF_FAULTS:
            msg = (
                f"{where} has {name}, but is a fault of the data: it has no metric and no limit of "
                f"yours. Its keys: {', '.join(sorted(_OF_FAULTS))}. For a limit give the alert "
                "another name."
            )
            raise ConfigError(msg)


def _refuse_unfit(alert: AlertEntry, entry: Mapping[str, Any], where: str) -> None:
    given = [condition for condition in CONDITIONS if condition in entry]
    if not alert.metric:
        known = (*FAULT_ALERTS, EVERY_FAULT, *(preset.name for preset in PRESETS))
        near = "" if given else nearest(alert.name, known)
        hint = near or f"Write for example {_EXAMPLE} below it."
        msg = f"{where} has no metric. {hint}"
        raise ConfigError(msg)
    if len(given) > 1:
        msg = (
            f"{where} has {' and '.join(given)}. Wanted: one of {', '.join(CONDITIONS)}. Write two "
            "alerts, or leave one out."
        )
        raise ConfigError(msg)
    if not any(getattr(alert, condition) not in (None, False) for condition in CONDITIONS):
        msg = (
            f"{where} does not say when it fires. Wanted: one of {', '.join(CONDITIONS)}. Write "
            "for example above = 0.6 below it."
        )
        raise ConfigError(msg)
    if alert.alarm is not None:
        limit = alert.above if alert.above is not None else alert.below
        if limit is None or (alert.alarm < limit) is (alert.above is not None):
            msg = (
                f"{where} has alarm = {alert.alarm:g}. Wanted: a value beyond that of above or "
                "below, from which on it is an alarm. Change it, or leave it out."
            )
            raise ConfigError(msg)
        if alert.severity == "alarm" and "severity" in entry:
            msg = (
                f'{where} has severity = "alarm" and alarm = {alert.alarm:g}: it would be an alarm '
                "from its first limit on. Leave one of them out."
            )
            raise ConfigError(msg)
    _refuse_shares(alert, where)


def _refuse_shares(alert: AlertEntry, where: str) -> None:
    """A rate is never over 1."""
    if not alert.metric.endswith("_rate"):
        return
    for name in ("above", "below", "alarm"):
        limit = getattr(alert, name)
        if limit is not None and not 0 <= limit <= 1:
            msg = f"{where} has {name} = {limit:g}, and {alert.metric} is a rate, from 0 to 1."
            if 1 < limit <= 100:
                msg += f' Write {limit / 100:g} or "{limit:g} %".'
            else:
                msg += " Change it."
            raise ConfigError(msg)
