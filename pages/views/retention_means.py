"""The curve of all cohorts, days 1, 7 and 30 by cohort, and cohorts by property.

Never computes a metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pages.ui import breakdowns, format, marks, notebook, retention_charts
from pages.ui.ask import Question, ask, question
from pages.ui.chart_section import draw
from pages.ui.controls import chosen, pick
from pages.ui.frame import Page
from pages.ui.retention_asked import Asked
from pages.ui.tables import COUNT, Column
from warehouse.metrics import retention

if TYPE_CHECKING:
    import polars as pl

LIMIT = 5
CURVE = (
    "The mean of the cohorts that are complete for a {noun}, each weighing as much as it has "
    "users. The band of 95 % is Wilson's, of all users of these cohorts; one who enters several "
    "cohorts counts in each, as if by chance."
)
TREND = (
    "Who was there on exactly the first, seventh or thirtieth day after the day of the own entry "
    "(after so many times 24 hours, where windows are of 24 hours). A cohort is shown once that "
    "day is over for all of it."
)
BY = (
    "The curve of each value, of the session in which a user entered: the {limit} values that most "
    "users entered with, and all others as one. Of a property with several values a user counts "
    "in each."
)
RATE = {
    "retention_rate": Column("Back", write=format.share, width=90),
    "low": Column("From", write=format.share, width=90, help="Low end of the 95 % interval"),
    "high": Column("To", write=format.share, width=90, help="High end of the 95 % interval"),
}


def asks(page: Page, choices: Asked) -> tuple[Question, ...]:
    """What the sections ask for, in their order."""
    return (
        question(retention.trend, page.filters, **choices.trend),
        question(retention.by, page.filters, _dimension(), LIMIT, **choices.matrix),
    )


def show(page: Page, choices: Asked) -> None:
    """All three sections; none of them where nobody entered."""
    if ask(retention.matrix, page.filters, **choices.matrix).is_empty():
        return
    _curve(page, choices)
    _trend(page, choices)
    _by(page, choices)


def _curve(page: Page, choices: Asked) -> None:
    frame = ask(retention.curve, page.filters, **choices.matrix)
    draw(
        page,
        "Share of users who are back",
        frame,
        lambda: retention_charts.curve(frame, choices.named, choices.headed),
        {
            "period_number": Column(choices.noun.capitalize(), write=choices.headed, width=90),
            **RATE,
            "cohort_count": Column("Cohorts", **COUNT, width=90),
        },
        key="curve",
        query="retention.curve",
        says=CURVE.format(noun=choices.noun),
        code=notebook.lines(retention.curve, page.filters, **choices.matrix),
        alt=f"Share of users who are back, by {choices.noun} since their entry, with its band",
        sql_parts=choices.sql_parts(),
        note=_entry_note(frame),
        empty=f"No cohort is old enough yet: not one {choices.noun} is over for all of its users.",
    )


def _entry_note(frame: pl.DataFrame) -> str:
    rows = list(frame.iter_rows(named=True))
    is_left_out = len(retention_charts.without_entry(rows)) < len(rows)
    entry = "0, the period of the entry, is 100 % and not drawn." if is_left_out else ""
    if not rows:
        return ""
    # Of few cohorts, and these the oldest, the end of the line tells.
    most, last = max(row["cohort_count"] for row in rows), rows[-1]["cohort_count"]
    few = (
        f"The first points are of {format.plural(most, 'cohort')}, the last of {last}, the oldest: "
        "where the line rises at its end, that may be these users alone. Who was there before the "
        "data begins counts as new in its first period."
        if last * 2 < most
        else ""
    )
    return "  \n".join(filter(None, (entry, few)))


def _trend(page: Page, choices: Asked) -> None:
    import polars as pl

    frame = ask(retention.trend, page.filters, **choices.trend)
    whole = frame.filter(pl.col("is_complete"))
    starts = whole["cohort_start"].unique().sort().to_list()
    marked = marks.marks_of(page, starts, choices.period)
    draw(
        page,
        f"Back on day 1, 7 and 30, by {choices.noun} of entry",
        whole,
        lambda: marks.draw(
            retention_charts.lines(_by_day(whole), dates=choices.period),
            marked,
            starts,
            choices.period,
        ),
        {
            "cohort_start": Column("Cohort", write=format.day, width=110),
            "days": Column("Day", **COUNT, width=70),
            "cohort_size": Column("Users", **COUNT, width=90),
            "user_count": Column("Back on it", **COUNT, width=90),
            **RATE,
        },
        key="day_trend",
        query="retention.trend",
        says=TREND,
        code=notebook.lines(retention.trend, page.filters, **choices.trend),
        alt=f"Share of users back on day 1, 7 and 30, by {choices.noun} of entry, as lines",
        note=marks.noted(_missing(frame, whole), marked),
        saved=frame,
        small="cohort_size",
        sql_parts=choices.sql_parts(),
        empty="No cohort is old enough yet: not one has its first day behind it for all its users.",
    )


def _by_day(frame: pl.DataFrame) -> dict[str, tuple[list[Any], list[float | None], list[str]]]:
    import polars as pl

    series = {}
    for days in sorted(frame["days"].unique()):
        rows = list(frame.filter(pl.col("days") == days).iter_rows(named=True))
        series[f"day {days}"] = (
            [row["cohort_start"] for row in rows],
            [row["retention_rate"] for row in rows],
            [
                f"day {days} <b>{format.share(row['retention_rate'])}</b> "
                f"(n = {format.count(row['cohort_size'])})"
                for row in rows
            ],
        )
    return series


def _missing(frame: pl.DataFrame, whole: pl.DataFrame) -> str:
    """Which days no cohort is old enough for."""
    there, known = {1, 7, 30}, set(whole["days"])
    missing = [f"day {days}" for days in sorted(there - known)]
    return f"No cohort is old enough for {' and '.join(missing)} yet." if missing else ""


def _dimension() -> str:
    return chosen("by", _offered(), "device_type")


def _offered() -> dict[str, str]:
    return {each.name: each.label for each in breakdowns.dimensions()}


def _by(page: Page, choices: Asked) -> None:
    by = _dimension()
    frame = ask(retention.by, page.filters, by, LIMIT, **choices.matrix)
    label = _offered()[by]
    named = _named(frame)
    draw(
        page,
        f"Share of users who are back, by {label.lower()}",
        named,
        lambda: retention_charts.lines(_by_value(named), headed=choices.headed),
        {
            "value": Column(label),
            "cohort_size": Column("Users", **COUNT, width=90),
            "period_number": Column(choices.noun.capitalize(), write=choices.headed, width=90),
            **RATE,
        },
        key="by_value",
        query="retention.by",
        says=BY.format(limit=LIMIT),
        code=notebook.lines(retention.by, page.filters, by, LIMIT, **choices.matrix),
        alt=f"Share of users who are back, by {choices.noun} and {label.lower()}, as lines",
        saved=frame,
        small="cohort_size",
        control=lambda: pick("Cohorts by", "by", _offered(), "device_type"),
        sql_parts=choices.sql_parts(),
        empty=f"No cohort is old enough yet: not one {choices.noun} is over for all of its users.",
    )


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with a name for each value: Other, and what is not known."""
    import polars as pl

    name = (
        pl.when("is_other")
        .then(pl.lit("Other"))
        .otherwise(pl.col("value").fill_null("(not known)"))
    )
    return frame.with_columns(name.alias("value"))


def _by_value(frame: pl.DataFrame) -> dict[str, tuple[list[Any], list[float | None], list[str]]]:
    import polars as pl

    series = {}
    for value in frame["value"].unique(maintain_order=True):
        of_value = frame.filter(pl.col("value") == value).iter_rows(named=True)
        rows = retention_charts.without_entry(list(of_value))
        series[_short(value)] = (
            [row["period_number"] for row in rows],
            [row["retention_rate"] for row in rows],
            [
                f"{_short(value)} <b>{format.share(row['retention_rate'])}</b>"
                f" (n = {format.count(row['cohort_size'])})"
                for row in rows
            ],
        )
    return series


def _short(value: str) -> str:
    return value if len(value) <= 18 else f"{value[:17]}\u2026"
