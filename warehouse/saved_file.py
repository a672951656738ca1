"""Files of a home that keep what was saved on the pages, such as segments, and what alerts came to.
Knows none of it.

Each is read whole and written whole, by one writer at a time; what a version does not understand of
it stays as it is.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from etl.durable import write_json
from etl.errors import DwellError, disk_full

Kind = Literal["segments", "funnels", "queries", "alerts", "exports"]
Entries = dict[str, Any]


def file_of(home: Path, kind: Kind) -> Path:
    """Where they are kept."""
    return home / f"{kind}.json"


def saved_entries(home: Path, kind: Kind) -> Entries:
    """The entries by name; none before the first was saved. DwellError where it is damaged."""
    entries: Entries = _document(home, kind)[kind]
    return entries


@contextmanager
def changed_entries(home: Path, kind: Kind) -> Iterator[Entries]:
    """The entries, to be changed: they are written when the block ends without an error.

    DwellError where the file is damaged, and where the home cannot be written.
    """
    try:
        with (home / f".{kind}.lock").open("a") as handle:
            # Nobody holds it for longer than a file is written, or alerts are judged.
            fcntl.flock(handle, fcntl.LOCK_EX)
            document = _document(home, kind)
            yield document[kind]
            write_json(file_of(home, kind), document)
    except OSError as error:
        if sentence := disk_full(error, home):
            msg = f"Nothing was saved: {sentence}"
            raise DwellError(msg) from error
        msg = (
            f"Nothing was saved: the home {home} cannot be written ({error.strerror}). Wanted: a "
            "folder that the dashboard may write to. Mend its permissions, or write it into "
            "dwell.toml."
        )
        raise DwellError(msg) from error


def _document(home: Path, kind: Kind) -> dict[str, Any]:
    """All that the file holds: the entries stand under their kind."""
    path = file_of(home, kind)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {kind: {}}
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}. Wanted: saved {kind}. Mend it."
        raise DwellError(msg) from error
    except ValueError as error:
        raise DwellError(_damaged(path, kind, f"it is no JSON ({error})")) from error
    if not isinstance(content, dict) or not isinstance(content.get(kind), dict):
        raise DwellError(_damaged(path, kind, f'it has no "{kind}"'))
    return content


def _damaged(path: Path, kind: Kind, why: str) -> str:
    return (
        f"{path} is damaged: {why}. The {kind} saved in it cannot be read. Mend it, or move it "
        "away to begin anew."
    )
