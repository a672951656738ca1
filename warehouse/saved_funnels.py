"""Saved funnels: those of dwell.toml, and those saved on the page. Never reads data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etl.config.funnels import OPTIONS as OPTIONS
from etl.config.segments import checked_label
from etl.config.settings import Settings, load_settings
from etl.errors import ConfigError, DwellError
from warehouse.metrics.funnel import funnel_of
from warehouse.saved_file import changed_entries, file_of, saved_entries
from warehouse.segments import name_of


@dataclass(frozen=True)
class SavedFunnel:
    """One funnel.

    steps     as texts
    options   its other arguments that are not as usual, as funnels.steps takes them
    is_saved  on the page; else it is of dwell.toml, and changed there
    """

    name: str
    label: str
    steps: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    is_saved: bool = False


def read_funnels(
    home: Path, settings: Settings | None = None
) -> tuple[dict[str, SavedFunnel], list[str]]:
    """The funnels by name, dwell.toml's first, and a sentence on each that cannot be read."""
    found: dict[str, SavedFunnel] = {}
    problems: list[str] = []
    try:
        for entry in (settings or load_settings(home)).funnels:
            found[entry.name] = _checked(
                SavedFunnel(entry.name, entry.label, entry.steps, entry.options)
            )
    except DwellError as error:
        problems.append(f"dwell.toml: {error}")
    try:
        saved = saved_entries(home, "funnels")
    except DwellError as error:
        return found, [*problems, str(error)]
    for name, entry in saved.items():
        if name in found:
            problems.append(f"The saved funnel '{name}' is hidden by that of dwell.toml.")
            continue
        try:
            found[name] = _of_entry(name, entry)
        except DwellError as error:
            place = file_of(home, "funnels")
            problems.append(f"The funnel '{name}' of {place} cannot be read: {error}")
    return found, problems


def save_funnel(
    home: Path, label: str, steps: Sequence[str], options: Mapping[str, Any]
) -> SavedFunnel:
    """Saves a funnel under a label, of which the name is made; the new funnel.

    ConfigError for what is no funnel, and for a name that is there already; DwellError where the
    home cannot be written.
    """
    label = checked_label(label, "The funnel")
    taken, _ = read_funnels(home)
    with changed_entries(home, "funnels") as entries:
        name = name_of(label, {*taken, *entries}, "funnel")
        funnel = _checked(SavedFunnel(name, label, tuple(steps), dict(options), is_saved=True))
        entries[name] = {"label": label, "steps": list(steps), **options}
    return funnel


def delete_funnel(home: Path, name: str) -> None:
    """Deletes a saved funnel; one that is not there any more is gone as wished."""
    with changed_entries(home, "funnels") as entries:
        entries.pop(name, None)


def _of_entry(name: str, entry: Any) -> SavedFunnel:
    if not isinstance(entry, dict) or not isinstance(entry.get("steps"), list):
        msg = 'it has no steps. Wanted: "steps" with a list of them.'
        raise ConfigError(msg)
    options = {word: entry[word] for word in OPTIONS if entry.get(word)}
    if isinstance(options.get("exclude"), list):
        options["exclude"] = tuple(options["exclude"])
    label = checked_label(entry.get("label"), "it")
    return _checked(SavedFunnel(name, label, tuple(entry["steps"]), options, is_saved=True))


def _checked(funnel: SavedFunnel) -> SavedFunnel:
    """The funnel, if it is one."""
    try:
        funnel_of(funnel.steps, **funnel.options)
    except ConfigError as error:
        msg = f"[funnels.{funnel.name}]: {error}"
        raise ConfigError(msg) from error
    return funnel
