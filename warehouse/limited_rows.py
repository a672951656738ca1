"""Rows of somebody's SQL as they come, for answers that no memory holds. See limited_sql.py."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pyarrow as pa

from warehouse.limited_sql import (
    HEAD,
    PIECE,
    Question,
    begun,
    error_of,
    error_said,
    put,
)
from warehouse.read_only import refuse_unwritten


class Rows:
    """The columns of an answer, and its rows, which are read once."""

    def __init__(self, process: "subprocess.Popen[bytes]", question: Question):
        self._process = process
        self._question = question
        first = self._next()
        assert first is not None
        self.schema = first.schema

    def __iter__(self) -> Iterator[pa.Table]:
        while (rows := self._next()) is not None:
            yield rows

    def _next(self) -> pa.Table | None:
        """The next rows; None at their end, which the process has to tell."""
        stdout = self._process.stdout
        assert stdout is not None
        head = stdout.read(HEAD.size)
        if len(head) < HEAD.size:
            raise error_of(self._process.wait(), self._question)
        kind, length = HEAD.unpack(head)
        said = stdout.read(length)
        if len(said) < length:
            raise error_of(self._process.wait(), self._question)
        if kind == PIECE:
            with pa.ipc.open_stream(said) as stream:
                return stream.read_all()
        if error := error_said(kind, said):
            raise error
        return None


@contextmanager
def rows_of(question: Question) -> Iterator[Rows]:
    """The rows of an answer, to be read within the block; the process ends with it.

    `query_timeout` holds from some rows to the next. ConfigError for a text that is no query or is
    refused, BeyondLimit for what takes too long or too much: at the beginning, or as they are read.
    """
    refuse_unwritten(question.text)
    asked = replace(question, home=question.home.absolute(), form="pieces")
    process = begun()
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        put(asked, process.stdin)
        yield Rows(process, asked)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with suppress(BrokenPipeError):
            process.stdin.close()
