"""The lock of a home: one run at a time writes there. Guards no reader."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from etl.errors import Busy, SourceError, disk_full


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Holds the home's lock, which the kernel frees when the process dies. Busy if taken."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = (home / ".lock").open("a+")
    except OSError as error:
        if sentence := disk_full(error, home):
            raise SourceError(sentence[0].upper() + sentence[1:]) from error
        msg = (
            f"The home folder {home} cannot be written: {error.strerror}. Wanted: a folder of "
            "yours. Give another with --home, or mend its owner and permissions."
        )
        raise SourceError(msg) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            msg = (
                f"Another run (process {holder}) is working on {home}. Nothing was changed. "
                "Wait for it to end and run again."
            )
            raise Busy(msg) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
