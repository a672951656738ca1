"""A message as a line of a file: NDJSON, for whatever reads logs."""

import errno
import json
import os
import stat
from pathlib import Path

from etl.durable import sync_folder
from etl.errors import DeliveryError
from warehouse.delivery.message import Message

# Of what was written before, so much is looked at.
_TAIL = 1_000_000


def append(path: Path, message: Message, *, is_repeat: bool) -> None:
    """Writes the message as one line, which is on disk when it returns. DeliveryError when not.

    A repeat is not written again where the file has it, and half a line of a write that was killed
    is taken away.
    """
    line = json.dumps(message.document(), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        # A pipe that nobody reads would hold whoever opens it.
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK, 0o666)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                msg = f"{path} is no file. Name another for it."
                raise DeliveryError(msg)
            _write(file, line, is_repeat=is_repeat)
            os.fsync(file)
        finally:
            os.close(file)
        if is_new:
            sync_folder(path.parent)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}. Mend its path or permissions."
        raise DeliveryError(msg) from None


def _write(file: int, line: bytes, *, is_repeat: bool) -> None:
    size = os.fstat(file).st_size
    tail = os.pread(file, _TAIL, max(0, size - _TAIL))
    if is_repeat and (b"\n" + line) in (b"\n" + tail):
        return
    half = tail.rpartition(b"\n")[2]
    if half and line.startswith(half):
        os.ftruncate(file, size - len(half))
    elif half:
        # Of another writer: it keeps what it has, on a line of its own.
        line = b"\n" + line
    written = os.write(file, line)
    if written < len(line):
        # The disk is full: nothing half-written stays.
        os.ftruncate(file, os.fstat(file).st_size - written)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
