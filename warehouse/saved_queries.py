"""Saved queries: texts of SQL with a name. Never reads data."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.config.segments import checked_label
from etl.errors import ConfigError, DwellError
from warehouse.read_only import refuse_unwritten
from warehouse.saved_file import changed_entries, file_of, saved_entries
from warehouse.segments import name_of


@dataclass(frozen=True)
class SavedQuery:
    """One query: its name in addresses, its label, its text."""

    name: str
    label: str
    text: str


def read_queries(home: Path) -> tuple[dict[str, SavedQuery], list[str]]:
    """The saved queries by name, and a sentence on each that cannot be read."""
    found: dict[str, SavedQuery] = {}
    problems: list[str] = []
    try:
        entries = saved_entries(home, "queries")
    except DwellError as error:
        return found, [str(error)]
    for name, entry in entries.items():
        try:
            found[name] = _of_entry(name, entry)
        except DwellError as error:
            place = file_of(home, "queries")
            problems.append(f"The query '{name}' of {place} cannot be read: {error}")
    return found, problems


def save_query(home: Path, label: str, text: str) -> SavedQuery:
    """Saves a query under a label, of which the name is made; the new query.

    ConfigError for no text or too much, and for a name that is there already; DwellError where the
    home cannot be written. What the text asks, and whether it may, is not looked at.
    """
    label = checked_label(label, "The query")
    if not text.strip():
        msg = "Nothing is asked: a query needs a text. Write it first."
        raise ConfigError(msg)
    refuse_unwritten(text)
    with changed_entries(home, "queries") as entries:
        name = name_of(label, entries, "query")
        entries[name] = {"label": label, "text": text}
    return SavedQuery(name, label, text)


def delete_query(home: Path, name: str) -> None:
    """Deletes a saved query; one that is not there any more is gone as wished."""
    with changed_entries(home, "queries") as entries:
        entries.pop(name, None)


def _of_entry(name: str, entry: Any) -> SavedQuery:
    text = entry.get("text") if isinstance(entry, dict) else None
    if not isinstance(text, str) or not text.strip():
        msg = 'it has no text. Wanted: "text" with the SQL.'
        raise ConfigError(msg)
    return SavedQuery(name, checked_label(entry.get("label"), "it"), text)
