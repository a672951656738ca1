"""Rows are known again by numbers that no release of a library changes."""

from typing import Any

import pyarrow as pa
import pytest

from etl.extract.row_hash import row_hashes

SCHEMA = pa.schema(
    [("id", pa.int64()), ("flag", pa.bool_()), ("text", pa.string()), ("more", pa.string())]
)


def hash_of(*row: Any) -> int:
    """The number of one row."""
    rows = pa.RecordBatch.from_pylist([dict(zip(SCHEMA.names, row, strict=True))], SCHEMA)
    return int(row_hashes(rows)[0])


def test_row_hash_is_what_it_was_when_homes_kept_it() -> None:
    assert hash_of(7, True, "grüße", None) == 7297382381484016844


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param((1, True, "a", "b"), (2, True, "a", "b"), id="another number"),
        pytest.param((1, True, "a", "b"), (1, False, "a", "b"), id="another truth"),
        pytest.param((1, True, "a", "b"), (1, True, "b", "a"), id="values that changed places"),
        pytest.param((1, True, "a", None), (1, True, "a", ""), id="null and an empty text"),
        pytest.param((1, True, "a:1:b", "c"), (1, True, "a", "1:b:1:c"), id="what parts values"),
        pytest.param((1, True, None, "-"), (1, True, "-", None), id="what stands for null"),
    ],
)
def test_row_hash_differs_between_rows_with_other_values(
    one: tuple[Any, ...], other: tuple[Any, ...]
) -> None:
    assert hash_of(*one) != hash_of(*other)
    assert hash_of(*one) == hash_of(*one)


def test_row_hashes_of_no_rows_are_none() -> None:
    assert len(row_hashes(pa.RecordBatch.from_pylist([], SCHEMA))) == 0
