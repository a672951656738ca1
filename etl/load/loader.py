"""Loads files one after the other, small ones that are read alike together. Finds no file.

A file that fails stops no other. Where one of several that are read together fails, they are all
read again, each alone: what is wrong with it is then told of it alone.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import Any

import duckdb

from etl.config.redact import Rules
from etl.duck import was_stopped
from etl.errors import ConfigError, DwellError, Misread, NoEvents, NotData
from etl.formats.read_plan import ReadPlan, look
from etl.lake import Batch, Lake, LakeState
from etl.lake.id_index import IdIndex, hash_version
from etl.lake.reindex import reindex
from etl.load.batch import ReadApart, load_batches
from etl.load.batch_id import known_by_look
from etl.load.failure_texts import not_compared, not_loaded, trace_of, without_copies
from etl.load.inputs import InputFile, InputFiles
from etl.load.known_batches import KnownBatches, has_events
from etl.load.known_columns import KnownColumns
from etl.load.known_fields import KnownFields
from etl.load.known_times import KnownTimes
from etl.load.outcome import Listener, Outcome, loaded, unchanged
from etl.load.useless import Useless
from etl.privacy.redactor import Redactors
from etl.read.container import state_of
from etl.read.unpack import unpack

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
    """Loads files into a lake. `record` is called with each outcome and size, in their order.

    again  files that were read by older rules are read again
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        lake: Lake,
        state: LakeState,
        files: InputFiles,
        now: datetime,
        listener: Listener,
        record: Record,
        *,
        redactors: Redactors,
        rules_of: Callable[[str], Rules],
        again: bool = False,
    ) -> None:
        self.con = con
        self.lake = lake
        self.state = state
        self.now = now
        self.listener = listener
        self.record = record
        self.redactors = redactors
        self.rules_of = rules_of
        self.again = again
        self.known = KnownBatches(con, state, files.files, again=again)
        self.fields = KnownFields(lake, self._warn_of_fields)
        self.times = KnownTimes(con)
        self.columns = KnownColumns(con)
        self.useless = Useless(con, lake)
        self.version = hash_version(con)
        self.waiting: list[_Waiting] = []
        self.alike: tuple[Any, ...] = ()
        self.size = 0
        self.unpacked = 0
        self.copies: dict[Path, tuple[Path, Path]] = {}

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
        together = self._together(plans) if len(plans) > 1 else {}
        for one in waiting:
            outcome = one.outcome
            if one.plan:
                plan = one.plan
                outcome = together.get(plan.path) or self._guarded(
                    one.file,
                    lambda plan=plan: self._alone(plan),  # type: ignore[misc]
                )
            if outcome:
                self.record(outcome, one.file.size)
            self._remove_copy(one.file)

    def _look(self, file: InputFile) -> Outcome | None:
        """What became of a file that is known by its look; else None, and it waits."""
        stat = state_of(file.on_disk)
        size = file.size if file.member else stat.st_size
        batches = self.known.at(file.path)
        if batch := known_by_look(file.path, file.request, batches, size, stat.st_mtime_ns):
            return unchanged(batch, file.path, self.useless.sentence(self.state, batch))
        plan = look(
            file.path,
            file.request,
            is_sure=file.is_sure,
            on_disk=file.on_disk if file.member else None,
            plain=self._plain(file),
            taken=self.columns.before(file.path, file.request),
        )
        if file.request.source is None:
            # Whose it is was told by its format.
            request = replace(plan.request, rules=self.rules_of(plan.source))
            plan = replace(plan, request=request)
        maps = plan.field_maps()
        self.listener.on_plan(plan)
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

    def _plain(self, file: InputFile) -> Path | None:
        """The copy of a packed file, which stays until those that wait are loaded."""
        self.unpacked += 1
        folder = self.lake.unpacked / str(self.unpacked)
        plain = unpack(file.on_disk, file.member, folder)
        if plain:
            self.copies[file.path] = (folder, plain)
        return plain

    def _remove_copy(self, file: InputFile) -> None:
        folder, _ = self.copies.pop(file.path, (None, None))
        if folder:
            rmtree(folder, ignore_errors=True)
            with suppress(OSError):
                self.lake.unpacked.rmdir()

    def _together(self, plans: list[ReadPlan]) -> dict[Path, Outcome]:
        """What became of files that were loaded in one go, by path; nothing if that cannot be."""
        plans = [plan for plan in plans if not self._is_known(plan)]
        try:
            outcomes = self._load(plans)
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
        return {plan.path: one for plan, one in zip(plans, outcomes, strict=True)}

    def _is_known(self, plan: ReadPlan) -> bool:
        """Whether the file is in the lake, read in this way or another."""
        content = self.known.content_of(plan)
        known = self.known.held(plan, content) or self.known.replaced(plan, content)
        return known is not None

    def _alone(self, plan: ReadPlan) -> Outcome:
        content = self.known.content_of(plan)
        if batch := self.known.held(plan, content):
            return unchanged(batch, plan.path, self.useless.sentence(self.state, batch))
        (outcome,) = self._load([plan], self.known.replaced(plan, content))
        return outcome

    def _load(self, plans: list[ReadPlan], replaced: Batch | None = None) -> list[Outcome]:
        """What became of the files, which are batches now."""
        index = self._index(plans[0].source)
        redactor = self.redactors.of(plans[0].request.rules)
        if redactor:
            redactor.cuts.clear()
        self.state, files = load_batches(
            *(self.con, self.lake, self.state, index, self.fields, self.times, plans, self.now),
            *(redactor, replaced, self._kept(plans, replaced)),
        )
        if redactor and redactor.cuts:
            self.listener.on_cut(plans[0].source, redactor.cuts)
        self.known.add([file.batch for file in files])
        self.columns.keep([file.batch for file in files])
        for file in files:
            for warning in file.batch.warnings:
                self.listener.on_warning(f"{file.batch.file}: {warning}")
        self.lake.clear_staged()
        return [loaded(file.batch, file.useless, again=self.again) for file in files]

    def _kept(self, plans: Sequence[ReadPlan], replaced: Batch | None) -> list[int]:
        """The places of those whose events the lake has, read in another way."""
        if replaced and has_events(replaced):
            return [0]
        looks = [(plan.path, plan.size, plan.mtime_ns) for plan in plans]
        return [place for place, look in enumerate(looks) if self.known.with_events(*look)]

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
            self._trace(file, error)
            is_beside = isinstance(error, NotData) and not file.is_sure
            status = "skipped" if is_beside or isinstance(error, NoEvents) else "failed"
            message = self._told(file, str(error))
            # What has loaded before is not at fault itself: what was said of it is.
            is_misread = status == "failed" and (isinstance(error, Misread) or self._has(file))
            if is_misread and self._has(file):
                message += " What was loaded of it before stays."
            return Outcome(source, str(path), status, message=message, is_misread=is_misread)
        # One bad file never stops the others, whatever is wrong with it.
        except Exception as error:
            if was_stopped(error):
                raise KeyboardInterrupt from error
            self._clear()
            self._trace(file, error)
            message = not_loaded(path, error, self.lake.home)
            return Outcome(source, str(path), "failed", message=self._told(file, message))

    def _has(self, file: InputFile) -> bool:
        """Whether the lake has events of the file as it is now, read in another way."""
        try:
            stat = state_of(file.on_disk)
        except (DwellError, OSError):
            return False
        size = file.size if file.member else stat.st_size
        return self.known.with_events(file.path, size, stat.st_mtime_ns) is not None

    def _told(self, file: InputFile, message: str) -> str:
        """What to say of a file, by the names that people know, and without what is cut of it."""
        message = without_copies(message, self.copies)
        redactor = self.redactors.of(file.request.rules)
        return redactor.message(message, str(file.path)) if redactor else message

    def _trace(self, file: InputFile, error: Exception) -> None:
        """Tells of an error; where what it says is to be cut, of one that says the rest."""
        if self.redactors.of(file.request.rules):
            error = RuntimeError(self._told(file, trace_of(error)))
        self.listener.on_error(error)

    def _clear(self) -> None:
        self.lake.clear_staged()
        self.fields.drop()
        # What failed may have come into force all the same.
        self.state = replace(self.lake.state(), lost=self.state.lost)

    def _warn_of_fields(self, path: Path, error: Exception) -> None:
        self.listener.on_error(error)
        self.listener.on_warning(not_compared(path, error))
