"""The collector's files as loads take them: which, how they are read, and when they are removed.

Never touches a file that the collector did not write.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from etl.collector.spool_files import (
    SpoolFile,
    finish_abandoned,
    finished,
    open_files,
    spool_file,
)
from etl.config.settings import Settings, as_text
from etl.config.sources import Source
from etl.duck import sql_beside
from etl.errors import ConfigError
from etl.file_hash import file_hash
from etl.formats.format import Request
from etl.lake import Lake
from etl.lake.losses import losses
from etl.load.outcome import Outcome
from etl.read.find import expand


def spool_request(source: str, configured: Source | None) -> Request:
    """How a file of the collector is read, whatever is said of the exports of its source.

    What decides whose events count, and which are one session, holds for both.
    """
    request = Request(source, format="events", sessions="tracker")
    if configured is None:
        return request
    return replace(
        request,
        sessions=configured.sessions or request.sessions,
        exclude_users=configured.exclude_users,
        empty_words=configured.empty_words,
    )


def refuse_other_source(patterns: Sequence[str], source: str) -> None:
    """ConfigError when a file of the collector is named to be loaded as another source than its
    own: its events would be counted twice.
    """
    for path in expand(patterns).files:
        file = spool_file(path.resolve())
        if file and file.source != source:
            msg = (
                f"{path} is of the collector, which took its events for the source "
                f"'{file.source}': as '{source}' they would be counted once more. Leave --source "
                "out, or load a copy from another folder if that is what you want."
            )
            raise ConfigError(msg)


def left_open(settings: Settings, name: str | None = None, *, is_trial: bool) -> list[Outcome]:
    """Finishes what killed collectors left open; the outcomes of files that are not finished yet.

    Only those of the source `name` if it is given. A trial finishes none.
    """
    if is_trial:
        why = "is not finished yet: it is loaded once it is."
        outcomes = [_waits(file, why) for file in open_files(settings.home)]
    else:
        ended = finish_abandoned(settings.home)
        why = (
            "is being written by the collector. It is loaded once it is finished: when it stops, "
            f"or {as_text(settings.spool_age)} after the first event in it (spool_age)."
        )
        # One that was finished in the meantime is taken right now.
        outcomes = [_waits(file, why) for file in ended.held if file.path.exists()]
        outcomes += [
            Outcome(file.source, str(file.path), "failed", message=problem)
            for file, problem in ended.problems
        ]
    return [outcome for outcome in outcomes if name in (None, outcome.source)]


def _waits(file: SpoolFile, why: str) -> Outcome:
    return Outcome(file.source, str(file.path), "waiting", message=f"{file.path} {why}")


def remove_loaded(
    settings: Settings,
    last_batch: int,
    now: datetime | None = None,
    texts_before: Mapping[str, datetime] | None = None,
) -> list[Path]:
    """The files of the collector that were removed: their batches have a number up to `last_batch`,
    that of the current build, and are `keep_spool` old. Hold the lock.

    texts_before  source → the time before which it keeps no texts, naive UTC: files with events
                  from before then go whatever their age
    A file of which the lake has lost rows stays: it puts them back.
    """
    before = (now or datetime.now(UTC)) - settings.keep_spool
    loaded = loaded_spool(settings, last_batch, before, texts_before)
    return [path for path in loaded if _is_removed(path)]


def loaded_spool(
    settings: Settings,
    last_batch: int,
    before: datetime,
    texts_before: Mapping[str, datetime] | None = None,
) -> list[Path]:
    """The files of the collector that the lake has whole, of batches up to a number that were
    loaded up to then, or have events from before the time of their source in `texts_before`.
    """
    files = [(file, size) for file in finished(settings.home) if (size := _size(file.path))]
    if not files:
        return []
    state = Lake(settings.home).state()
    lost = frozenset(batch.number for loss in losses(state) for batch in loss.batches)
    with state.batch_table() as con:
        rows = con.execute(
            sql_beside(__file__, "batches_of_sizes"),
            {"sizes": sorted({size for _, size in files}), "last_batch": last_batch},
        ).fetchall()
    limits = {source: time.isoformat() for source, time in (texts_before or {}).items()}
    held = {
        (source, size, content)
        for source, size, content, number, loaded_at, first_time in rows
        if number not in lost
        and (
            datetime.fromisoformat(loaded_at) <= before
            or (first_time or "9") < limits.get(source, "")
        )
    }
    sizes = {(source, size) for source, size, _ in held}
    # The bytes tell, not the name: a home that was moved knows its files by other paths.
    return [
        file.path
        for file, size in files
        if (file.source, size) in sizes and (file.source, size, _hash(file.path)) in held
    ]


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _hash(path: Path) -> str:
    with suppress(OSError):
        return file_hash(path)
    return ""


def _is_removed(path: Path) -> bool:
    with suppress(OSError):
        path.unlink()
        return True
    return False
