"""The experiments of dwell.toml, as they are now: no build is made for them."""

from collections.abc import Iterable
from pathlib import Path

from etl.config.experiments import Experiment
from etl.config.experiments import checked_split as checked_split
from etl.config.settings import load_settings
from warehouse.filters import Filters
from warehouse.terms import Not, Terms


def experiment_of(
    home: Path, filters: Filters, by: str, groups: Iterable[str]
) -> Experiment | None:
    """The experiment that a comparison of these groups is of; None where there is none, or several.

    It has all of the groups, by the same dimension, and is the one that the filters ask for by
    experiment_id, if they ask for any. ConfigError when dwell.toml does not fit.
    """
    fitting = [
        each
        for each in load_settings(home).experiments
        if each.by == by
        and set(groups) <= set(each.split)
        and all(_takes(terms, each.name) for terms in _asked(filters))
    ]
    return fitting[0] if len(fitting) == 1 else None


def _asked(filters: Filters) -> list[Terms]:
    """What the filters ask of experiment_id, condition by condition."""
    asked = (each.values("experiment_id") for each in (filters.where, *filters.segments))
    return [terms for terms in asked if terms]


def _takes(terms: Terms, name: str) -> bool:
    wanted = [term for term in terms if not isinstance(term, Not)]
    refused = [term.term for term in terms if isinstance(term, Not)]
    return (not wanted or name in wanted) and name not in refused
