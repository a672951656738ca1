"""The order of a breakdown's rows: its values, then Other, what is not known, and the total.

One order for tables, cross-tabs, files and the command line, whatever the values are ordered by.
Never counts.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def in_place(frame: "pl.DataFrame") -> "pl.DataFrame":
    """The rows with those that are no value of their own last; the values in the order they had.

    Columns: value, is_other, and is_total where there is a total.
    """
    is_total = "is_total" if "is_total" in frame.columns else None
    return frame.sort(_place("value", "is_other", is_total), maintain_order=True)


def cells_in_place(frame: "pl.DataFrame") -> "pl.DataFrame":
    """The cells of a cross-tab, both of its sides in that order."""
    import polars as pl

    rows = ("row_value", "is_row_other", "is_column_total")
    columns = ("column_value", "is_column_other", "is_row_total")
    first_cell = pl.col("at").min().over(rows)
    return (
        frame.with_row_index("at")
        .sort(_place(*rows), first_cell, _place(*columns), "at")
        .drop("at")
    )


def _place(value: str, is_other: str, is_total: str | None) -> "pl.Expr":
    import polars as pl

    total = pl.col(is_total) if is_total else pl.lit(value=False)
    return (
        pl.when(total)
        .then(3)
        .when(pl.col(is_other))
        .then(1)
        .when(pl.col(value).is_null())
        .then(2)
        .otherwise(0)
    )
