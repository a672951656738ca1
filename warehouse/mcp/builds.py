"""The build that is asked: the newest one, kept open from call to call, or one that is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import duckdb

import warehouse
from etl.config.settings import Settings, load_settings
from etl.errors import BeyondLimit, BuildError, in_brief
from warehouse import Warehouse
from warehouse.bearers import refuse_unmade
from warehouse.build_files import POINTER, builds_folder


@dataclass
class _Held:
    """An open build, the state of the pointer that led to it, and how many calls read it."""

    wh: Warehouse
    mark: tuple[int, int] | None
    readers: int = 0
    is_left: bool = False


class Builds:
    """The builds of one home, or of one scope, for calls that come in threads of their own.

    A build that `dwell load` publishes is there from the next call on. The one before is closed
    when its last call has ended.
    """

    def __init__(self, settings: Settings):
        self.home = settings.home
        self._config = settings.config
        # All that are open in a process share this limit.
        self._seconds = settings.query_timeout.total_seconds()
        self._lock = Lock()
        self._held: _Held | None = None

    def settings(self) -> Settings:
        """Those of dwell.toml as it is now. ConfigError where it does not fit."""
        return load_settings(self.home, self._config)

    def current(self) -> int:
        """The number of the newest build. NoBuild where there is none."""
        refuse_unmade(self.home)
        return warehouse.current_build(self.home)

    @contextmanager
    def open(self, number: int | None = None) -> Iterator[Warehouse]:
        """The newest build, or the kept one of that number, while the block runs.

        NoBuild when there is nothing to read, or the number is not kept. BeyondLimit for a query
        that takes longer than query_timeout, BuildError for a table that an older build lacks.
        """
        refuse_unmade(self.home)
        try:
            held = self._taken(number)
            if held is None:
                with warehouse.open(self.home, number, self._seconds) as wh:
                    yield wh
                return
            try:
                yield held.wh
            finally:
                self._leave(held)
        except duckdb.InterruptException as error:
            msg = (
                f"The question took longer than {self._seconds:g} s (query_timeout). Wanted: one "
                "that takes less. Ask of fewer days, or without a comparison."
            )
            raise BeyondLimit(msg) from error
        except duckdb.CatalogException as error:
            msg = (
                f"The build lacks what is asked for: {in_brief(error)}. It was made by an older "
                "Dwell; 'dwell build' makes one that has it."
            )
            raise BuildError(msg) from error

    def close(self) -> None:
        """Lets go of the build. Calls that still read it go on."""
        with self._lock:
            self._let_go()

    def _taken(self, number: int | None) -> _Held | None:
        """The newest build, kept open, with one more reader; None where another is asked for."""
        mark = self._mark()
        with self._lock:
            held = self._held if self._held and self._held.mark == mark else None
            if number is not None and not (held and held.wh.build == number):
                return None
            if held is None:
                # Of what was read before it was opened: what changes in between is seen next time.
                held = _Held(warehouse.open(self.home, max_seconds=self._seconds), mark)
                self._let_go()
                self._held = held
            held.readers += 1
            return held

    def _leave(self, held: _Held) -> None:
        with self._lock:
            held.readers -= 1
            if held.is_left and not held.readers:
                held.wh.close()

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        held.is_left = True
        if not held.readers:
            held.wh.close()

    def _mark(self) -> tuple[int, int] | None:
        """What changes with every publishing; None before the first."""
        pointer: Path = builds_folder(self.home) / POINTER
        try:
            stat = pointer.stat()
        except OSError:
            return None
        # It is swapped as a whole: each has an inode of its own, at least beside the one before.
        return stat.st_ino, stat.st_mtime_ns
