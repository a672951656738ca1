"""Sizes of memory as people write them: "2 GB", "500 MB". A bare number is bytes."""

import re
from typing import Any

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
# Less than the engine needs to open a build is no limit but a fault.
LEAST = 50 * 10**6
LARGEST = 100 * 10**12


class Size(int):
    """A number of bytes; as text, as people write it."""

    def __str__(self) -> str:
        for unit in ("tb", "gb", "mb"):
            if self >= _UNITS[unit]:
                return f"{self / _UNITS[unit]:.15g} {unit.upper()}"
        return f"{int(self)} bytes"


def parse_size(value: Any, least: int = LEAST, largest: int = LARGEST) -> Size:
    """A size from "2 GB" or a number of bytes. ValueError when it is none, or too small or large.

    A thousand is a thousand here; "GiB" is refused rather than taken for something else.
    """
    match = re.fullmatch(r"\s*([0-9]{1,18}(?:\.[0-9]{1,9})?)\s*([a-z]*)\s*", str(value).lower())
    if not match or isinstance(value, bool):
        raise ValueError(value)
    size = Size(float(match[1]) * _UNITS[match[2]])
    if not least <= size <= largest:
        raise ValueError(value)
    return size
