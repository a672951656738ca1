"""Files of the lake that are missing or cut, and the loads whose rows were in them.

Looks at names and sizes alone, which a load and a build can afford each time; etl/lake/verify.py
reads all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from etl.collector.spool_files import is_spool_path
from etl.lake.records import Batch, LakeFile
from etl.lake.state import LakeState

# Ids are made anew by the next load, so that nothing is lost with them.
_KINDS = ("events", "rejected")
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Loss:
    """A file whose rows cannot be read.

    problem  what is wrong with it: "is missing", "is cut: 12 of 345 bytes are left"
    batches  the loads whose rows were in it; few of them where few had rows then
    """

    file: LakeFile
    problem: str
    batches: tuple[Batch, ...]

    def sentence(self, state: LakeState) -> str:
        """What is wrong, whose rows are missing, and what puts them back."""
        return f"{state.path_of(self.file)} {self.problem}. {self.remedy}"

    @property
    def remedy(self) -> str:
        """Whose rows are missing, and what puts them back."""
        return of_batches(self.file, self.batches)


def of_batches(file: LakeFile, batches: Sequence[Batch]) -> str:
    """Whose rows a file held, and what puts them back."""
    rows = f"{file.rows:,} {'events' if file.kind == 'events' else 'rejected rows'}"
    if not batches:
        return f"It held {rows}, of no load that is known. Restore it from a backup."
    shown = [f"{b.file} (batch {b.number}, {b.loaded_at[:10]})" for b in batches[:_MOST_SHOWN]]
    if len(batches) > _MOST_SHOWN:
        shown.append(f"and {len(batches) - _MOST_SHOWN} more")
    source, places = batches[0].source, ", ".join(shown)
    held = f"It held {rows} of source {source}, loaded from {places}. Restore it"
    files = [b.file for b in batches if not is_spool_path(Path(b.path))]
    if not files:
        return (
            f"{held} from a backup. The collector's files are removed some time after their load "
            "(keep_spool); what is still there of these, the next load puts back."
        )
    return (
        f"{held} from a backup, or load what it was made of again, as before: dwell load "
        f"{' '.join(files[:_MOST_SHOWN])} --source {source} puts them back."
    )


def losses(state: LakeState) -> list[Loss]:
    """What is missing or cut, by the files' sizes."""
    found = [(file, _problem(state, file)) for file in state.files.values() if file.kind in _KINDS]
    problems = [(file, problem) for file, problem in found if problem]
    return [
        Loss(file, problem, batches)
        for (file, problem), batches in zip(
            problems, batches_in(state, [file for file, _ in problems]), strict=True
        )
    ]


def passing_over(state: LakeState, lost: Sequence[Loss]) -> LakeState:
    """The state without the rows of these files, which still count until they are restored."""
    return replace(
        state,
        lost={loss.file.name: frozenset(b.number for b in loss.batches) for loss in lost},
    )


def batches_in(state: LakeState, files: Sequence[LakeFile]) -> list[tuple[Batch, ...]]:
    """Of each file, the batches that may have rows in it, in the order they came."""
    if not files:
        return []
    batches = state.batches()
    return [tuple(batch for batch in batches if has_rows_of(file, batch)) for file in files]


def may_hold(file: LakeFile, batch: Batch) -> bool:
    """Whether the file may have rows of the batch: by numbers and, of events, by time."""
    if file.kind == "ids" or not file.first_batch <= batch.number <= file.last_batch:
        return False
    if file.kind == "rejected":
        return True
    if batch.first_event_time is None or batch.last_event_time is None:
        return False
    is_then = file.first_time <= batch.last_event_time and batch.first_event_time <= file.last_time
    return file.source == batch.source and is_then


def has_rows_of(file: LakeFile, batch: Batch) -> bool:
    """Whether the file may have rows of the batch, which has rows of its kind."""
    count = batch.rows_loaded if file.kind == "events" else batch.rows_rejected
    return bool(count) and may_hold(file, batch)


def _problem(state: LakeState, file: LakeFile) -> str:
    try:
        size = state.path_of(file).stat().st_size
    except OSError as error:
        return "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error}"
    if size == file.bytes:
        return ""
    return (
        f"is cut: {size:,} of {file.bytes:,} bytes are left"
        if size < file.bytes
        else (f"has {size - file.bytes:,} bytes more than were written")
    )
