"""The line of a card that says how all of the platform is, while filters leave sessions out.

Computes no metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pages.ui import format, measures
from pages.ui.ask import Question, answer, question
from pages.ui.frame import Page
from warehouse.metrics import overview, platform

if TYPE_CHECKING:
    from collections.abc import Callable

SAYS = (
    "**Platform.** The number of all sessions of the period, whatever conditions and segments are "
    "chosen; of counts, the share. **Percentile.** Each user of the chosen sessions has a place "
    "among all users of the period: the share of them whose own value is lower, plus half of those "
    "with the same. The percentile is the mean of these places: all users together are at 50, and "
    "above it the chosen ones mostly have more."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What is asked for it: nothing while no session is left out."""
    if not page.choice.is_narrowed:
        return ()
    totals = question(overview.totals, page.filters.everyone)
    return totals, question(platform.standing, page.filters)


def lines(page: Page) -> Callable[[dict[str, Any]], tuple[str, str]]:
    """What gives the line of a row of overview.change, and a sentence on where its users stand;
    empty ones while nothing is left out.
    """
    asked = asks(page)
    if not asked:
        return lambda row: ("", "")
    totals, standing = (answer(each) for each in asked)
    everyone = totals.row(0, named=True)
    places = dict(standing.select("metric", "percentile").iter_rows())
    return lambda row: (line(row, everyone[row["metric"]]), place(places.get(row["metric"])))


def place(percentile: float | None) -> str:
    """Where the chosen users stand among all; a mean of places, of which no number is one."""
    if percentile is None:
        return ""
    return f"The chosen users stand at percentile {percentile:.0f} of all users; 50 is the middle."


def line(row: dict[str, Any], platform_value: float | None) -> str:
    """What a number is of all, or beside it: platform 33.1 %; of counts 19.0 % of platform 100."""
    metric = measures.metric(row["metric"])
    if platform_value is None:
        return ""
    told = f"platform {format.WRITERS[metric.unit](platform_value)}"
    if metric.unit == "count":
        return (
            f"{format.share(row['value'] / platform_value)} of {told}" if platform_value else told
        )
    return told
