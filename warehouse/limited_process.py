"""The process that answers one question of limited_sql.py, and can do nothing else.

Once the build is open it opens no further file, writes to none, takes no more memory than it may,
and is ended by the system's own clock: no code of ours or of the engine has to be sound for that.
"""

import contextlib
import io
import os
import pickle
import resource
import signal
import sys
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

import warehouse
from etl.errors import BeyondLimit, ConfigError, DwellError
from warehouse import typed_texts
from warehouse.limited_sql import ANSWER, FAILURE, HEAD, LIMIT, PIECE, REFUSAL, Question
from warehouse.own_sql import Composed, composed
from warehouse.plain_columns import readable
from warehouse.read_only import refuse_beyond

# Beyond what the engine counts as its own: its threads, and an answer that is not large.
_ROOM = 500_000_000
# A file of rows takes longer than to find them. Seconds of the processor: nothing is waited for.
_WRITING_SECONDS = 120.0
# Rows that are handed on as they come take as long as whoever writes them, but no longer than this.
_PIECES_SECONDS = 3_600.0
_ROWS_OF_PIECE = 100_000
_LONGEST_MESSAGE = 2_000
_OUT_OF_MEMORY = (MemoryError, duckdb.OutOfMemoryException)


def main() -> None:
    """Reads the question from stdin, and writes the answer to stdout."""
    # Of the process that began this one.
    question = pickle.load(sys.stdin.buffer)
    Thread(target=_end_with_the_asker, daemon=True).start()
    kind: bytes = FAILURE
    said: bytes | memoryview
    try:
        kind, said = said_of(held(question), question)
    except DwellError as error:
        said = _message(error)
    except Exception as error:
        said = _message(DwellError(f"The query could not be answered: {error}"))
    length = HEAD.pack(kind, len(said)) if question.form == "pieces" else kind
    sys.stdout.buffer.write(length)
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()
    # Nothing has to be put in order, and to free memory takes time.
    os._exit(0)


class Held(NamedTuple):
    """An open build, and the relations of a question."""

    wh: warehouse.Warehouse
    relations: Composed


def _end_with_the_asker() -> None:
    """Ends this process once nobody holds the other end of stdin: whoever asked is gone."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def held(question: Question) -> Held:
    """The build, open; from then on this process can do nothing but read it."""
    _be_the_first_to_go()
    wh = warehouse.open(question.home, question.build, max_memory=question.limits.memory)
    shadows = {} if question.shows_texts else typed_texts.without_texts(wh.columns_of)
    relations = composed(wh, question.text, question.filters, shadows)
    # Starts and imports whatever an answer needs files for.
    rows = _rows(wh, question, "select 1 as one, now() as moment", {})
    _write(rows, question, io.BytesIO())
    _hold(question.limits.memory)
    return Held(wh, relations)


def said_of(held: Held, question: Question) -> tuple[bytes, bytes | memoryview]:
    """What is said to a question, and which kind it is of."""
    out = io.BytesIO()
    try:
        if question.form == "pieces":
            _hand_on(held, question)
        else:
            _answer(held, question, out)
    except _OUT_OF_MEMORY:
        return LIMIT, _message(question.limits.too_much())
    except BeyondLimit as error:
        return LIMIT, _message(error)
    except ConfigError as error:
        return REFUSAL, _message(error)
    except RecursionError:
        return REFUSAL, b"The query is nested too deeply. Wanted: fewer brackets in each other."
    except duckdb.Error as error:
        return REFUSAL, _message(ConfigError(f"{error} Mend the query and ask again."))
    except Exception as error:
        # What fails while rows are handed on comes from their reader, and is told as it tells it.
        if "Out of Memory Error" in str(error):
            return LIMIT, _message(question.limits.too_much())
        return FAILURE, _message(DwellError(f"The query could not be answered: {error}"))
    return ANSWER, out.getbuffer()


def _answer(held: Held, question: Question, out: io.BytesIO) -> None:
    _end_after(question.limits.seconds)
    text, values = held.relations.over(refuse_beyond(question.text))
    rows = _rows(held.wh, question, text, values)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.setitimer(signal.ITIMER_PROF, _WRITING_SECONDS)
    _write(rows, question, out)
    if question.most_bytes is not None and out.tell() > question.most_bytes:
        msg = (
            f"The answer takes {out.tell() / 1e6:,.0f} MB. Wanted: "
            f"{question.most_bytes / 1e6:,.0f} MB at most. Take fewer columns or rows."
        )
        raise BeyondLimit(msg)


def _hand_on(held: Held, question: Question) -> None:
    """Writes rows as they come. The time of the limits is that from some rows to the next."""
    signal.setitimer(signal.ITIMER_PROF, _PIECES_SECONDS)
    _end_after(question.limits.seconds)
    text, values = held.relations.over(refuse_beyond(question.text))
    reader = _relation(held.wh, question, text, values).to_arrow_reader(_ROWS_OF_PIECE)
    _write_piece(reader.schema)
    for rows in reader:
        # Whoever reads them may take their time.
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write_piece(reader.schema, rows)
        _end_after(question.limits.seconds)
    signal.setitimer(signal.ITIMER_REAL, 0)


def _write_piece(schema: pa.Schema, *rows: pa.RecordBatch) -> None:
    """Writes rows that can be read without those before them, behind their length."""
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, schema) as stream:
        for some in rows:
            stream.write_batch(some)
    piece = out.getvalue()
    sys.stdout.buffer.write(HEAD.pack(PIECE, piece.size))
    sys.stdout.buffer.write(piece)


def _relation(
    wh: warehouse.Warehouse, question: Question, text: str, values: dict[str, Any]
) -> duckdb.DuckDBPyRelation:
    return readable(
        wh.sql(text, values or None),
        flat=question.is_flat or question.form in ("csv", "xlsx"),
        naive=question.is_naive or question.form == "xlsx",
    )


def _rows(
    wh: warehouse.Warehouse, question: Question, text: str, values: dict[str, Any]
) -> pa.Table:
    relation = _relation(wh, question, text, values)
    if question.most_rows is None:
        return relation.to_arrow_table()
    rows = relation.limit(question.most_rows + 1).to_arrow_table()
    if question.refuses and rows.num_rows > question.most_rows:
        msg = (
            f"The answer has more than {question.most_rows:,} rows. Wanted: at most so many in a "
            "file. Take fewer days, or group the rows; 'dwell sql' writes as many as its memory "
            "holds (query_memory)."
        )
        raise BeyondLimit(msg)
    return rows


def _write(rows: pa.Table, question: Question, out: io.BytesIO) -> None:
    if question.form in ("arrow", "pieces"):
        with pa.ipc.new_stream(out, rows.schema) as stream:
            stream.write_table(rows)
        return
    import polars as pl

    from warehouse.frame_files import WRITERS

    out.write(WRITERS[question.form](pl.DataFrame(rows), dict(question.facts)))


def _be_the_first_to_go() -> None:
    """Others on this machine go first, and this process is ended before them for want of memory."""
    os.nice(10)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _hold(memory: int) -> None:
    """The system refuses what goes beyond: it, not the engine, is asked for files and memory."""
    size = _taken() + memory + _ROOM
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The number that the next file to be opened would get.
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))


def _taken() -> int:
    """Memory that the process has been given by now; elsewhere than on Linux it is not told."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0


def _end_after(seconds: float) -> None:
    """The system ends the process then, whatever it is at."""
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))


def _message(error: BaseException) -> bytes:
    text = str(error) or type(error).__name__
    return text[:_LONGEST_MESSAGE].encode("utf-8", "replace")


if __name__ == "__main__":
    main()
