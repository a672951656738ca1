"""Frames as files: CSV, JSON, XLSX, Parquet, with what a reader has to know. Computes no metric.

Of a CSV the first lines tell it, behind a "#" that readers of such files pass over; of an XLSX its
second sheet; of Parquet its metadata; JSON is rows alone. Columns are called as the metrics call
them: durations are seconds, rates shares of one, times UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from etl.config.exports import FORMATS as FORMATS
from warehouse.written import safe_cells
from warehouse.xlsx_file import write_xlsx

if TYPE_CHECKING:
    import polars as pl

Facts = Mapping[str, str]
# Frames of the same columns, one or more, which together are the rows of a file.
Frames = Iterable["pl.DataFrame"]


class ABuild(Protocol):
    """A warehouse, of which only the facts of its build are asked."""

    build: int
    as_of: datetime | None
    time_zone: str

    @property
    def scope(self) -> Any:
        """The scope of rows that it is a copy for; None of a whole build."""


def origin(wh: ABuild) -> dict[str, str]:
    """The facts that any file has: how its columns are meant, and what they were read from."""
    return {
        "Time zone of days": wh.time_zone,
        "Times and units": "times are UTC, durations seconds, rates shares of one",
        "Build": str(wh.build),
        **({"Rows": f"of the scope {wh.scope} alone"} if wh.scope else {}),
        "As of": f"{wh.as_of:%Y-%m-%d %H:%M:%S} UTC" if wh.as_of else "no event yet",
    }


def write_frames(
    frames: Frames, form: str, facts: Facts, out: IO[bytes], scratch: Path | None = None
) -> None:
    """Writes a file of one of the FORMATS, holding a frame at a time.

    `scratch`: a folder for what XLSX cannot write at once; without one it takes memory.
    """
    if form == "xlsx":
        write_xlsx(map(_flat, frames), facts, out, scratch)
    else:
        _WRITERS[form](frames, facts, out)


def csv_of(frame: pl.DataFrame, facts: Facts | None = None) -> bytes:
    """The frame as CSV; text that a spreadsheet would run as a formula is quoted."""
    return _bytes(frame, "csv", facts)


def xlsx_of(frame: pl.DataFrame, facts: Facts | None = None) -> bytes:
    """The frame as XLSX: numbers, dates and times as such, text as text and never a formula."""
    return _bytes(frame, "xlsx", facts)


def parquet_of(frame: pl.DataFrame, facts: Facts | None = None) -> bytes:
    """The frame as Parquet, with its types and lists; what tells it stands in the file's notes."""
    return _bytes(frame, "parquet", facts)


def _bytes(frame: pl.DataFrame, form: str, facts: Facts | None) -> bytes:
    out = BytesIO()
    write_frames([frame], form, facts or {}, out)
    return out.getvalue()


def _write_csv(frames: Frames, facts: Facts, out: IO[bytes]) -> None:
    for name, text in facts.items():
        out.write(f"# {name}: {_one_cell(text)}\n".encode())
    for number, frame in enumerate(frames):
        # Texts stand in quotes, so that none that begins with "#" is passed over.
        rows = safe_cells(_flat(frame))
        text = rows.write_csv(quote_style="non_numeric", include_header=number == 0)
        out.write(text.encode())


def _write_json(frames: Frames, facts: Facts, out: IO[bytes]) -> None:
    """One array, a row on each line."""
    before = b"[\n"
    for frame in frames:
        if lines := frame.write_ndjson().rstrip("\n"):
            # A line break of a text is written \n there, and no other is in a row.
            out.write(before + lines.replace("\n", ",\n").encode())
            before = b",\n"
    out.write(b"[]\n" if before == b"[\n" else b"\n]\n")


def _write_ndjson(frames: Frames, facts: Facts, out: IO[bytes]) -> None:
    for frame in frames:
        out.write(frame.write_ndjson().encode())


def _write_parquet(frames: Frames, facts: Facts, out: IO[bytes]) -> None:
    import polars as pl
    import pyarrow.parquet as pq

    writer = None
    try:
        for frame in frames:
            table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
            if writer is None:
                writer = pq.ParquetWriter(out, table.schema, compression="zstd")
            writer.write_table(table)
        if writer is not None:
            writer.add_key_value_metadata(dict(facts))
    finally:
        if writer is not None:
            writer.close()


def _one_cell(text: str) -> str:
    """The text without what any spreadsheet ends a cell at: a second cell might be a formula."""
    # The digits of a number stay together.
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return re.sub(r"\s*[,;|\"\t\r\n]+\s*", " \u00b7 ", text)


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with each list as one text."""
    import polars as pl

    return frame.with_columns(pl.col(pl.List(pl.String)).list.join(" | "))


_WRITERS: Mapping[str, Callable[[Frames, Facts, IO[bytes]], None]] = {
    "csv": _write_csv,
    "json": _write_json,
    "ndjson": _write_ndjson,
    "parquet": _write_parquet,
}
# A whole file of one frame, as a page or a process without files makes it.
WRITERS: Mapping[str, Callable[[pl.DataFrame, Facts | None], bytes]] = {
    "csv": csv_of,
    "xlsx": xlsx_of,
    "parquet": parquet_of,
}
