"""What became of each file of a load, who is told, and which files failed. Loads nothing."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from etl.durable import write_json
from etl.lake import Batch, Lake

# Who only asks what failed, such as dwell status, starts without Polars and PyArrow.
if TYPE_CHECKING:
    from collections.abc import Mapping

    from etl.extract.tables import Extracted
    from etl.formats.read_plan import ReadPlan
    from etl.load.inputs import InputFiles


@dataclass(frozen=True)
class Outcome:
    """What became of one file. `status`: loaded, unchanged, waiting (not whole yet), skipped
    (holds no events, by all signs) or failed.

    `is_useless`: rows were read, now or by an earlier load, and none of them could be an event.
    `times`: what its columns of times were read as: column=shape. `warnings`: sentences about what
    looks wrong with its rows. `is_misread`: it failed, and not the file is at fault but what was
    said of it.
    """

    source: str
    file: str
    status: str
    rows_read: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    format: str | None = None
    batch_id: str | None = None
    seconds: float = 0.0
    message: str | None = None
    schema_changes: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    is_useless: bool = False
    is_misread: bool = False


def unchanged(batch: Batch, path: Path, useless: str | None) -> Outcome:
    """The outcome of a file that is in the lake as that batch.

    `useless`: what to say where no row of it is an event.
    """
    return Outcome(
        source=batch.source,
        file=str(path),
        status="unchanged",
        format=batch.format,
        batch_id=batch.batch_id,
        message=useless,
        is_useless=useless is not None,
    )


def no_event_in(why: str) -> str:
    """What to say of a file of which no row is an event, and what to do."""
    return f"{no_event_of(why)}; the rows are kept as rejected"


def no_event_of(why: str) -> str:
    """What to say of a file of which no row would be an event."""
    return (
        f"no row of it could be an event: {why}. Name the columns with --map, say what the times "
        "are with --time-format, or say --format"
    )


def loaded(batch: Batch, useless: str | None, *, again: bool) -> Outcome:
    """The outcome of a file that is a batch now.

    `useless`: why no row is an event, where none is. `again`: batches of older rules were replaced.
    """
    message = _replacing(batch, again=again)
    if useless:
        message = no_event_in(useless)
    return Outcome(
        source=batch.source,
        file=batch.file,
        status="loaded",
        rows_read=batch.rows_read,
        rows_loaded=batch.rows_loaded,
        rows_duplicate=batch.rows_duplicate,
        rows_rejected=batch.rows_rejected,
        format=batch.format,
        batch_id=batch.batch_id,
        seconds=batch.seconds,
        message=message,
        schema_changes=batch.schema_changes,
        times=batch.times,
        warnings=batch.warnings,
        is_useless=useless is not None,
    )


def _replacing(batch: Batch, *, again: bool) -> str | None:
    """What there is to say of a batch that stands for another one."""
    if batch.replaces == batch.batch_id:
        lost = "rows of it were lost: they are back"
        return "read by older rules before: replaces that" if again else lost
    return "read in another way before: replaces that" if batch.replaces else None


class Listener:
    """What is called as a load goes on. Does nothing: derive what shall."""

    def on_table(self, table: Extracted) -> None:
        """A table of a live database was read, or could not be."""

    def on_inputs(self, inputs: InputFiles) -> None:
        """What there is to do, before the first file."""

    def on_merge(self, files: int, seconds: float) -> None:
        """The lake has so many files fewer, because small ones of earlier loads were merged."""

    def on_file_begin(self, path: Path, size: int) -> None:
        """A file of so many bytes is begun."""

    def on_plan(self, plan: ReadPlan) -> None:
        """How the file that was begun will be read."""

    def on_cut(self, source: str, cuts: Mapping[tuple[str, str], int]) -> None:
        """What was cut of rows of a source before they were stored: see Redactor."""

    def on_error(self, error: Exception) -> None:
        """Why something of the file that was begun fails."""

    def on_warning(self, message: str) -> None:
        """A sentence about what looks wrong, or did not work, and stops nothing."""

    def on_file_end(self, outcome: Outcome, size: int) -> None:
        """What became of an input: a file of so many bytes, or a pattern that matches nothing."""


def failures(home: Path) -> list[dict[str, object]]:
    """Files whose last load failed, or that are loaded without a single event: source, file,
    status, message, failed_at.
    """
    folder = Lake(home).root / "failures"
    return [content for path in sorted(folder.glob("*.json")) if (content := _note_in(path))]


def _note_in(path: Path) -> dict[str, object]:
    """What a note says; nothing where it is damaged: the next load tells anew what fails."""
    with suppress(OSError, ValueError):
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and "file" in content:
            return content
    return {}


def remember_failure(lake: Lake, outcome: Outcome) -> None:
    """Notes beside the lake that a file failed or is of no use, until it is not so any more."""
    key = hashlib.sha256(outcome.file.encode()).hexdigest()[:24]
    record = lake.root / "failures" / f"{key}.json"
    if outcome.status != "failed" and not outcome.is_useless:
        record.unlink(missing_ok=True)
        return
    content = asdict(outcome) | {"failed_at": datetime.now(UTC).isoformat()}
    if outcome.is_useless:
        content |= {"useless": outcome.message, "message": f"{outcome.file}: {outcome.message}"}
    # On a full disk there is nowhere to note it; it is told all the same.
    with suppress(OSError):
        write_json(record, content)


def forget_vanished(lake: Lake) -> None:
    """Failures of files that are no longer there are nobody's business any more.

    What never was a file, such as a table of a database, is forgotten when it works again.
    """
    for record in (lake.root / "failures").glob("*.json"):
        file = str(_note_in(record).get("file", ""))
        if not file or ("://" not in file and not _is_there(Path(file))):
            record.unlink()


def _is_there(path: Path) -> bool:
    """Whether a file is there, or the archive that it is in."""
    return path.exists() or any(parent.is_file() for parent in path.parents)
