"""The experiments of dwell.toml: which shares of the users each group was meant to get.

They shape no number: a comparison is checked against them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from etl.config.keys import Kind, key, key_names, read_keys, refuse_unknown
from etl.errors import ConfigError

_EXAMPLE = "{a = 0.5, b = 0.5}"


def _split(written: Any) -> dict[str, float]:
    if not isinstance(written, Mapping) or len(written) < 2:
        raise ValueError(written)
    for share in written.values():
        if isinstance(share, bool) or not isinstance(share, int | float):
            raise TypeError(share)
        if not (isfinite(share) and share > 0):
            raise ValueError(share)
    whole = sum(written.values())
    return {str(group): share / whole for group, share in written.items()}


_SPLIT = Kind("a table of two groups or more, each with its share of the users", _split)


@dataclass(frozen=True)
class Experiment:
    """One experiment. Its name is the experiment_id of its sessions.

    split  the groups, and the share of the users that each was meant to get; they add up to 1
    by     the dimension that says of which group a session is
    """

    name: str
    split: Mapping[str, float] = key(kind=_SPLIT, example=_EXAMPLE)
    by: str = key("model_group")
    label: str = key("")


def experiments_of(raw: Any, config: Path | None) -> tuple[Experiment, ...]:
    """The experiments of a configuration file. ConfigError for what cannot be one."""
    if not isinstance(raw, Mapping):
        msg = (
            f"'experiments' in {config} is not a table. Write [experiments.NAME], and below it "
            f"split = {_EXAMPLE}."
        )
        raise ConfigError(msg)
    return tuple(_experiment(name, entry) for name, entry in raw.items())


def checked_split(split: Any) -> dict[str, float]:
    """The shares of the groups, such as {"a": 0.5, "b": 0.5}, so that they add up to 1.

    ConfigError for what is no split.
    """
    try:
        return _split(split)
    except (TypeError, ValueError):
        msg = (
            f"The split is {split!r}. Wanted: {_SPLIT.wanted}, such as "
            '{"a": 0.5, "b": 0.5}: shares, or weights, above 0.'
        )
        raise ConfigError(msg) from None


def _experiment(name: str, entry: Any) -> Experiment:
    where = f"[experiments.{name}]"
    if not isinstance(entry, Mapping):
        msg = f"{where} is not a table. Write {where}, and below it split = {_EXAMPLE}."
        raise ConfigError(msg)
    refuse_unknown(entry, key_names(Experiment), where)
    values = read_keys(Experiment, entry, f"table {where}")
    if not values.get("split"):
        msg = f"{where} has no split. Write for example split = {_EXAMPLE} below it."
        raise ConfigError(msg)
    label = values.get("label") or name
    return Experiment(name, **values | {"label": label})
