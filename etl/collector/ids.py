"""Ids as they were sent, in the one spelling that a load gives them. Makes none.

What a load would take for no id is none here: who then has no other gets a pseudonym, and an event
that was acknowledged has a user.
"""

from collections.abc import Container
from typing import Any
from unicodedata import normalize

from etl.collector.refusal import Refused
from etl.normalise.no_ids import BLANKS, ZEROS

_ZEROS = frozenset(ZEROS)


def spelt(written: Any, no_ids: Container[str]) -> str | None:
    """The id, or None where nothing is known: a word of `no_ids`, zeros, or blanks alone.

    Small letters of `no_ids` stand for any. Refused with 400 when there is a NUL in it.
    """
    text = str(written)
    said = (text if text.isascii() else normalize("NFC", text)).strip(BLANKS)
    if "\x00" in said:
        raise Refused(400, f"An id has a NUL in it: {said[:40]!r}. Wanted: an id without.")
    is_none = not said or said in no_ids or said.lower() in no_ids or said in _ZEROS
    return None if is_none else said
