"""The experiments of dwell.toml, as they are now: no build is made for them."""

from collections.abc import Iterable
from pathlib import Path

from etl.config.experiments import Experiment
from etl.config.experiments import checked_split as checked_split
from etl.config.settings import load_settings
from warehouse.filters import Filters


def experiment_of(
    home: Path, filters: Filters, by: str, groups: Iterable[str]
) -> Experiment | None:
    """The experiment that a comparison of these groups is of; None where there is none, or several.

    It has all of the groups, by the same dimension, and is the one that the filters ask for by
    experiment_id, if they ask for any. ConfigError when dwell.toml does not fit.
    """
    asked = {
        value
        for conditions in (filters.where, *filters.segments)
        for value in conditions.values("experiment_id")
    }
    fitting = [
        each
        for each in load_settings(home).experiments
        if each.by == by and set(groups) <= set(each.split) and (not asked or each.name in asked)
    ]
    return fitting[0] if len(fitting) == 1 else None
