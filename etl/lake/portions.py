"""Cuts what there is to do into portions that fit into memory. Opens nothing."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_T = TypeVar("_T")


def in_portions(
    items: Iterable[_T], size_of: Callable[[_T], float], most: float
) -> Iterator[list[_T]]:
    """The items, in their order, in lists that together have so much at most. One that has more is
    alone; no items are no lists.
    """
    portion: list[_T] = []
    size = 0.0
    for item in items:
        item_size = size_of(item)
        if portion and size + item_size > most:
            yield portion
            portion, size = [], 0.0
        portion.append(item)
        size += item_size
    if portion:
        yield portion
