"""Rows as a table for people. What is too wide for one is turned: a line for each value."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# Of a file or a pipe nobody knows how wide it is shown.
_WIDE = 200
# Polars counts in 16 bits.
_ENDLESS = 60_000


def table(frame: pl.DataFrame) -> str:
    """The rows below each other; where they do not fit on a line, their values below each other."""
    grid = _grid(frame)
    width = max(map(len, grid.splitlines()))
    if frame.width == 1 or width <= _room():
        return grid
    return _turned(frame) if frame.height else f"No rows. Columns: {', '.join(frame.columns)}"


def _room() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDE


def _grid(frame: pl.DataFrame) -> str:
    import polars as pl

    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        # Polars would break names in their middle.
        tbl_width_chars=_ENDLESS,
        fmt_str_lengths=60,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_formatting="UTF8_FULL_CONDENSED",
    ):
        return str(frame)


def _turned(frame: pl.DataFrame) -> str:
    widest = max(map(len, frame.columns))
    rows = [
        "\n".join(f"{name:{widest}}  {_on_one_line(value)}" for name, value in row.items())
        for row in frame.iter_rows(named=True)
    ]
    return "\n".join(f"── row {number} ──\n{text}" for number, text in enumerate(rows, 1))


def _on_one_line(value: object) -> str:
    return "null" if value is None else str(value).replace("\r", " ").replace("\n", " ")
