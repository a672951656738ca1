"""Something damaged in a home, what to do about it, and how a table is read to find it."""

from dataclasses import dataclass
from pathlib import Path

from etl.duck import connect, quoted

BACKUP = "Restore it from a backup."


@dataclass(frozen=True)
class Fault:
    """A file that is damaged.

    path     the file, or a folder that is one thing
    problem  what is wrong with it, after its name: "is missing"
    remedy   what to do, in sentences
    """

    path: Path
    problem: str
    remedy: str


def read_all(path: Path) -> int:
    """The rows of a Parquet file, every value of which was read. duckdb.Error if one cannot be."""
    table = f"read_parquet({quoted(path)}, hive_partitioning = false)"
    with connect() as con:
        query = f"select count(*), bit_xor(hash(t)) from {table} as t"  # noqa: S608 - our path
        ((rows, _),) = con.execute(query).fetchall()
    return int(rows)
