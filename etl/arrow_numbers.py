"""Whole numbers and words as Arrow arrays. Arrow's own ways would import pandas, as does every
value of Python that is compared with a column of Arrow: that takes as long as a small load.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

_ARROW_TYPES = {"int64": pa.int64(), "uint64": pa.uint64()}


def as_array(numbers: Any) -> Any:
    """An Arrow array over a NumPy array of int64 or uint64. Copies nothing."""
    kind = _ARROW_TYPES[numbers.dtype.name]
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])


def as_numbers(column: Any) -> Any:
    """The NumPy array of an Arrow column of 64 bits that has no nulls."""
    name = str(column.type)
    chunks = [
        np.frombuffer(chunk.buffers()[1], name, len(chunk), chunk.offset * 8)
        for chunk in getattr(column, "chunks", [column])
        if len(chunk)
    ]
    if len(chunks) == 1:
        return chunks[0]
    return np.concatenate(chunks) if chunks else np.empty(0, name)


def as_texts(words: Sequence[str]) -> Any:
    """An Arrow array of the words."""
    import polars as pl

    return pl.Series(words, dtype=pl.String).to_arrow().cast(pa.string())
