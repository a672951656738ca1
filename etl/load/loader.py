"""Loads files one after the other, small ones that are read alike together. Finds no file.

A file that fails stops no other. Where one of several that are read together fails, they are all
read again, each alone: what is wrong with it is then told of it alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from etl.duck import MEMORY_LIMIT
from etl.errors import ConfigError, DwellError, in_brief
from etl.formats.read_plan import ReadPlan, look
from etl.lake import Batch, Lake, LakeState
from etl.lake.id_index import IdIndex, hash_version
from etl.lake.reindex import reindex
from etl.load.batch import ReadApart, load_batches
from etl.load.batch_id import known_by_look
from etl.load.inputs import InputFile, InputFiles
from etl.load.known_batches import KnownBatches
from etl.load.known_fields import KnownFields
from etl.load.outcome import Listener, Outcome

# Files up to this size wait for others that are read alike: alone, what the engine does for a file
# at all would take longer than its rows.
_SMALL_BYTES = 1_000_000
# So much is one chunk. Compressed files are several times as large inside.
_BYTES_TOGETHER = 16_000_000
_FILES_TOGETHER = 500
_UNPACKED = 8
_KINDS = ("ndjson", "lines", "json_array", "json_objects", "delimited", "parquet")

Record = Callable[[Outcome, int], None]


@dataclass(frozen=True)
class _Waiting:
    """A file whose turn it is once those before it are done: how to read it, or its outcome."""

    file: InputFile
    plan: ReadPlan | None = None
    outcome: Outcome | None = None


class Loader:
    """Loads files into a lake. `record` is called with each outcome and size, in their order."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        lake: Lake,
        state: LakeState,
        files: InputFiles,
        now: datetime,
        listener: Listener,
        record: Record,
    ) -> None:
        self.con = con
        self.lake = lake
        self.state = state
        self.now = now
        self.listener = listener
        self.record = record
        self.known = KnownBatches(con, state, files.files)
        self.fields = KnownFields(lake, self._warn_of_fields)
        self.version = hash_version(con)
        self.waiting: list[_Waiting] = []
        self.alike: tuple[Any, ...] = ()
        self.size = 0

    def take(self, file: InputFile) -> None:
        """Loads the file, or has it wait for others that are read alike."""
        self.listener.on_file_begin(file.path, file.size)
        outcome = self._guarded(file, lambda: self._look(file))
        if outcome:
            self.waiting.append(_Waiting(file, outcome=outcome))

    def finish(self) -> None:
        """Loads all that waits."""
        waiting, self.waiting, self.size, self.alike = self.waiting, [], 0, ()
        plans = [one.plan for one in waiting if one.plan]
        loaded = self._together(plans) if len(plans) > 1 else {}
        for one in waiting:
            outcome = one.outcome
            if one.plan:
                plan = one.plan
                outcome = loaded.get(plan.sample.path) or self._guarded(
                    one.file,
                    lambda plan=plan: self._alone(plan),  # type: ignore[misc]
                )
            if outcome:
                self.record(outcome, one.file.size)

    def _look(self, file: InputFile) -> Outcome | None:
        """What became of a file that is known by its look; else None, and it waits."""
        if batch := known_by_look(file.path, file.request, self.known.at(file.path)):
            return _unchanged(batch.source, file.path, batch.format)
        plan = look(file.path, file.request)
        maps = plan.field_maps()
        sample = plan.sample
        alike = (plan.format.name, plan.request, sample.kind, sample.pattern, sample.comment, maps)
        size = plan.size * (_UNPACKED if sample.compression != "none" else 1)
        is_small = size <= _SMALL_BYTES and sample.kind in _KINDS
        is_room = len(self.waiting) < _FILES_TOGETHER and self.size + size <= _BYTES_TOGETHER
        if not (is_small and is_room and self.alike in ((), alike)):
            self.finish()
        self.waiting.append(_Waiting(file, plan=plan))
        self.alike, self.size = alike, self.size + size
        if not is_small:
            self.finish()
        return None

    def _together(self, plans: list[ReadPlan]) -> dict[Path, Outcome]:
        """What became of files that were loaded in one go, by path; nothing if that cannot be."""
        plans = [plan for plan in plans if not self._is_known(plan)]
        try:
            batches = self._load(plans)
        except ReadApart as apart:
            self._clear()
            others = [plan for place, plan in enumerate(plans) if place not in apart.places]
            return self._together(others) if apart.places and len(others) > 1 else {}
        except DwellError:
            self._clear()
            return {}
        except Exception as error:
            if was_stopped(error):
                raise KeyboardInterrupt from error
            self.listener.on_error(error)
            self._clear()
            return {}
        return {plan.sample.path: _loaded(b) for plan, b in zip(plans, batches, strict=True)}

    def _is_known(self, plan: ReadPlan) -> bool:
        """Whether the file is in the lake, read in this way or another."""
        content = self.known.content_of(plan)
        return self.known.has(plan, content) or self.known.replaced(plan, content) is not None

    def _alone(self, plan: ReadPlan) -> Outcome:
        content = self.known.content_of(plan)
        if self.known.has(plan, content):
            return _unchanged(plan.source, plan.sample.path, plan.format.name)
        (batch,) = self._load([plan], self.known.replaced(plan, content))
        return _loaded(batch)

    def _load(self, plans: list[ReadPlan], replaced: Batch | None = None) -> list[Batch]:
        """The batches that the files are now."""
        index = self._index(plans[0].source)
        self.state, batches = load_batches(
            self.con, self.lake, self.state, index, self.fields, plans, self.now, replaced
        )
        self.known.add(batches)
        self.lake.clear_staged()
        return batches

    def _index(self, source: str) -> IdIndex:
        index = IdIndex(self.state, source, self.version)
        if not index.is_whole:
            self.state = reindex(self.con, self.lake, index)
            index = IdIndex(self.state, source, self.version)
        return index

    def _guarded(self, file: InputFile, work: Callable[[], Outcome | None]) -> Outcome | None:
        """What the work comes to; an outcome that has failed where it raises."""
        source, path = file.request.source or "", file.path
        try:
            return work()
        except ConfigError:
            raise
        except DwellError as error:
            self._clear()
            self.listener.on_error(error)
            return Outcome(source, str(path), "failed", message=str(error))
        # One bad file never stops the others, whatever is wrong with it.
        except Exception as error:
            if was_stopped(error):
                raise KeyboardInterrupt from error
            self._clear()
            self.listener.on_error(error)
            message = (
                f"{path} could not be loaded: {_reason(error)}. Nothing of it was loaded, the lake "
                "is as it was. Mend the cause and load it again."
            )
            return Outcome(source, str(path), "failed", message=message)

    def _clear(self) -> None:
        self.lake.clear_staged()
        self.fields.drop()
        # What failed may have come into force all the same.
        self.state = self.lake.state()

    def _warn_of_fields(self, path: Path, error: Exception) -> None:
        self.listener.on_error(error)
        self.listener.on_warning(
            f"The fields of {path} could not be compared with those of earlier files: "
            f"{type(error).__name__}: {in_brief(error)}. Its rows are loaded all the same, and the "
            "next file of its kind is compared again. Report it with this text if it happens again."
        )


def was_stopped(error: BaseException) -> bool:
    """Whether the engine ended a query because of a signal: it hides what the handler raised."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"


def _reason(error: Exception) -> str:
    """What an engine says, or where it speaks of itself alone, what that means."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return (
            f"some of its rows need more than {MEMORY_LIMIT} of memory: one is very long, or its "
            "values are nested very deep"
        )
    return in_brief(error)


def _unchanged(source: str, path: Path, format_name: str) -> Outcome:
    return Outcome(source, str(path), "unchanged", format=format_name)


def _loaded(batch: Batch) -> Outcome:
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
        message="read in another way before: replaces that" if batch.replaces else None,
        schema_changes=batch.schema_changes,
    )
