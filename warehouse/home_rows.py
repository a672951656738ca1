"""What the lake of a home says of its files and of rows that could not be events. Changes nothing.

A build knows of them as well, but shortened, and as of when it was made.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.duck import sql_beside
from etl.lake import Lake
from etl.lake.rules import RULES

if TYPE_CHECKING:
    import polars as pl


def time_shapes(home: Path) -> "pl.DataFrame":
    """What the times and columns of each source were read as."""
    with Lake(home).state().batch_table() as con:
        return _frame(con.execute(sql_beside(__file__, "time_shapes"), {"rules": RULES}))


def rejected_rows(
    home: Path,
    source: str | None,
    reason: str | None,
    file: str | None,
    limit: int | None,
    offset: int,
) -> "pl.DataFrame":
    """Rejected rows as received, of those that the words choose."""
    import polars as pl

    state = Lake(home).state()
    files = [str(state.path_of(each)) for each in state.of_kind("rejected")]
    if not files:
        return pl.DataFrame(
            schema={
                "source": pl.String,
                "file": pl.String,
                "line": pl.Int64,
                "reason": pl.String,
                "raw": pl.String,
                "loaded_at": pl.Datetime("us"),
            }
        )
    values = {
        "files": files,
        "source": source,
        "reason": reason,
        "file": file,
        "row_limit": limit,
        "first_row": offset,
    }
    with state.batch_table() as con:
        return _frame(con.execute(sql_beside(__file__, "rejected_rows"), values))


def _frame(answer: Any) -> "pl.DataFrame":
    import polars as pl

    return pl.DataFrame(answer.to_arrow_table())
