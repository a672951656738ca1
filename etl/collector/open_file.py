"""One spool file while it is written: whole lines go in, on disk when they are in. Knows no event.

One thread alone calls it.
"""

import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from etl.collector.spool_files import OPEN, finish, is_at, lock, mark_folder
from etl.durable import sync_folder

# Of this process: two names never are the same, whatever the clock says.
_NUMBERS = count(1)
# Waits for the bytes and the length of the file, and not for the time of its last change.
_sync = getattr(os, "fdatasync", os.fsync)


class OpenFile:
    """A locked `….ndjson.open`. `size`: bytes that are on disk for good; `since`: when its first
    line came, on the clock of time.monotonic; `is_good`: whether more may come behind it.
    """

    def __init__(self, home: Path, source: str) -> None:
        """OSError when there is no making one."""
        folder = mark_folder(home, source)
        self.path, self._descriptor = _created(folder)
        self.size = 0
        self.since = time.monotonic()
        self.is_good = True
        try:
            sync_folder(folder)
        except OSError:
            self.finish()
            raise

    def append(self, data: bytes) -> None:
        """Adds whole lines; they are on disk when this returns. OSError when they cannot be: then
        nothing of them is in the file once it is finished.
        """
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            self.is_good = False
            os.ftruncate(self._descriptor, self.size)
            os.lseek(self._descriptor, self.size, os.SEEK_SET)
            # Nothing came in yet: its age begins with its first line.
            self.is_good = self.size > 0
            raise
        # Once this has failed it may say that all is well where it is not.
        self.is_good = False
        _sync(self._descriptor)
        self.is_good = True
        self.size += len(data)

    def is_there(self) -> bool:
        """Whether it still has a name: one that was removed takes nothing in that lasts."""
        return os.fstat(self._descriptor).st_nlink > 0

    def finish(self) -> None:
        """Closes it, renamed as whole; an empty one is gone. Where that fails the next load does
        it.
        """
        try:
            with suppress(OSError):
                if is_at(self._descriptor, self.path):
                    os.ftruncate(self._descriptor, self.size)
                    finish(self._descriptor, self.path, self.size)
        finally:
            os.close(self._descriptor)

    def leave(self) -> None:
        """Closes it as it is. The next load cuts off what is no whole line, and renames it."""
        os.close(self._descriptor)


def _created(folder: Path) -> tuple[Path, int]:
    """A new file with its lock: path and descriptor."""
    while True:
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        whole = folder / f"collected-{now}-{os.getpid()}-{next(_NUMBERS)}.ndjson"
        path = whole.with_name(whole.name + OPEN)
        if not whole.exists() and (descriptor := _locked(path)) is not None:
            return path, descriptor


def _locked(path: Path) -> int | None:
    """A new file of that name, locked; None where there is one, or it is somebody else's by now."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    except FileExistsError:
        return None
    is_ours = False
    try:
        # Between the two calls a load may have taken it for one that was left open.
        is_ours = lock(descriptor) and is_at(descriptor, path)
    finally:
        if not is_ours:
            os.close(descriptor)
    return descriptor if is_ours else None
