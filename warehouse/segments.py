"""Segments: named conditions, of dwell.toml or saved on the pages. Never reads data.

A segment narrows: its conditions hold together with all others, those on the same name as well.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.config.segments import checked_label, checked_name
from etl.config.settings import Settings, load_settings
from etl.errors import ConfigError, DwellError, did_you_mean
from warehouse.conditions import Conditions, as_texts, conditions_of
from warehouse.dimensions import FILTERS, Dimension, dimension_named
from warehouse.saved_file import changed_entries, file_of, saved_entries


@dataclass(frozen=True)
class Segment:
    """One segment.

    name        as addresses and the command line name it
    label       as readers see it
    conditions  which all hold; one saved while another was chosen has those of both
    is_saved    on the pages; else it is of dwell.toml, and changed there
    """

    name: str
    label: str
    conditions: tuple[Conditions, ...]
    is_saved: bool = False


@dataclass(frozen=True)
class Segments:
    """All segments by name, and a sentence on each that cannot be read."""

    by_name: Mapping[str, Segment]
    problems: tuple[str, ...] = ()

    def conditions(self, names: Iterable[str]) -> tuple[Conditions, ...]:
        """Those of the named segments. ConfigError, with the known ones, for an unknown name."""
        given = (names,) if isinstance(names, str) else tuple(names)
        for name in given:
            if name not in self.by_name:
                raise ConfigError(self.unknown(name))
        return tuple(each for name in given for each in self.by_name[name].conditions)

    def unknown(self, name: str) -> str:
        """What to say of a name that is none of them."""
        hint = did_you_mean(name, self.by_name) if self.by_name else "None is known yet."
        return " ".join((f"Unknown segment '{name}'.", hint, *self.problems))


NO_SEGMENTS = Segments({})


def configured(settings: Settings) -> dict[str, Segment]:
    """The segments of dwell.toml by name. ConfigError for conditions that do not fit."""
    own = [
        *(each.name for each in settings.dimensions),
        *(each.name for each in settings.measures),
        *(each.name for each in settings.patterns),
    ]
    named = (*FILTERS, *(Dimension(name, name) for name in own))
    found = {}
    for entry in settings.segments:
        try:
            conditions = conditions_of(entry.where)
            # Values of one's own dimensions are read when a build is asked; names are known here.
            for name, _ in conditions:
                dimension_named(name, named)
        except ConfigError as error:
            msg = f"{entry.place}: {error}"
            raise ConfigError(msg) from error
        found[entry.name] = Segment(entry.name, entry.label, (conditions,))
    return found


def read_segments(home: Path, settings: Settings | None = None) -> Segments:
    """The segments of dwell.toml (of the settings, else as they are found) and of the home.

    ConfigError where dwell.toml does not fit. What was saved and cannot be read is a problem of
    its own: the others are there all the same.
    """
    own = configured(settings or load_settings(home))
    saved, problems = _saved(home)
    for name in own.keys() & saved.keys():
        problems.append(f"The saved segment '{name}' is hidden by that of dwell.toml.")
    return Segments(saved | own, tuple(problems))


def segments_or_problems(home: Path, dimensions: Iterable[Dimension] | None = None) -> Segments:
    """The same for those who only read: what does not fit, of dwell.toml too, is a problem.

    So is a segment that names none of the dimensions, of which a build may have fewer than
    dwell.toml has.
    """
    try:
        found = read_segments(home)
    except DwellError as error:
        saved, problems = _saved(home)
        found = Segments(saved, (str(error), *problems))
    return found if dimensions is None else _readable(found, tuple(dimensions))


def save_segment(home: Path, label: str, conditions: Iterable[Conditions]) -> Segment:
    """Saves conditions under a label, of which the name is made; the new segment.

    ConfigError for no conditions, and for a name that is there already; DwellError where the home
    cannot be written.
    """
    label = checked_label(label, "The segment")
    kept = tuple(each for each in conditions if each)
    if not kept:
        msg = "Nothing is filtered: a segment needs a condition. Choose filters first."
        raise ConfigError(msg)
    configured_names = segments_or_problems(home).by_name.keys()
    with changed_entries(home, "segments") as entries:
        name = name_of(label, {*configured_names, *entries})
        entries[name] = {"label": label, "where": [as_texts(each) for each in kept]}
    return Segment(name, label, kept, is_saved=True)


def rename_segment(home: Path, name: str, label: str) -> None:
    """Gives a saved segment another label. Its name stays, so that links to it hold."""
    label = checked_label(label, f"The segment '{name}'")
    with changed_entries(home, "segments") as entries:
        _saved_entry(entries, name)["label"] = label


def delete_segment(home: Path, name: str) -> None:
    """Deletes a saved segment."""
    with changed_entries(home, "segments") as entries:
        _saved_entry(entries, name)
        del entries[name]


def name_of(label: str, taken: Iterable[str], what: str = "segment") -> str:
    """The name made of a label: its letters a to z and digits. ConfigError where it is taken.

    A label that has none of these gets a number.
    """
    taken = set(taken)
    letters = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9-]+", "_", letters).strip("_-")[:60]
    if not name:
        return next(name for n in range(1, len(taken) + 2) if (name := f"{what}_{n}") not in taken)
    if name in taken:
        msg = f"There is a {what} '{name}' already. Give another name, or delete that one first."
        raise ConfigError(msg)
    return name


def _readable(segments: Segments, dimensions: tuple[Dimension, ...]) -> Segments:
    known, problems = {}, list(segments.problems)
    for name, segment in segments.by_name.items():
        try:
            for conditions in segment.conditions:
                conditions.read(dimensions)
            known[name] = segment
        except ConfigError as error:
            problems.append(f"The segment '{name}' cannot be asked of this build: {error}")
    return Segments(known, tuple(problems))


def _saved(home: Path) -> tuple[dict[str, Segment], list[str]]:
    """The saved segments by name, and a sentence on each that cannot be read."""
    try:
        entries = saved_entries(home, "segments")
    except DwellError as error:
        return {}, [str(error)]
    found, problems = {}, []
    for name, entry in entries.items():
        try:
            found[name] = _segment(name, entry)
        except DwellError as error:
            problems.append(
                f"The segment '{name}' of {file_of(home, 'segments')} cannot be read: {error}"
            )
    return found, problems


def _segment(name: str, entry: Any) -> Segment:
    checked_name(name)
    where = entry.get("where") if isinstance(entry, dict) else None
    if not isinstance(where, list) or not where or not all(where):
        msg = 'it has no conditions. Wanted: "where" with a list of conditions.'
        raise ConfigError(msg)
    conditions = tuple(map(conditions_of, where))
    return Segment(name, checked_label(entry.get("label"), "it"), conditions, is_saved=True)


def _saved_entry(entries: dict[str, Any], name: str) -> dict[str, Any]:
    entry = entries.get(name)
    if not isinstance(entry, dict):
        msg = f"There is no saved segment '{name}'. It may have been deleted. Load the page anew."
        raise ConfigError(msg)
    return entry
