"""Files dropped in <home>/landing: whose they are, and which are still being written.

A file in landing/NAME belongs to the source NAME, configured or not; one that lies in landing
itself to the source named after its format. Nothing of it is ever moved, changed or deleted here;
what the collector writes there is its own (see spooled.py).
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import stat_result
from pathlib import Path

from etl.collector.spool_files import MARKER, finished, is_spooled, spool_folder
from etl.config.settings import Settings, as_text
from etl.config.sources import Source
from etl.formats.format import Request
from etl.formats.registry import request_of
from etl.landing_folder import is_extracted, landing_folder
from etl.load.inputs import RealPaths
from etl.load.spooled import spool_request
from etl.read.find import expand

# How programs name a file until it is whole: browsers, rsync, SFTP clients, editors.
_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".filepart", "~")


@dataclass(frozen=True)
class Waiting:
    """A file that is left for the next load, and why. `source` is None until its format is told."""

    path: Path
    source: str | None
    reason: str


def takes_landed_files(source: Source) -> bool:
    """Whether files in the source's landing folder are exports that people dropped there."""
    # What was extracted from a database lies there too, and is asked for by itself.
    return source.database is None


def has_nowhere(source: Source, home: Path) -> bool:
    """Whether a source has neither a path nor a folder in landing: there is nothing to load from,
    nor will be.
    """
    if source.paths or source.write_key or source.write_key_env:
        # What the collector takes for a source may be yet to come.
        return False
    return takes_landed_files(source) and not has_landed(home, source.name)


def has_landed(home: Path, source: str) -> bool:
    """Whether the source has a folder in landing, of people's exports or of the collector."""
    folder = landing_folder(home)
    return (folder / source).is_dir() or spool_folder(home, source).is_dir()


def landed(
    settings: Settings,
    *,
    name: str | None = None,
    skip: Sequence[Path] = (),
    now: float | None = None,
) -> tuple[list[tuple[str, Request]], list[Waiting]]:
    """The landed files that are whole, each with its request, and those that are not yet.

    Only those of the source `name` if it is given. Left out are folders to skip, and files that
    a configured source names by its path, but for the collector's. Nothing when there is no
    landing folder. `now` is in seconds since 1970.
    """
    now = time.time() if now is None else now
    configured = {source.name: source for source in settings.sources}
    spooled = finished(settings.home)
    files = list(_files(landing_folder(settings.home), skip))
    real_paths = RealPaths()
    paths = [path for source in settings.sources for path in source.paths]
    claimed = {real_paths.of(path) for path in expand(paths if files else ()).files}
    whole: list[tuple[str, Request]] = [
        (str(file.path), spool_request(file.source, configured.get(file.source)))
        for file in sorted(spooled, key=lambda file: file.source)
        if name in (None, file.source)
    ]
    waiting: list[Waiting] = []
    for path, owner in files:
        if name not in (None, owner) or real_paths.of(path) in claimed:
            continue
        source = configured.get(owner or "")
        if (source and not takes_landed_files(source)) or is_extracted(path):
            continue
        reason = _unfinished(path, now, settings)
        if reason is None:
            whole.append((str(path), request_of(source) if source else Request(source=owner)))
        elif reason:
            waiting.append(Waiting(path, owner, reason))
    return whole, waiting


def _files(folder: Path, skip: Sequence[Path]) -> Iterator[tuple[Path, str | None]]:
    """All files below the landing folder but those in hidden folders, each with its source."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        is_hidden = any(part.startswith(".") for part in parts[:-1])
        if is_hidden or any(path.is_relative_to(skipped) for skipped in skip) or not path.is_file():
            continue
        if path.name.startswith(MARKER) or is_spooled(path):
            continue
        yield path, parts[0] if len(parts) > 1 else None


def _unfinished(path: Path, now: float, settings: Settings) -> str | None:
    """Why the file is left for the next load: None when it is not, empty when it has gone."""
    if path.name.startswith(".") or path.name.lower().endswith(_UNFINISHED):
        return f"{path} is named like a file that is not finished. Rename it when it is whole."
    try:
        stat = path.stat()
    except OSError:
        return ""
    if not _is_settled(stat, now, settings.settle_time.total_seconds()):
        return (
            f"{path} has just been written. It is loaded once nothing has changed it for "
            f"{as_text(settings.settle_time)} (settle_time)."
        )
    return None


def _is_settled(stat: stat_result, now: float, settle: float) -> bool:
    """Whether nothing has changed the file for so many seconds."""
    age = now - stat.st_mtime
    if age < -settle:
        # A time to come, copied from another machine: when the file came here says more.
        age = now - stat.st_ctime
    # Clocks that differ by a moment are no reason to hurry, others no reason to wait for ever.
    return abs(age) >= settle
