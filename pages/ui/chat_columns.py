"""Columns of tables of chats: rates with their intervals below. Never computes a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pages.ui import format
from pages.ui.chat_cards import ends_of as ends_of
from pages.ui.tables import Column

Row = Mapping[str, Any]
RATES = {
    "used_rate": ("Used", "Copied, selected from, or a citation opened"),
    "copied_rate": ("Copied", "Some of the answer was copied"),
    "selected_rate": ("Selected", "Some of the answer was selected"),
    "citation_rate": ("Citation", "A citation was opened"),
    "silent_success_rate": ("Silent success", "Copied or selected, without feedback"),
    "silent_failure_rate": (
        "Silent failure",
        "Rephrased, or the visit ended within 20 s with nothing done on it",
    ),
    "rephrased_rate": ("Rephrased", "The next prompt came within 20 s, nothing copied or selected"),
    "feedback_rate": ("Gave feedback", "Answers that were rated"),
    "error_rate": ("Errors", "Of prompts, each with each answer to it"),
}
PHONE = ("used_rate", "silent_failure_rate")


def rates(*names: str) -> dict[str, Column]:
    """Columns of these rates; a narrow screen shows the first."""
    return {name: rate(name, *RATES[name], wide=name not in PHONE) for name in names}


def rate(name: str, label: str, help: str, *, wide: bool = False) -> Column:
    """The column of one rate, with its interval below it."""

    def under(row: Row) -> str:
        # The unit stands above it.
        return "" if row[name] is None else ends_of(row, name).removesuffix(" %")

    return Column(
        label,
        write=format.share,
        help=f"{help}; below, its interval of 95 %",
        under=under,
        wide=wide,
    )


def latency(label: str, *, wide: bool = False, help: str | None = None) -> Column:
    """A column of milliseconds."""
    return Column(label, write=format.latency, help=help, wide=wide)


def per(digits: int) -> Callable[[float], str]:
    """A writer of means with so many digits behind the point."""
    return lambda value: f"{value:,.{digits}f}"
