"""What alerts say, in the words of the pages. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from warehouse.alerts.episodes import Episode
from warehouse.alerts.rules import Rule
from warehouse.written import NULL, WRITERS, change

# What a fault is called behind the name of its source.
_HAD = {
    "outage": "had an outage",
    "clock_skew": "had a wrong clock",
    "future_dates": "had dates in the future",
    "duplicate_storm": "had doubled events",
    "bot_storm": "was full of robots",
    "missing_ends": "lacked ends of sessions",
    "heartbeat_gaps": "lacked heartbeats",
    "rejected_rows": "had many rejected rows",
}


def short_day(day: date) -> str:
    """27 Nov."""
    return f"{day.day} {day:%b}"


def span(first: date, last: date) -> str:
    """27 Nov, or 3 Nov to 9 Nov."""
    return short_day(first) if first == last else f"{short_day(first)} to {short_day(last)}"


def when(day: date, per: str) -> str:
    """On 27 Nov, or in the week of 23 to 29 Nov."""
    if per == "day":
        return f"on {short_day(day)}"
    return f"in the week of {span(day, day + timedelta(days=6))}"


def had_fault(kind: str, source: str, first: date, last: date) -> str:
    """Why something is held back: web had an outage on 27 Nov."""
    return f"{source} {_HAD[kind]} {'on' if first == last else 'from'} {span(first, last)}"


def is_late(source: str, since: date) -> str:
    """Why something is held back: nothing has come from web since 25 Nov."""
    return f"nothing has come from {source} since {short_day(since)}"


def last_of(day: date, per: str) -> date:
    """The last day of what is judged: the day, or the Sunday of its week."""
    return day if per == "day" else day + timedelta(days=6)


def _since(first: date, until: date, began_before: bool) -> str:
    """Behind what is on: , since 25 Nov; nothing of one day alone."""
    if first == until:
        return ""
    return f", since {short_day(first)}{' or before' if began_before else ''}"


def title(episode: Episode) -> str:
    """What was on: Abandonment, or Outage of web."""
    return f"{episode.label} of {episode.source}" if episode.source else episode.label


def named(row: Mapping[str, Any]) -> str:
    """The same of a row of the history, by the name of the alert: outage of web."""
    return f"{row['alert']} of {row['source']}" if row["source"] else str(row["alert"])


def spoken(row: Mapping[str, Any]) -> str:
    """A row of the history on one line: ALARM abandonment 45.2 % on 27 Nov (limit 40 %)."""
    since = _since(row["date"], row["until"], row["began_before"])
    told = row["sentence"]
    if row["kind"] == "fault":
        told = f"{when(row['until'], 'day')}: {told}"
    return f"{row['severity'].upper()} {named(row)} {told}{since}"


def line(episode: Episode) -> str:
    """What is on, on one line: Abandonment 45.2 % on 27 Nov (limit 40 %), since 25 Nov."""
    since = _since(episode.began_on, episode.until, episode.began_before)
    if episode.kind == "fault":
        return f"{title(episode)} {when(episode.until, 'day')}: {episode.sentence}{since}"
    return f"{title(episode)} {episode.sentence}{since}"


def shown(row: Mapping[str, Any]) -> str:
    """The same of a row of the history, as pages show it."""
    since = _since(row["date"], row["until"], row["began_before"])
    name = f"{row['label']} of {row['source']}" if row["source"] else row["label"]
    on_day = f" {when(row['until'], 'day')}:" if row["kind"] == "fault" else ""
    return f"{name}{on_day} {row['sentence']}{since}"


def over(episode: Episode) -> str:
    """How something ended: 28 Nov was as it should be. It was on from 25 to 27 Nov."""
    day = episode.over_on or episode.until
    was = "the week of " if episode.per == "week" else ""
    held = span(episode.began_on, episode.until)
    if day <= episode.until and episode.kind == "fault" and not episode.source:
        return f"it was so on {held}."
    if day <= episode.until:
        return f"later events, or another limit, changed {was}{held}."
    return f"{was}{short_day(day)} is within its limits again. It was on {held}."


def limit_sentence(rule: Rule, day: date, value: float, limit: float) -> str:
    """45.2 % on 27 Nov (limit 40 %)."""
    unit = rule.metric.unit
    told = write_share(limit) if unit == "rate" else f"{limit:,g}"
    told = WRITERS[unit](limit) if unit == "seconds" else told
    written = WRITERS[unit](value)
    if value != limit and written == WRITERS[unit](limit):
        # Beyond its limit by less than is written of it.
        written = f"{value * 100:.4g} %" if unit == "rate" else f"{value:,.6g}"
    return f"{written} {when(day, rule.entry.per)} (limit {told})"


def change_sentence(rule: Rule, day: date, value: float, before: float, limit: float) -> str:
    """-24.1 % on 27 Nov: 412 after 543 a week before (limit 20 %)."""
    write = WRITERS[rule.metric.unit]
    moved = change((value - before) / before, "relative") or NULL
    return (
        f"{moved} {when(day, rule.entry.per)}: {write(value)} after {write(before)} a week before "
        f"(limit {write_share(limit)})"
    )


def normal_sentence(rule: Rule, day: date, value: float, low: float, high: float) -> str:
    """412 on 27 Nov (normal 610 to 790)."""
    write = WRITERS[rule.metric.unit]
    return f"{write(value)} {when(day, rule.entry.per)} (normal {write(low)} to {write(high)})"


def write_share(value: float) -> str:
    """A share as it is written in dwell.toml: 20 %."""
    return f"{value * 100:.6g} %"
