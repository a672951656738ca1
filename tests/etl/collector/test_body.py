"""Bytes of bodies: what they say, and what of them is refused before it costs anything."""

import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest

from etl.collector.body import MOST_LEVELS, said, unpacked
from etl.collector.refusal import Refused

LIMIT = 1_000
HALF = '{"text": "cut \\ud83d"}'


def nested(levels: int, opening: str = "[", closing: str = "]") -> bytes:
    """JSON of so many levels."""
    return (opening * levels + closing * levels).encode()


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param(b"", {}, id="nothing"),
        pytest.param(b' {"a": [1, "\xc3\xa9"]} ', {"a": [1, "é"]}, id="an object"),
        pytest.param(HALF.encode(), {"text": "cut ?"}, id="half a character"),
        pytest.param(b'{"a": 1, "a": 2}', {"a": 2}, id="a name twice"),
        pytest.param(b"[" + b"{}," * 500 + b"{}]", [{}] * 501, id="wide"),
        pytest.param(nested(MOST_LEVELS), json.loads(nested(MOST_LEVELS)), id="deep"),
    ],
)
def test_json_is_read(body: bytes, value: Any) -> None:
    assert said(body) == value


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"{", "no JSON", id="cut off"),
        pytest.param(b"event=click", "no JSON", id="a form"),
        pytest.param(b'"\xff"', "no JSON", id="no UTF-8"),
        pytest.param(b'{"a": NaN, "b": "\\u0041"}', "no JSON", id="no number"),
        pytest.param(b'{"a": 1e999}', "no JSON", id="a number out of range"),
        pytest.param(nested(MOST_LEVELS + 1), "levels deep", id="deep"),
        pytest.param(nested(MOST_LEVELS, '{"a":[', "]}"), "levels deep", id="deep in turns"),
        pytest.param(b"[" * 100_000, "levels deep", id="so deep that the stack ends"),
        pytest.param(b'"\\ud83d"' + b"[" * 100_000, "no JSON", id="deep behind half a character"),
    ],
)
def test_what_is_no_plain_json_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        said(body)
    assert refused.value.status == 400


@pytest.mark.parametrize("size", [0, 1, LIMIT])
def test_gzip_is_unpacked_up_to_the_limit(size: int) -> None:
    assert unpacked(gzip.compress(b"x" * size), b"gzip", LIMIT) == b"x" * size


PACKED = gzip.compress(b"x" * LIMIT)


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        pytest.param(gzip.compress(b"x" * (LIMIT + 1)), b"gzip", 413, id="a byte too many"),
        pytest.param(gzip.compress(b"x" * 50_000_000), b"gzip", 413, id="a bomb"),
        pytest.param(PACKED[:-1], b"gzip", 400, id="cut off"),
        pytest.param(PACKED + PACKED, b"gzip", 400, id="two in one"),
        pytest.param(b"plain", b"gzip", 400, id="none"),
        pytest.param(zlib.compress(b"x"), b"deflate", 415, id="another kind"),
        pytest.param(PACKED, b"gzip, gzip", 415, id="twice"),
    ],
)
def test_what_cannot_be_unpacked_within_the_limit_is_refused(
    body: bytes, encoding: bytes, status: int
) -> None:
    with pytest.raises(Refused) as refused:
        unpacked(body, encoding, LIMIT)
    assert refused.value.status == status


def test_a_bomb_takes_no_more_memory_than_the_limit() -> None:
    bomb = gzip.compress(b"x" * 50_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(Refused):
            unpacked(bomb, b"gzip", LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
