"""The file of a home that keeps what was saved on the pages: segments. Knows no condition.

It is read whole and written whole, by one writer at a time; what a version does not understand of
it stays as it is.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from etl.durable import write_json
from etl.errors import DwellError, disk_full

FILE = "segments.json"
LOCK = ".segments.lock"

Entries = dict[str, Any]


def saved_entries(home: Path) -> Entries:
    """The entries by name; none before the first was saved. DwellError where it is damaged."""
    entries: Entries = _document(home)["segments"]
    return entries


@contextmanager
def changed_entries(home: Path) -> Iterator[Entries]:
    """The entries, to be changed: they are written when the block ends without an error.

    DwellError where the file is damaged, and where the home cannot be written.
    """
    try:
        with (home / LOCK).open("a") as handle:
            # Nobody holds it for longer than a file is written.
            fcntl.flock(handle, fcntl.LOCK_EX)
            document = _document(home)
            yield document["segments"]
            write_json(home / FILE, document)
    except OSError as error:
        if sentence := disk_full(error, home):
            msg = f"Nothing was saved: {sentence}"
            raise DwellError(msg) from error
        msg = (
            f"Nothing was saved: the home {home} cannot be written ({error.strerror}). Wanted: a "
            "folder that the dashboard may write to. Mend its permissions, or write the segment "
            "into dwell.toml."
        )
        raise DwellError(msg) from error


def _document(home: Path) -> dict[str, Any]:
    """All that the file holds: the entries are its "segments"."""
    path = home / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"segments": {}}
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}. Wanted: saved segments. Mend it."
        raise DwellError(msg) from error
    except ValueError as error:
        raise DwellError(_damaged(path, f"it is no JSON ({error})")) from error
    if not isinstance(content, dict) or not isinstance(content.get("segments"), dict):
        raise DwellError(_damaged(path, 'it has no "segments"'))
    return content


def _damaged(path: Path, why: str) -> str:
    return (
        f"{path} is damaged: {why}. The segments saved in it cannot be read. Mend it, or move it "
        "away to begin anew."
    )
