"""What people do, each day judged by the days before it alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from warehouse.addresses import condition_pairs
from warehouse.alerts import words
from warehouse.alerts.faults import Known
from warehouse.alerts.judged import Judged, Subject
from warehouse.alerts.rules import QUERIES_PER_SESSION, Rule
from warehouse.conditions import NO_CONDITIONS, as_texts, conditions_of
from warehouse.connection import Warehouse
from warehouse.filters import FIRST_DAY, Filters
from warehouse.metrics import registry
from warehouse.metrics.registry import Metric
from warehouse.query import own_line, path_of, run

if TYPE_CHECKING:
    import polars as pl

# How far back the days lie that tell what is normal.
_LIKE_DAYS = timedelta(weeks=8)


def judged_behaviour(
    wh: Warehouse, rules: Sequence[Rule], known: Known, first: date, last: date
) -> dict[Subject, list[Judged]]:
    """The days, or weeks, from first to last of each rule: a query for each choice of sessions."""
    groups: dict[tuple[Filters, str], list[Rule]] = {}
    for rule in rules:
        groups.setdefault((rule.filters, rule.entry.per), []).append(rule)
    judged = {}
    for (filters, per), of_group in groups.items():
        start = first if per == "day" else first - timedelta(days=first.weekday())
        within = replace(filters, start=max(start - _LIKE_DAYS, FIRST_DAY), end=max(start, last))
        own = known
        if filters.segments:
            names = run(wh, "alerts.sources", within)["source"].to_list()
            own = known.of_sources(frozenset(names))
        frame = _frame(wh, of_group, within, own, start, per)
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in frame.iter_rows(named=True):
            rows.setdefault(row["metric"], []).append(row)
        for rule in of_group:
            days = [_judged(rule, own, row) for row in rows.get(rule.metric.name, ())]
            judged[subject_of(wh, rule)] = [
                day for day in days if words.last_of(day.day, per) <= max(last, start)
            ]
    return judged


def subject_of(wh: Warehouse, rule: Rule) -> Subject:
    """The alert as the history names it, and as the pages show it."""
    entry = rule.entry
    where = conditions_of(entry.where) if entry.where else NO_CONDITIONS
    asked = [(name, text) for name, values in as_texts(where).items() for text in values]
    words_of = {name: word for word, name in registry.TRENDS.items()}
    shown = words_of.get(rule.metric.name)
    return Subject(
        rule.name,
        # A name alone says nothing of what was counted.
        f"{rule.metric.label} ({entry.name})" if entry.label == entry.name else entry.label,
        "behaviour",
        None,
        entry.to or (),
        entry.per,
        rule.reading,
        rule.metric.label,
        " and ".join(
            [*(f"segment {name}" for name in entry.segment), *(f"{n} {text}" for n, text in asked)]
        ),
        (
            *([("metric", shown)] if shown else ()),
            *(("segment", name) for name in entry.segment),
            *condition_pairs(where, wh.dimensions),
        ),
    )


def _frame(
    wh: Warehouse, rules: Sequence[Rule], within: Filters, known: Known, start: date, per: str
) -> "pl.DataFrame":
    import polars as pl

    metrics = {rule.metric.name: rule.metric for rule in rules}
    measures = ", ".join(_measure(metric) for metric in metrics.values())
    own = "".join(own_line(own["name"], own["sql"]) for own in wh.own_metrics)
    if QUERIES_PER_SESSION.name not in registry.measures(wh):
        own += own_line(QUERIES_PER_SESSION.name, QUERIES_PER_SESSION.sql)
    told: dict[date, date] = {}
    for fault in known.faults:
        for n in range((fault.last - fault.first).days + 1):
            day = fault.first + timedelta(days=n)
            day -= timedelta(days=day.weekday() if per == "week" else 0)
            told[day] = min(told.get(day, fault.told), fault.told)
    days = pl.DataFrame(
        list(told.items()), {"fault_date": pl.Date, "told_date": pl.Date}, orient="row"
    )
    return run(
        wh,
        "alerts.days",
        within,
        words={"measures": f"[{measures}]", "own_metrics": own},
        tables={"fault_days": days},
        grain=per,
        shown_from=start,
    )


def _measure(metric: Metric) -> str:
    """A row of what is measured: the value, how many sessions it is of, how much these differ."""
    name = metric.name
    size = f"{name}_n" if f"{name}_n" in _behind() else "session_count"
    spread = f"{name}_sd" if f"{name}_sd" in _behind() else "null"
    chance = {"count": "count", "rate": "rate"}.get(
        metric.unit, "other" if spread == "null" else "mean"
    )
    return (
        f"{{'metric': '{name}', 'chance': '{chance}', 'value': {name}::double, "
        f"'size': {size}::double, 'spread': {spread}::double}}"
    )


@cache
def _behind() -> frozenset[str]:
    """The words of the file that says what is measured."""
    return frozenset(path_of("measured_sessions").read_text(encoding="utf-8").split())


def _judged(rule: Rule, known: Known, row: dict[str, Any]) -> Judged:
    entry, day, value = rule.entry, row["period_start"], row["value"]
    last = words.last_of(day, entry.per)
    is_small = rule.metric.unit != "count" and (row["size"] or 0) < entry.least_sessions
    is_whole = known.begun_on < day and last < known.complete_before
    if value is None or is_small or not is_whole:
        return Judged(day, "unknown")
    found = _found(rule, row)
    if found is None:
        return Judged(day, "unknown")
    fires, limit, sentence = found
    if fires and entry.name == "no_sessions" and not row["usual"]:
        # Until a like weekday is known nobody can say that the product is closed on it.
        return Judged(day, "unknown" if row["usual"] is None else "off", value=value)
    if not fires:
        return Judged(day, "off", value=value)
    return Judged(
        day, "on", _severity(rule, value), value, limit, sentence, known.reason(day, last)
    )


def _found(rule: Rule, row: dict[str, Any]) -> tuple[bool, float, str] | None:
    """Whether it fires, what was passed, and the sentence; None where it cannot be judged."""
    entry, day, value = rule.entry, row["period_start"], row["value"]
    if entry.outside_normal:
        low, high = row["low"], row["high"]
        if low is None or high is None:
            return None
        sentence = words.normal_sentence(rule, day, value, low, high)
        return not low <= value <= high, low if value < low else high, sentence
    if entry.change:
        before = row["value_before"]
        if not before:
            return None
        sign, share = entry.change
        moved = (value - before) / before
        fires = {"+": moved > share, "-": moved < -share, "": abs(moved) > share}[sign]
        sentence = words.change_sentence(rule, day, value, before, share)
        return fires, before * (1 + (share if moved > 0 else -share)), sentence
    limit = entry.above if entry.above is not None else entry.below
    if limit is None:
        return None
    fires = value > limit if entry.above is not None else value < limit
    if entry.alarm is not None and _severity(rule, value) == "alarm":
        limit = entry.alarm
    return fires, limit, words.limit_sentence(rule, day, value, limit)


def _severity(rule: Rule, value: float) -> str:
    entry = rule.entry
    if entry.alarm is None:
        return entry.severity
    is_beyond = value > entry.alarm if entry.above is not None else value < entry.alarm
    return "alarm" if is_beyond else entry.severity
