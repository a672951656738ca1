"""The metrics that a page can show: Dwell's, then those that the build's dwell.toml declares."""

from __future__ import annotations

from pages.ui.ask import current_warehouse
from warehouse.metrics.registry import BY_NAME, HEADLINES, TRENDS, Metric, measures


def metric(name: str) -> Metric:
    """The metric of that name."""
    return BY_NAME[name] if name in BY_NAME else measures(current_warehouse())[name]


def headlines() -> dict[str, str]:
    """The metrics to choose from, as readers know them, by name."""
    return {each.name: each.label for each in (*HEADLINES, *_own())}


def words() -> dict[str, str]:
    """The metrics of cards and chart by their words in the address."""
    return TRENDS | {each.name: each.name for each in _own()}


def _own() -> list[Metric]:
    return [each for each in measures(current_warehouse()).values() if each.sql]
