"""A number for each row of a database's table, by which it is known again. Keeps none of them.

It is kept from one run to the next, and so must not depend on the release of a library: it is the
XXH3 of all values as text, each after its length, which is the same everywhere.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import xxhash

# Stands beside numbers that are kept. Those of another way are of no use.
WAY = "xxh3 of values with their lengths"


def row_hashes(rows: pa.RecordBatch) -> Any:
    """The numbers of the rows, as an array of 64 bits each."""
    # A load without a database does not wait for it.
    import pyarrow.compute as pc

    parts: list[Any] = []
    for column in rows.columns:
        text = pc.cast(column, pa.string())
        # With its length no two rows of other values become the same text; a null has none.
        length = pc.cast(pc.binary_length(text), pa.string())
        parts += [pc.fill_null(length, "-"), pc.fill_null(text, "")]
    texts = pc.cast(pc.binary_join_element_wise(*parts, ":"), pa.binary())
    return np.fromiter(map(xxhash.xxh3_64_intdigest, texts.to_pylist()), np.uint64, rows.num_rows)
