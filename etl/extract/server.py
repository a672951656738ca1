"""What every kind of database server offers to the extraction. Its modules know nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True)
class Relation:
    """A table or view. `is_near`: its name alone finds it, without the schema."""

    schema: str
    name: str
    is_near: bool

    @property
    def full_name(self) -> str:
        """schema.name"""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Column:
    """One column, and how its values are landed.

    `kind`: time, whole or other; only the first two can be watermarks. `landed`: SQL of the
    value as it is landed, `arrow` its type then. `is_key`: a part of the primary key.
    """

    name: str
    type: str
    kind: str
    landed: str
    arrow: pa.DataType
    is_nullable: bool
    is_key: bool


class Server(Protocol):
    """A connection in one read-only transaction that sees one moment of the database.

    Every method raises SourceError, in words of ours and without a password.
    """

    def relations(self) -> list[Relation]:
        """All tables and views but those of the server itself; near ones first."""

    def columns(self, relation: Relation) -> list[Column]:
        """The columns that the user may read, in the table's order."""

    def text(self, query: str) -> str | None:
        """The one text that a query yields; None for null or no row."""

    def batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows of a query as they come, in batches of the schema."""

    def close(self) -> None:
        """Ends the transaction and leaves."""

    def name(self, *parts: str) -> str:
        """SQL of a name, or of a name within a schema."""

    def as_text(self, expression: str) -> str:
        """SQL of a value as text."""

    def time_before(self, column: Column, value: str, seconds: float) -> str:
        """SQL of the time so many seconds before a value of the column."""

    def now(self, column: Column, time_zone: str) -> str:
        """SQL of the present, comparable with the column; naive times are of the zone."""
