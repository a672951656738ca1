"""What can be chosen on the page Compare, and what the address chooses. Computes no metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from pages.ui import breakdowns, format, measures
from pages.ui.ask import ask, current_warehouse
from pages.ui.controls import chosen, parameter
from pages.ui.frame import Page
from pages.ui.visitor import told
from warehouse import Filters
from warehouse.metrics import answers, compare, compared
from warehouse.metrics import breakdowns as by_value
from warehouse.metrics.compared_groups import By
from warehouse.metrics.registry import Metric
from warehouse.segments import Segments, segments_or_problems

SEGMENTS, PERIOD = "segments", "period"
WAYS = {SEGMENTS: "Two segments", PERIOD: "Two periods"}
UNITS = {"user": "Users", "session": "Sessions"}
INTERVALS = {"once": "Looked at once", "always": "Always valid"}
LENGTHS = {"duration": "Duration", "engaged": "Engaged time"}
REST = "all others"
# The first of these of which something is known is what the page opens with.
_USUAL = ("model_group", "experiment_id", "device_type", "source")
# What groups to compare with are often called.
_BASELINES = ("baseline", "control", "default", "off", "current", "a")


def is_of_periods() -> bool:
    """Whether the address asks for two periods."""
    return parameter("by") == PERIOD


def measure(name: str) -> Metric:
    """The metric as the page tells it: what counts sessions is that of each user."""
    known = answers.BY_NAME.get(name) or measures.metric(name)
    if known.unit != "count":
        return known
    label = f"{known.label} per user"
    return replace(known, label=label, short=f"{known.heading} per user", unit="per_session")


def usual_metrics(kinds: Mapping[str, str]) -> tuple[str, ...]:
    """The metrics that are compared unless others are chosen."""
    return tuple(name for name in compare.METRICS if name in kinds)


def offered_metrics(kinds: Mapping[str, str]) -> dict[str, str]:
    """The metrics to choose from, in words, by name."""
    names = (*measures.headlines(), *answers.BY_NAME)
    return {name: measure(name).label for name in names if name in kinds}


def offered_ways() -> dict[str, str]:
    """What can be compared, in words, by the word in the address."""
    return {**{each.name: each.label for each in breakdowns.dimensions()}, **WAYS}


def across_of(by: str) -> dict[str, str]:
    """What the groups can be looked at within, in words, by name; the usual one first."""
    labels = {each.name: each.label for each in breakdowns.dimensions() if each.name != by}
    first = next(name for name in ("device_type", "entry_source") if name in labels)
    return {first: labels[first], **labels}


def segments_of() -> dict[str, str]:
    """The segments that there are, as readers know them, by name."""
    known = _segments().by_name.values()
    return {each.name: each.label for each in sorted(known, key=lambda each: each.label.casefold())}


def usual_baseline(named: Sequence[str]) -> str:
    """The group that the others are compared with unless another is chosen."""
    return next((name for name in named if name.casefold() in _BASELINES), named[0])


def by_of(page: Page) -> str:
    """What is compared: of dimensions, the usual one of which something is known."""
    given = parameter("by")
    if given in offered_ways():
        return str(given)
    counts = dict(ask(by_value.known, page.filters).iter_rows())
    return next((name for name in _USUAL if counts.get(name)), _USUAL[0])


def periods(page: Page) -> tuple[tuple[Filters, Filters] | None, str]:
    """Complete days against complete days: half a day would be taken for less."""
    today = format.local(page.as_of, page.zone).date()
    days = compared.covered_days(page.filters, page.compare, today, page.first_day)
    return days, "" if days else _no_period(page, today)


def _no_period(page: Page, today: date) -> str:
    if page.choice.view.compare == "none":
        return "Choose in the filter row what the period is compared with."
    now, before = compared.complete_days(page.filters, page.compare, today)
    if now is None:
        return "The period holds no complete day yet: there is nothing to compare."
    when = span(before) if before else "the days before"
    return (
        f"Nothing to compare: the data begins {format.day(page.first_day)}, and does not hold all "
        f"of {when}."
    )


def span(filters: Filters) -> str:
    """The days of some filters, in short."""
    if filters.start is None or filters.end is None:
        return "all days"
    return format.days(filters.start, filters.end)


def segments() -> tuple[By | None, str]:
    """The groups of two segments, or of one and all others; and why there are none."""
    found = _segments()
    known = found.by_name
    if not known:
        return None, told(" ".join(found.problems)) or (
            "No segment is there yet. Filter sessions and save the filters as one, under Segments "
            "in the filter row; or write [segments.NAME] into dwell.toml."
        )
    first = chosen("a", known, next(iter(segments_of())))
    second = chosen("b", [name for name in known if name != first], "")
    groups: dict[str, Filters | None] = {
        known[first].label: Filters(segments=known[first].conditions)
    }
    if second:
        name = known[second].label
        name = name if name not in groups else second
        groups[name] = Filters(segments=known[second].conditions)
    else:
        groups[REST] = None
    return groups, ""


def _segments() -> Segments:
    wh = current_warehouse()
    return segments_or_problems(wh.home, wh.dimensions)
