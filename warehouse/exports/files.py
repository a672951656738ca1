"""Files that are the old one or the whole new one, whenever a run ends. Computes nothing."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.config.settings import Settings
from etl.durable import sync_folder
from etl.errors import ConfigError, DwellError, disk_full
from etl.home_files import refuse_own_file
from warehouse.frame_files import Facts, Frames, write_frames

if TYPE_CHECKING:
    import polars as pl

# Folders of a file that is being written, beside it: hidden, and locked by who writes.
_PREFIX = ".dwell-export-"
_OWN = re.compile(re.escape(_PREFIX) + r"[a-z0-9_]{8}")
_SETTLED_SECONDS = 60


def write_file(frames: Frames, form: str, facts: Facts, target: Path) -> int:
    """Writes frames as a file of that format, as `new_file` does; how many rows it has.

    Errors of the frames are passed on.
    """
    with new_file(target) as out:
        counted = _Counted(frames, out)
        write_frames(counted, form, facts, out, out.scratch)
    return counted.rows


@contextmanager
def new_file(target: Path) -> Iterator[NewFile]:
    """A file that is in the place of what is there once the block ends without an error.

    Folders are made. Nothing half-written stays, and what was there stays until the new file is on
    disk. DwellError where it cannot be written.
    """
    target = target.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        with _scratch(target.parent) as scratch:
            whole = scratch / "file"
            with NewFile(whole) as out:
                yield out
                out.check()
                os.fsync(out.fileno())
            with suppress(FileNotFoundError):
                shutil.copymode(target, whole)
            whole.replace(target)
        sync_folder(target.parent)
    except Exception as error:
        if disk_full(error, target):
            msg = (
                f"{target} was not written: there is no room left on its disk. Nothing of it "
                "stays, and a file of before is as it was. Make room, or give another path."
            )
            raise DwellError(msg) from error
        if isinstance(error, OSError):
            msg = (
                f"{target} cannot be written: {error.strerror or error}. Wanted: a folder that may "
                "be written to. Mend its permissions, or give another path."
            )
            raise DwellError(msg) from error
        raise


def refuse_target(target: Path, settings: Settings) -> None:
    """ConfigError for what is no file, and for one that a home would take for its own."""
    if target.exists() and not target.is_file():
        msg = f"{target} is there, and no file. Give the path of a file."
        raise ConfigError(msg)
    refuse_own_file(target, settings.home, settings.config)


def sweep(folder: Path) -> None:
    """Removes what runs that were killed left in a folder. Files of others are not touched."""
    with os.scandir(folder) as entries:
        left = [Path(each) for each in entries if _OWN.fullmatch(each.name)]
    for scratch in left:
        with suppress(OSError):
            # One that was made this moment may not be locked yet.
            if time.time() - scratch.stat().st_mtime > _SETTLED_SECONDS:
                with _locked(scratch):
                    shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder for what is being written, gone with the block."""
    scratch = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    try:
        with _locked(scratch):
            yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds a folder, until the block ends or the process dies. OSError where another holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


class NewFile(io.FileIO):
    """A new file that never fails: what it met is told by `check`.

    Libraries that write files leave them half open when one fails below them, and close them when
    it is gone.
    """

    def __init__(self, path: Path):
        super().__init__(path, "w")
        self.scratch = path.parent
        # Not the error: it would hold whoever called.
        self._errno = 0

    def check(self) -> None:
        """OSError where not all could be written."""
        if self._errno:
            raise OSError(self._errno, os.strerror(self._errno))

    def write(self, data: Any) -> int:
        left = memoryview(data).cast("B")
        size = len(left)
        try:
            while left and not (self._errno or self.closed):
                left = left[super().write(left) :]
        except OSError as error:
            self._errno = error.errno or errno.EIO
        return size

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0 if self.closed else super().seek(offset, whence)

    def tell(self) -> int:
        return 0 if self.closed else super().tell()

    def flush(self) -> None:
        """All is written at once."""


class _Counted:
    """Frames that are counted as they pass, until their file has no room."""

    def __init__(self, frames: Frames, out: NewFile):
        self._frames = frames
        self._out = out
        self.rows = 0

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for frame in self._frames:
            self._out.check()
            self.rows += frame.height
            yield frame
