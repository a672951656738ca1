"""The order of a table as it stands in the address: one click on a header, one link."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages.ui.controls import chosen, href

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Order:
    """The column that a table is ordered by, and those that it can be ordered by."""

    column: str
    descending: bool
    columns: Collection[str]
    # The column that an address without a word on it means.
    default: str
    # Parameters of the address: of the column, of the direction.
    names: tuple[str, str] = ("sort", "order")
    # The direction that an address without a word on it means.
    usual: str = "down"
    # The parameter of its pages: another order begins on the first.
    paged_by: str = "page"

    @property
    def aria(self) -> str:
        """The direction as a browser tells it to those who listen."""
        return "descending" if self.descending else "ascending"

    def link(self, column: str, *, text: bool) -> str:
        """Address of the list by that column: numbers from the largest, text from a to z.

        The column that it is ordered by already is turned round.
        """
        down = not self.descending if column == self.column else not text
        way = "down" if down else "up"
        sort, order = self.names
        values = {
            sort: None if column == self.default else column,
            order: None if way == self.usual else way,
        }
        return href(**values, **{self.paged_by: None})

    def applied(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A whole frame in this order; what is not known stands last."""
        return frame.sort(
            self.column, descending=self.descending, nulls_last=True, maintain_order=True
        )


def order_of(
    columns: Collection[str],
    default: str,
    table: str = "",
    usual: str = "down",
    paged_by: str = "page",
) -> Order:
    """The order that the address asks for; `table` tells apart the tables of one page."""
    end = f"_{table}" if table else ""
    names = (f"sort{end}", f"order{end}")
    return Order(
        column=chosen(names[0], columns, default),
        descending=chosen(names[1], ("down", "up"), usual) == "down",
        columns=columns,
        default=default,
        names=names,
        usual=usual,
        paged_by=paged_by,
    )
