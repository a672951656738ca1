"""The collector's files in landing: their names, whose they are, and the end of those left open.

<home>/landing/<source>/collected/.dwell-spool                  whose folder this is
                                  collected-….ndjson.open       a collector writes it, and locks it
                                  collected-….ndjson            whole: the next load takes it

Looks into no line, and touches no file of a folder without that marker, or of another name.
"""

import fcntl
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from urllib.parse import unquote

from etl.durable import sync_folder
from etl.errors import SourceError, disk_full
from etl.landing_folder import as_file_name, landing_folder

MARKER = ".dwell-spool"
FOLDER = "collected"
OPEN = ".open"
_NAME = re.compile(r"collected-[0-9]{8}T[0-9]{12}-[0-9]{1,10}-[0-9]{1,10}\.ndjson")
_PIECE = 1 << 16


@dataclass(frozen=True)
class SpoolFile:
    """A file of the collector, and the source that its events belong to."""

    source: str
    path: Path

    @property
    def is_open(self) -> bool:
        """Whether it still is to be finished."""
        return self.path.name.endswith(OPEN)

    @property
    def begun_at(self) -> str:
        """When its first event came: the UTC moment in ISO form, as its name says."""
        day, clock = self.path.name.split("-")[1].split("T")
        return f"{day[:4]}-{day[4:6]}-{day[6:]}T{clock[:2]}:{clock[2:4]}:{clock[4:6]}+00:00"


@dataclass(frozen=True)
class Ended:
    """What became of files that were left open: those that are whole now, those that a collector
    still writes, and those that could not be finished, each with a sentence on it.
    """

    finished: tuple[SpoolFile, ...]
    held: tuple[SpoolFile, ...]
    problems: tuple[tuple[SpoolFile, str], ...]


def is_spool_name(name: str) -> bool:
    """Whether the collector names its files so."""
    return _NAME.fullmatch(name.removesuffix(OPEN)) is not None


def is_spool_path(path: Path) -> bool:
    """Whether a path is one of the collector's. Looks at no disk: of a file that is gone it tells
    as well.
    """
    return path.parent.name == FOLDER and is_spool_name(path.name)


def spool_file(path: Path) -> SpoolFile | None:
    """A file as the collector's own, or what is right now becoming one; None where it is neither.

    It may be one of another home: the marker beside it tells.
    """
    marker = path.parent / MARKER
    if not is_spool_path(path) or path.is_symlink() or not marker.is_file():
        return None
    source, others = _told(marker)
    return None if path.name in others else SpoolFile(source, path)


def is_spooled(path: Path) -> bool:
    """Whether a file is the collector's own, or is right now becoming one."""
    return spool_file(path) is not None


def spool_folder(home: Path, source: str) -> Path:
    """Where the events of a source are spooled. It need not be there."""
    return landing_folder(home) / as_file_name(source) / FOLDER


def mark_folder(home: Path, source: str) -> Path:
    """The spool folder of a source, with its marker, made if need be. OSError when it cannot be."""
    folder = spool_folder(home, source)
    if (folder / MARKER).is_file():
        return folder
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    # Files that look like ours and were here before us are somebody's copies.
    others = sorted(name for name in os.listdir(folder) if _NAME.fullmatch(name))  # noqa: PTH208
    content = {"source": source} | ({"others": others} if others else {})
    temporary = folder / f"{MARKER}.{os.getpid()}-{get_ident()}.tmp"
    try:
        with temporary.open("w", encoding="utf-8") as handle:
            handle.write(json.dumps(content, ensure_ascii=False))
            handle.flush()
            os.fsync(handle.fileno())
        _publish(temporary, folder / MARKER)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    for path in (folder, *(made.parent for made in new)):
        sync_folder(path)
    return folder


def _publish(prepared: Path, marker: Path) -> None:
    # Of two collectors that begin at once the first has its way: by the time of the second there
    # may be files of the first, which are nobody else's.
    try:
        os.link(prepared, marker)
    except FileExistsError:
        return
    except OSError:
        # A file system without links.
        if not marker.exists():
            prepared.replace(marker)


def spool_files(home: Path) -> list[SpoolFile]:
    """All files of the collector, oldest name first. None without a landing folder.

    SourceError when a folder of it cannot be read.
    """
    files = [file for marker in _markers(home) for file in _files_beside(marker)]
    return sorted(files, key=lambda file: (file.path.name, file.source))


def finished(home: Path) -> list[SpoolFile]:
    """The collector's files that are whole, oldest name first. None without a landing folder."""
    return [file for file in spool_files(home) if not file.is_open]


def open_files(home: Path) -> list[SpoolFile]:
    """Those that a collector writes, or left open when it was killed, oldest name first.

    What stands behind the last newline of one is no line yet.
    """
    return [file for file in spool_files(home) if file.is_open]


def finish_abandoned(home: Path) -> Ended:
    """Finishes the files that nobody writes any more: a line without its end is cut off.

    It was never acknowledged. Files that a collector writes are left as they are.
    """
    done: list[SpoolFile] = []
    held: list[SpoolFile] = []
    problems: list[tuple[SpoolFile, str]] = []
    for file in open_files(home):
        try:
            descriptor = os.open(file.path, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue
        except OSError as error:
            problems.append((file, _cannot_finish(file.path, error, home)))
            continue
        try:
            if not lock(descriptor):
                held.append(file)
            elif is_at(descriptor, file.path) and (
                path := finish(descriptor, file.path, _cut(descriptor))
            ):
                done.append(SpoolFile(file.source, path))
        except OSError as error:
            problems.append((file, _cannot_finish(file.path, error, home)))
        finally:
            os.close(descriptor)
    return Ended(tuple(done), tuple(held), tuple(problems))


def finish(descriptor: int, path: Path, size: int) -> Path | None:
    """The path of an open file of so many bytes once it is whole and on disk; None where it was
    empty, and is gone. The caller holds its lock. OSError when it cannot be renamed.
    """
    if not size:
        path.unlink(missing_ok=True)
        return None
    os.fsync(descriptor)
    target = path.with_name(path.name.removesuffix(OPEN))
    while target.exists():
        target = target.with_name(_next_name(target.name))
    path.rename(target)
    sync_folder(path.parent)
    return target


def lock(descriptor: int) -> bool:
    """Whether the file is locked for its holder alone now. The kernel frees it with the process."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_at(descriptor: int, path: Path) -> bool:
    """Whether the file that was opened still is the one of that path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _markers(home: Path) -> Iterator[Path]:
    return landing_folder(home).glob(f"*/{FOLDER}/{MARKER}")


def _files_beside(marker: Path) -> Iterator[SpoolFile]:
    source, others = _told(marker)
    try:
        entries = sorted(os.scandir(marker.parent), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        msg = (
            f"{marker.parent} holds events that were collected, and cannot be read: "
            f"{error.strerror}. Mend its owner and permissions, and run again."
        )
        raise SourceError(msg) from error
    for entry in entries:
        if entry.name in others or not _NAME.fullmatch(entry.name.removesuffix(OPEN)):
            continue
        with suppress(FileNotFoundError):
            # No link: what it leads to is somebody else's.
            if stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                yield SpoolFile(source, Path(entry.path))


def _told(marker: Path) -> tuple[str, frozenset[str]]:
    """What a marker says: the source, and names that are not ours. Of a damaged one the folder's
    name tells the source.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads(marker.read_text(encoding="utf-8"))
        return str(content["source"]), frozenset(content.get("others", ()))
    return unquote(marker.parent.parent.name), frozenset()


def _cut(descriptor: int) -> int:
    """The size of a file once what stands behind its last newline is cut off."""
    whole = os.fstat(descriptor).st_size
    end = whole
    while end:
        start = max(0, end - _PIECE)
        at = os.pread(descriptor, end - start, start).rfind(b"\n")
        if at >= 0:
            end = start + at + 1
            break
        end = start
    if end < whole:
        os.ftruncate(descriptor, end)
    return end


def _next_name(name: str) -> str:
    stem, _, number = name.removesuffix(".ndjson").rpartition("-")
    return f"{stem}-{int(number) + 1}.ndjson"


def _cannot_finish(path: Path, error: OSError, home: Path) -> str:
    why = disk_full(error, home) or f"{error.strerror or error}. Mend its owner and permissions."
    return f"{path} was left open by a collector and cannot be finished: {why}"
