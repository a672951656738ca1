"""What a home keeps beside lake and builds, without the people who were erased: lists that were
saved, what alerts came to, notes, and messages that wait.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from etl.durable import sync_folder
from etl.lake import Lake
from etl.lake.erased_names import Names
from warehouse import build_log
from warehouse.build_files import builds_folder
from warehouse.delivery.store import opened
from warehouse.saved_file import Kind, changed_entries, file_of, saved_entries

# What people saved is of no use without the id that it asks for; what Dwell noted is.
_LISTS: tuple[Kind, ...] = ("segments", "funnels", "queries")
_NOTES: tuple[Kind, ...] = ("alerts", "exports")


def find_saved(home: Path, names: Names) -> dict[str, int]:
    """What of them names the people, by its place in the home → entries, notes or messages."""
    found = {}
    for kind in (*_LISTS, *_NOTES):
        entries = saved_entries(home, kind)
        found[file_of(home, kind).name] = sum(
            names.are_in(_text({name: entry})) for name, entry in entries.items()
        )
    for path in _note_files(home):
        found[path.relative_to(home).as_posix()] = int(names.are_in(_read(path)))
    log = builds_folder(home) / build_log.LOG
    found[log.relative_to(home).as_posix()] = sum(map(names.are_in, _read(log).splitlines()))
    with opened(home) as outbox:
        if outbox:
            found["outbox"] = outbox.holding(names.are_in)
    return {place: count for place, count in found.items() if count}


def clean_saved(home: Path, names: Names) -> dict[str, int]:
    """Takes the people out of them; what was changed, as `find_saved` has it.

    A value of a list goes alone while others are left in it; what else names one of the people goes
    whole, since without them it would say something else.
    """
    found = find_saved(home, names)
    for kind in _LISTS:
        if file_of(home, kind).name in found:
            with changed_entries(home, kind) as entries:
                kept = {n: _narrowed(e, names) for n, e in entries.items() if not names.are_in(n)}
                entries.clear()
                entries.update({name: entry for name, entry in kept.items() if entry is not None})
    for kind in _NOTES:
        if file_of(home, kind).name in found:
            with changed_entries(home, kind) as entries:
                told = names.value(dict(entries))
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
    return found


def _narrowed(value: Any, names: Names) -> Any:
    """A saved entry without the people; None where nothing of it can stay."""
    if isinstance(value, dict):
        inner = {name: _narrowed(one, names) for name, one in value.items()}
        is_lost = any(one is None and value[name] is not None for name, one in inner.items())
        return None if is_lost or any(map(names.are_in, value)) else inner
    if isinstance(value, list):
        if all(isinstance(one, str) for one in value):
            left = [one for one in value if not names.is_one(one)]
            return None if (value and not left) or any(map(names.are_in, left)) else left
        items = [_narrowed(one, names) for one in value]
        is_lost = any(a is None and b is not None for a, b in zip(items, value, strict=True))
        return None if is_lost else items
    if isinstance(value, str) and names.are_in(value):
        return None
    return value


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
