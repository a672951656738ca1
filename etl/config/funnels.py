"""The funnels of dwell.toml as they are written. Knows no step."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.config.keys import key, key_names, read_keys, refuse_unknown
from etl.config.segments import checked_label
from etl.errors import ConfigError

_NAME = re.compile(r"[a-z0-9_-]{1,60}")


# The arguments of a funnel beside its steps, as texts.
OPTIONS = ("scope", "order", "window", "step_window", "exclude", "identity")


@dataclass(frozen=True)
class FunnelEntry:
    """One funnel. `options` are those of its arguments that are given."""

    name: str
    steps: tuple[str, ...] = key(example='["signup", "page_view:/pricing"]')
    scope: str = key("")
    order: str = key("")
    window: str = key("")
    step_window: str = key("")
    exclude: tuple[str, ...] = key(())
    identity: str = key("")
    label: str = key("")

    @property
    def options(self) -> dict[str, Any]:
        """The arguments beside the steps that are not as usual."""
        return {name: value for name in OPTIONS if (value := getattr(self, name))}


def funnels_of(raw: Any, config: Path | None) -> tuple[FunnelEntry, ...]:
    """The funnels of a configuration file. ConfigError for what cannot be one."""
    if not isinstance(raw, Mapping):
        msg = f"'funnels' in {config} is not a table. Write [funnels.NAME] and its keys below."
        raise ConfigError(msg)
    return tuple(_entry(name, entry) for name, entry in raw.items())


def _entry(name: str, entry: Any) -> FunnelEntry:
    where = f"[funnels.{name}]"
    if not _NAME.fullmatch(name):
        msg = (
            f"{where} cannot be named so. Wanted: up to 60 lower-case letters, digits, - and _, "
            "such as [funnels.signup]. Its label may be any text."
        )
        raise ConfigError(msg)
    if not isinstance(entry, Mapping):
        msg = f"{where} is not a table. Write {where} and its keys below."
        raise ConfigError(msg)
    refuse_unknown(entry, key_names(FunnelEntry), where)
    values = read_keys(FunnelEntry, entry, f"table {where}")
    if not values.get("steps"):
        msg = f'{where} has no steps. Write for example steps = ["signup", "purchase"] below it.'
        raise ConfigError(msg)
    label = values.get("label") or name.replace("_", " ").capitalize()
    return FunnelEntry(name, **values | {"label": checked_label(label, where)})
