"""What a home keeps beside lake and builds, without the people who were erased: lists that were
saved, what alerts came to, notes, and messages that wait.
"""

import json
from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from etl.config.access import SCOPES
from etl.durable import sync_folder
from etl.lake import Lake
from etl.lake.erased_names import Names
from warehouse import build_log
from warehouse.build_files import builds_folder
from warehouse.delivery.store import opened
from warehouse.forget.id_columns import IdColumns
from warehouse.forget.lists import Lists, ids_in
from warehouse.saved_file import Kind, changed_entries, file_of, saved_entries

# What people saved is of no use without the id that it asks for; what Dwell noted is.
LISTS: tuple[Kind, ...] = ("segments", "funnels", "queries")
_NOTES: tuple[Kind, ...] = ("alerts", "exports")


def homes_of(home: Path) -> list[tuple[str, Path]]:
    """The home, and those of its scopes, whose people save what they look for, too: what stands
    before the names of their files, and the folder.
    """
    scopes = sorted(path for path in (home / SCOPES).glob("*") if path.is_dir())
    return [("", home), *((f"{SCOPES}/{path.name}/", path) for path in scopes)]


def find_saved(home: Path, names: Names, columns: IdColumns) -> dict[str, int]:
    """What of them, and of the scopes', names the people, by its place in the home → entries, notes
    or messages.
    """
    found = {
        f"{prefix}{place}": count
        for prefix, folder in homes_of(home)
        for place, count in _find(folder, names, Lists(names, columns)).items()
    }
    return {place: count for place, count in found.items() if count}


def clean_saved(home: Path, names: Names, columns: IdColumns) -> dict[str, int]:
    """Takes the people out of them; what was changed, as `find_saved` has it."""
    found = find_saved(home, names, columns)
    for prefix, folder in homes_of(home):
        own = {p.removeprefix(prefix) for p in found if p.startswith(prefix)}
        _clean(folder, own, names, Lists(names, columns))
    return found


def ids_saved(home: Path, columns: IdColumns) -> set[str]:
    """All ids that conditions of saved lists choose."""
    return {
        one
        for _, folder in homes_of(home)
        for kind in LISTS
        for entry in saved_entries(folder, kind).values()
        for one in ids_in(entry, columns)
    }


def _find(home: Path, names: Names, lists: Lists) -> dict[str, int]:
    """The same of one home alone, also where there is nothing."""
    found = {}
    for kind in LISTS:
        entries = saved_entries(home, kind)
        count = sum(lists.name_one(name, entry) for name, entry in entries.items())
        found[file_of(home, kind).name] = count
    for kind in _NOTES:
        entries = saved_entries(home, kind)
        count = sum(names.are_in(_text({name: entry})) for name, entry in entries.items())
        found[file_of(home, kind).name] = count
    for path in _note_files(home):
        found[path.relative_to(home).as_posix()] = int(names.are_in(_read(path)))
    log = builds_folder(home) / build_log.LOG
    found[log.relative_to(home).as_posix()] = sum(map(names.are_in, _read(log).splitlines()))
    with opened(home) as outbox:
        if outbox:
            found["outbox"] = outbox.holding(names.are_in)
    return found


def _clean(home: Path, found: Container[str], names: Names, lists: Lists) -> None:
    """Takes the people out of the places of one home where they were found."""
    for kind in LISTS:
        if file_of(home, kind).name in found:
            with changed_entries(home, kind) as entries:
                kept = {n: lists.without({n: entry}) for n, entry in entries.items()}
                entries.clear()
                for one in kept.values():
                    entries.update(one or {})
    for kind in _NOTES:
        if file_of(home, kind).name in found:
            with changed_entries(home, kind) as entries:
                told = _marked(dict(entries), names)
                entries.clear()
                entries.update(told)
    for path in _note_files(home):
        if path.relative_to(home).as_posix() in found:
            # The next load tells anew what fails, and takes fields as the first of their kind.
            path.unlink(missing_ok=True)
            sync_folder(path.parent)
    log = builds_folder(home) / build_log.LOG
    if log.relative_to(home).as_posix() in found:
        _rewrite(log, names.text)
    if "outbox" in found:
        with opened(home) as outbox:
            if outbox:
                outbox.remove(names.are_in)


def _marked(value: Any, names: Names) -> Any:
    """What was noted, with marks for the people: of two notes under their ids none takes the
    other's place.
    """
    if isinstance(value, str):
        return names.text(value)
    if isinstance(value, list):
        return [_marked(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    told: dict[str, Any] = {}
    for name, inner in value.items():
        mark = new = names.text(name)
        number = 2
        while new in told or (new != name and new in value):
            new, number = f"{mark} {number}", number + 1
        told[new] = _marked(inner, names)
    return told


def _note_files(home: Path) -> Iterator[Path]:
    root = Lake(home).root
    for folder in ("failures", "fields"):
        yield from sorted((root / folder).glob("*.json"))


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(change(_read(path)), encoding="utf-8")
    temporary.replace(path)
    sync_folder(path.parent)


def _read(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return ""


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)
