"""Breaks a file in a few places, as copies, editors and exporters do: by seed, always alike."""

import json
import random
import re
from collections.abc import Callable
from typing import Any

Mutation = Callable[[random.Random, bytes], bytes]
_ODD = (b"\0", b"\xef\xbb\xbf", b'"', b"'", b"\x1f", b"\x7f", b"\xff", b"\xc3", b"\r", b"\r\n",
        b"\n\n", b"\\", b"{", b"}", b"]", b",", b"\t", b"\xe2\x80\xa8")  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e308, 10**30, -(2**63), "", " ", "null", "NaN", "\\N", "\0", "\ud83d",
    "2026-02-30", "9" * 400, "é" * 50, "'; drop", "x" * 5000, [], [[]], {}, {"": 1},
    {"$date": None}, {"$oid": 1},
)  # fmt: skip


def mutant(seed: int, data: bytes) -> bytes:
    """The data, broken in one to three places."""
    rng = random.Random(seed)
    for _ in range(rng.choice((1, 1, 2, 3))):
        data = rng.choice(MUTATIONS)(rng, data)
    return data


def _flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _drop(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randrange(1, 40) :]


def _insert(rng: random.Random, data: bytes) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice(_ODD) * rng.choice((1, 1, 1, 2, 50)) + data[place:]


def _swap_lines(rng: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def _repeat_line(rng: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    line = rng.choice(lines)
    lines[rng.randrange(len(lines)) : 0] = [line] * rng.choice((1, 2, 30))
    return b"".join(lines)


def _drop_line(rng: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    del lines[rng.randrange(len(lines))]
    return b"".join(lines)


def _swap_fields(rng: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    number = rng.randrange(len(lines))
    fields = re.split(rb"([,;\t ])", lines[number])
    one, other = rng.randrange(len(fields)), rng.randrange(len(fields))
    fields[one], fields[other] = fields[other], fields[one]
    lines[number] = b"".join(fields)
    return b"".join(lines)


def _change_value(rng: random.Random, data: bytes) -> bytes:
    """One key of a JSON line gets another value, another name, or goes; of other text nothing."""
    lines = data.splitlines(keepends=True) or [b""]
    number = rng.randrange(len(lines))
    try:
        record = json.loads(lines[number])
    except (ValueError, UnicodeDecodeError):
        return _change_word(rng, data)
    inner = record
    while isinstance(inner, dict) and inner:
        key = rng.choice(list(inner))
        if isinstance(inner[key], dict) and rng.random() < 0.5:
            inner = inner[key]
            continue
        what = rng.randrange(4)
        if what == 0:
            del inner[key]
        elif what == 1:
            inner[rng.choice(("", key.upper(), "id", "user_id", "line", "é" * 9))] = inner.pop(key)
        else:
            inner[key] = rng.choice(_VALUES)
        break
    lines[number] = json.dumps(record).encode() + b"\n"
    return b"".join(lines)


def _change_word(rng: random.Random, data: bytes) -> bytes:
    """Some word becomes another value."""
    words = list(re.finditer(rb'"[^"\n]{0,60}"|\d+', data))
    if not words:
        return data
    word = rng.choice(words)
    told = json.dumps(rng.choice(_VALUES)).encode()
    return data[: word.start()] + told + data[word.end() :]


MUTATIONS: tuple[Mutation, ...] = (
    _flip, _cut, _drop, _insert, _insert, _swap_lines, _repeat_line, _drop_line, _swap_fields,
    _change_value, _change_value, _change_value, _change_word,
)  # fmt: skip
