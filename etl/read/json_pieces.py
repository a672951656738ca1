"""Cuts JSON text into its values by brackets and quotes alone, so that broken ones do no harm.

It is far slower than the engine, which refuses a text in which anything is broken.
"""

import mmap
import re
from collections.abc import Iterator

_SIGN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', re.DOTALL)
_BLANKS = b" \t\r\n"


def pieces(text: bytes | mmap.mmap) -> Iterator[bytes]:
    """The elements of an array, or the values that follow each other: valid ones and others.

    A piece ends where its brackets balance, and at a comma outside of them. What stands between
    two values or behind the last is a piece too; of a text that was cut short so is the rest.
    """
    start = depth = 0
    in_array = False

    def piece(end: int) -> Iterator[bytes]:
        trimmed = text[start:end].strip(_BLANKS)
        if trimmed:
            yield trimmed

    for sign in _SIGN.finditer(text):
        what = sign[0]
        if what in (b"{", b"["):
            if not depth:
                yield from piece(sign.start())
                start = sign.start()
            if what == b"[" and not depth and not in_array:
                in_array, start = True, sign.end()
            else:
                depth += 1
        elif what in (b"}", b"]"):
            if depth == 1:
                yield from piece(sign.end())
                start = sign.end()
            elif what == b"]" and not depth and in_array:
                yield from piece(sign.start())
                in_array, start = False, sign.end()
            depth = max(depth - 1, 0)
        elif what == b"," and not depth:
            yield from piece(sign.start())
            start = sign.end()
    yield from piece(len(text))
