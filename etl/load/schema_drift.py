"""Compares the fields of a loaded file with those of its source's earlier files.

What is known of the fields is kept in `lake/fields`, one file for each source, format, container
and file stem, so that the tables of a source are not mixed up. It may be deleted: the next file
is then taken as the first.
"""

import json
from contextlib import suppress
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

from etl.formats.read_plan import Reading
from etl.lake import Commit, Lake
from etl.lake.store import write_json
from etl.load.fields import Fields, changes, fields_of, known_after
from etl.read.sample import stem_of

_SIGNS = "0123456789-_. "
_LITTLE = 0.05


def note_changes(lake: Lake, commit: Commit, reading: Reading) -> Commit:
    """The commit, with what changed since the source's last file of that kind. Keeps both."""
    # The batch is in the lake: nothing that goes wrong here may make it a failure.
    with suppress(Exception):
        now = fields_of(reading.sample)
        record = _record_of(lake, commit, reading)
        before = _read(record)
        told = tuple(changes(before, now)) if before else ()
        if told:
            commit = replace(commit, schema_changes=told)
            lake.write_commit(commit)
        known = known_after(before, now) if before else now
        if before is None or _says_more(known, before):
            write_json(record, asdict(known))
    return commit


def _says_more(known: Fields, before: Fields) -> bool:
    """Whether it is worth a write: shares that move a little are not."""
    if (known.kinds, known.rows, known.is_text) != (before.kinds, before.rows, before.is_text):
        return True
    moved = (known.shares.get(n, 1.0) - before.shares.get(n, 1.0) for n in known.kinds)
    return any(abs(by) > _LITTLE for by in moved)


def _record_of(lake: Lake, commit: Commit, reading: Reading) -> Path:
    # Dates and numbers say which part a file is, wherever they stand in its name.
    stem = stem_of(reading.sample.path).strip(_SIGNS)
    key = "\n".join([commit.source, commit.format, reading.sample.kind, stem])
    return lake.root / "fields" / f"{sha256(key.encode()).hexdigest()[:24]}.json"


def _read(record: Path) -> Fields | None:
    """What is known so far; None when nothing is."""
    try:
        found = Fields(**json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if isinstance(found.kinds, dict) and isinstance(found.shares, dict) else None
