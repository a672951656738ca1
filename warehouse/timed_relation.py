"""Reads of DuckDB that end after so long: of a relation, or what is done in a block."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event, Thread
from typing import Any

import duckdb

from etl.errors import BeyondLimit

_ADVICE = "Take fewer rows or columns, or give it a longer timeout."
# Seconds from one interrupt of what takes too long to the next.
_AGAIN = 0.05


@contextmanager
def ended_after(
    con: duckdb.DuckDBPyConnection, seconds: float | None, advice: str
) -> Iterator[None]:
    """Ends what the connection is at when the block takes longer: BeyondLimit, with the advice.

    None is no limit.
    """
    if seconds is None:
        yield
        return
    # A thread, since `max_execution_time` would hold for all that reads this build, and DuckDB 1.5
    # has none.
    is_over, is_done = Event(), Event()

    def end() -> None:
        if is_done.wait(seconds):
            return
        is_over.set()
        while True:
            # What was just done, and is closed, cannot be ended.
            with suppress(duckdb.Error):
                con.interrupt()
            # An interrupt between two statements of the block ends neither.
            if is_done.wait(_AGAIN):
                return

    Thread(target=end, daemon=True).start()
    try:
        yield
    except duckdb.InterruptException as error:
        if is_over.is_set():
            msg = (
                f"The query ran for longer than {seconds:g} s. Wanted: one that takes less. "
                f"{advice}"
            )
            raise BeyondLimit(msg) from error
        raise
    finally:
        is_done.set()


class TimedRelation:
    """Has the methods and attributes of the relation, and its length. It has no brackets.

    BeyondLimit from whatever reads it for longer than it may. Other such relations may be given to
    its methods, as to `join` and `union`.

    A relation asks its query at each read, so each has the whole time. What hands out rows bit by
    bit (`to_arrow_reader`) has it for its start.
    """

    def __init__(
        self, relation: duckdb.DuckDBPyRelation, con: duckdb.DuckDBPyConnection, seconds: float
    ):
        self._relation = relation
        self._con = con
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:
        # Some attributes, such as `shape`, read as methods do.
        found = self._within_time(getattr, self._relation, name)
        return partial(self._within_time, found) if callable(found) else found

    def __len__(self) -> int:
        return int(self._within_time(len, self._relation))

    def __repr__(self) -> str:
        return str(self._within_time(repr, self._relation))

    def _within_time(self, read: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with ended_after(self._con, self._seconds, _ADVICE):
            given = {name: _bare(each) for name, each in kwargs.items()}
            answer = read(*map(_bare, args), **given)
        if isinstance(answer, duckdb.DuckDBPyRelation):
            return TimedRelation(answer, self._con, self._seconds)
        return answer


def _bare(given: Any) -> Any:
    return given._relation if isinstance(given, TimedRelation) else given
