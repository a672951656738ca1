"""The spool: lines of many requests go to disk together, and only then are they answered.

One thread writes. Never parses a line, and needs neither the lake nor a build.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Condition, Thread

from etl.collector.open_file import OpenFile
from etl.collector.spool_files import finish_abandoned
from etl.config.settings import Settings
from etl.errors import SpoolFull, disk_full

# A file of this size is finished; what has come and is not on disk is never more than the other.
_FILE_SIZE = 16 * 10**6
_MOST_WAITING = 64 * 10**6
_RETRY_AFTER = 5


@dataclass(eq=False)
class _Request:
    """Lines of one call, and who waits for them, in an event loop."""

    source: str
    data: bytes
    waiter: "asyncio.Future[None]"


class Spool:
    """Where accepted events go: `await spool.append("web", [line, …])` returns once they are on
    disk. Close it at the end; a process that is killed loses nothing that was acknowledged.
    """

    def __init__(
        self, home: Path | str, *, age: timedelta = Settings.spool_age, file_size: int = _FILE_SIZE
    ) -> None:
        """Finishes what an earlier collector left open. `age` and `file_size`: past which a file
        is finished, so that loads take it.
        """
        self._home = Path(home).absolute()
        self._age = age.total_seconds()
        self._file_size = file_size
        self._files: dict[str, OpenFile] = {}
        self._changed = Condition()
        self._waiting: list[_Request] = []
        self._waiting_bytes = 0
        self._is_closing = False
        self.left_open = finish_abandoned(self._home)
        self._thread = Thread(target=self._write, name="dwell-spool", daemon=True)
        self._thread.start()

    async def append(self, source: str, lines: Sequence[bytes]) -> None:
        """Appends lines, each a JSON object without newline; they are on disk when this returns.

        SpoolFull when they cannot be kept: then none of them is, and the same call may be made
        again after `retry_after` seconds. ValueError for a line with a newline in it.
        """
        if data := _joined(lines):
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._enqueue(_Request(source, data, waiter))
            await waiter

    async def close(self) -> None:
        """Writes what waits, and finishes all files. Nothing can be appended after it."""
        await asyncio.to_thread(self.stop)

    def stop(self) -> None:
        """The same for code without an event loop."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def _enqueue(self, request: _Request) -> None:
        with self._changed:
            if self._is_closing:
                raise _stopping()
            if self._waiting and self._waiting_bytes + len(request.data) > _MOST_WAITING:
                msg = (
                    f"The disk of {self._home} does not keep up: {self._waiting_bytes:,} bytes "
                    "wait for it. Nothing of this request was kept. Send it again later."
                )
                raise SpoolFull(msg, _RETRY_AFTER)
            self._waiting.append(request)
            self._waiting_bytes += len(request.data)
            self._changed.notify()

    def _write(self) -> None:
        is_last = False
        try:
            while not is_last:
                group, is_last = self._next_group()
                self._write_group(group)
                self._finish_due(all_of_them=is_last)
        finally:
            with self._changed:
                self._is_closing = True
                left, self._waiting = self._waiting, []
            _answer(left, _stopping())

    def _next_group(self) -> tuple[list[_Request], bool]:
        """All that waits, once something does or a file is due, and whether it is the last."""
        with self._changed:
            while not (self._waiting or self._is_closing or (due := self._next_end()) <= 0):
                self._changed.wait(None if due == float("inf") else due)
            group, self._waiting = self._waiting, []
            self._waiting_bytes = 0
            return group, self._is_closing

    def _write_group(self, group: Iterable[_Request]) -> None:
        by_source: dict[str, list[_Request]] = defaultdict(list)
        for request in group:
            by_source[request.source].append(request)
        for source, requests in by_source.items():
            problem: SpoolFull | None = _stopping()
            try:
                self._append(source, b"".join([request.data for request in requests]))
                problem = None
            except OSError as error:
                problem = self._refusal(error)
            finally:
                # Nobody waits for ever, whatever happens here.
                _answer(requests, problem)

    def _append(self, source: str, data: bytes) -> None:
        file = self._files.get(source)
        if file and not file.is_there():
            self._files.pop(source).leave()
            file = None
        if file is None:
            file = self._files[source] = OpenFile(self._home, source)
        try:
            file.append(data)
        finally:
            if not file.is_good:
                self._files.pop(source).finish()

    def _refusal(self, error: OSError) -> SpoolFull:
        why = disk_full(error, self._home) or (
            f"the spool in {self._home} cannot be written: {error.strerror or error}. "
            "Mend that; the collector goes on by itself."
        )
        msg = f"Nothing of this request was kept: {why}"
        return SpoolFull(msg, _RETRY_AFTER)

    def _next_end(self) -> float:
        """Seconds until the next file is old enough to be finished."""
        oldest = min((file.since for file in self._files.values()), default=float("inf"))
        return oldest + self._age - time.monotonic()

    def _finish_due(self, *, all_of_them: bool) -> None:
        now = time.monotonic()
        for source, file in list(self._files.items()):
            is_due = file.size >= self._file_size or now - file.since >= self._age
            if is_due or all_of_them:
                self._files.pop(source).finish()


def _stopping() -> SpoolFull:
    msg = "The collector is stopping. Nothing of this request was kept. Send it again."
    return SpoolFull(msg, 1)


def _joined(lines: Sequence[bytes]) -> bytes:
    data = b"".join([line + b"\n" for line in lines])
    if data.count(b"\n") != len(lines):
        msg = "A line has a newline in it. Wanted: a JSON object on one line."
        raise ValueError(msg)
    return data


def _answer(requests: Iterable[_Request], problem: SpoolFull | None) -> None:
    """Tells who waits, all of one event loop by one call."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Request]] = defaultdict(list)
    for request in requests:
        by_loop[request.waiter.get_loop()].append(request)
    for loop, told in by_loop.items():
        # A loop that has ended in the meantime waits for nothing.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, told, problem)


def _settle(requests: Iterable[_Request], problem: SpoolFull | None) -> None:
    for request in requests:
        if request.waiter.done():
            # Whoever asked has gone: the lines are kept all the same.
            continue
        if problem:
            # Each its own: whoever raises one adds to its traceback.
            request.waiter.set_exception(SpoolFull(str(problem), problem.retry_after))
        else:
            request.waiter.set_result(None)
