"""Where an id stands in a text: the one notion of it. Reads and writes no file.

An id stands in a text as a value, or between borders. A value is all of the text, a value within
JSON (however deep JSON lies in texts; the names of fields are none), what stands in quotes, or a
field between separators. Between borders is where no letter, digit, `@`, `+`, `-` or inner dot goes
on; so stand words of a sentence, parts of an address and folders of a path. Ids of less than
SHORTEST signs are words and numbers of any text, and stand in it as values only.

All spellings of an id are the same id: blanks around it, accents as signs of their own (NFD), the
escapes of JSON and of addresses, doubled quotes of SQL, a whole number with a fraction .0.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote, unquote_plus, unquote_to_bytes

from etl.lake.spelling_patterns import bytes_pattern_of, forms_of, pattern_of
from etl.normalise.no_ids import BLANKS

# Signs that an id has at least where it stands between borders.
SHORTEST = 3
# What stands in the place of an id that was taken out.
MARK = "[forgotten]"

_FRACTION = re.compile(r"([+-]?[0-9]+)\.0+")
_ENDING = r"\.(?:ndjson|jsonl?|csv|tsv|txt|log|parquet|xlsx?|xml|sql|gz|zst|zip|bz2)"
_ENDINGS = re.compile(rf"(?:{_ENDING})+$", re.IGNORECASE)
_NAME = re.compile(r'"(?:[^"\\]|\\.)*"\s*:')
_LITERALS = (
    re.compile(r'"((?:[^"\\]|\\.)*)"'),
    re.compile(r"'((?:[^']|'')*)'"),
    re.compile(r"`([^`]*)`"),
)
_FIELDS = ",;\t|\n\"'"
_BESIDE = ".,:;!?*`#()[]{}<>\"'|&=/\\"
_INNER = re.compile(r"[,;&?=()\[\]{}<>\"'`]+")
_FINE = re.compile(r"[,;&?=()\[\]{}<>\"'`:/|\\]+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_HEX = re.compile(r"\\+u([0-9a-fA-F]{4})")
_HEX_BYTES = re.compile(rb"\\+u([0-9a-fA-F]{4})")
_SIGNS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_DROPPED = str.maketrans("+", " ", "\\'")
_KEPT = 256
# Bytes of one sign at most, as a spelling has it: \\\\u0065\\\\u0301.
_WIDEST = 20


def spelt(value: object) -> str:
    """An id as a load stores it: letters and their accents as one sign (NFC), without what is
    around it and nobody sees, and whole numbers without a fraction. Empty where nothing is left.
    """
    text = value if isinstance(value, str) else str(value)
    if not text.isascii():
        text = normalize("NFC", text)
    text = text.strip(BLANKS)
    if ".0" in text and (whole := _FRACTION.fullmatch(text)):
        return whole[1]
    return text


def words_of(text: str) -> set[str]:
    """All that may be an id in a text, each as `spelt`: its values, and what stands between borders
    and has SHORTEST signs or more. For whoever knows ids by their hashes alone; who has the ids at
    hand takes Places, which finds those with blanks also amid sentences.
    """
    words = set(_in_short(text) if len(text) <= _KEPT else _in_text(text))
    words.discard("")
    return words


class Places:
    """Finds ids that are at hand in texts and bytes, in all their spellings, and takes them out.

    ids    as `spelt`
    whole  the same and others of their spellings, for columns to be compared with
    re2    a pattern, for an engine without borders, of texts that may have one of them as a word;
           it may say so of names of fields and the like, too: ask `are_in`. None without such ids
    reach  bytes that the longest of their spellings has, with its borders
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = frozenset(filter(None, map(spelt, ids)))
        longest_first = sorted(self.ids, key=lambda one: (-len(one), one))
        self.whole = sorted({form for one in self.ids for form in forms_of(one)})
        self.reach = _WIDEST * max(map(len, self.ids), default=0) + 64
        self._squeezed = [(_squeezed(one), len(one) < SHORTEST) for one in longest_first]
        long = "|".join(pattern_of(one) for one in longest_first if len(one) >= SHORTEST)
        short = "|".join(pattern_of(one) for one in longest_first if len(one) < SHORTEST)
        self.re2 = rf"(^|[^\w@+-]|\\[nrtbf])({long})([^\w@+-]|$)" if long else None
        self._between = re.compile(rf"{_BEFORE}(?:{long}){_AFTER}") if long else None
        every = "|".join(filter(None, (long, short)))
        self._values = re.compile(_VALUES.replace("ID", every)) if every else None
        plain = "|".join(bytes_pattern_of(i) for i in longest_first if len(i) >= SHORTEST)
        self._bytes = re.compile(f"{_BEFORE}(?:{plain}){_AFTER}".encode()) if plain else None

    def __bool__(self) -> bool:
        return bool(self.ids)

    def is_one(self, value: object) -> bool:
        """Whether a value is one of the ids."""
        return spelt(value) in self.ids

    def are_in(self, text: str) -> bool:
        """Whether one of the ids stands in a text."""
        squeezed = _squeezed(text)
        if not any(one in squeezed for one, _ in self._squeezed):
            return False
        if self._between and self._between.search(text):
            return True
        return not self.ids.isdisjoint(words_of(text))

    def are_in_bytes(self, content: bytes) -> bool:
        """Whether one of the ids stands in bytes of any kind, as a word; pieces of a file overlap
        by `reach` for it.
        """
        if not self._bytes:
            return False
        return any(self._bytes.search(form) for form in _undone_bytes(content))

    def without(self, text: str) -> str:
        """A text in which MARK stands for the ids. Their blanks and quotes stay."""
        if not self.are_in(text):
            return text
        if self.is_one(text):
            return MARK
        if self._between:
            text = self._between.sub(MARK, text)
        return self._values.sub(rf"\g<before>{MARK}", text) if self._values else text


# A sign that is written as `\n` ends a word, too. Names of fields are no place of an id.
_BEFORE = r"(?:(?<![\w@+-])(?<![\w@+-]\.)|(?<=\\[nrtbf]))"
_AFTER = rf"(?![\w@]|[+-][\w@])(?!(?!{_ENDING}\b)\.[\w@])(?!\\*\"\s*:)"
_VALUES = (
    r"(?P<before>(?:^|[,;\t|\n\[:=(\"'`])\s*\\*[\"'`]?(?:\s|\\+[nrt])*)(?:ID)"
    r"(?=(?:\s|\\+[nrt])*\\*[\"'`]?\s*(?:$|[,;\t|\n\]})\"'`]))(?!\\*\"\s*:)"
)


def _in_text(text: str) -> Iterator[str]:
    yield spelt(text)
    if text.isalnum():
        return
    begins = text.lstrip()[:1]
    if begins and begins in '{["':
        with suppress(ValueError, RecursionError):
            leaves = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
            for leaf in _leaves(leaves):
                yield from _in_short(leaf) if len(leaf) <= _KEPT else _in_text(leaf)
            return
    text = _NAME.sub(" ", text)
    for quoted in _LITERALS:
        for literal in quoted.findall(text):
            yield spelt(literal)
            if "''" in literal:
                yield spelt(literal.replace("''", "'"))
            if "\\" in literal and (undone := _undone(literal)) != literal:
                yield from _in_short(undone) if len(undone) <= _KEPT else _in_text(undone)
    for separator in _FIELDS:
        if separator in text:
            for field in text.split(separator):
                yield from _whole(field)
    yield from _whole(text)
    for chunk in text.split():
        yield from _in_word(chunk)


@lru_cache(maxsize=1 << 14)
def _in_short(text: str) -> frozenset[str]:
    return frozenset(_in_text(text))


def _whole(field: str) -> Iterator[str]:
    """A field without its quotes, and what a `name: value` in it says."""
    field = field.strip().strip("\"'`")
    yield spelt(field)
    for sign in ":=":
        if sign in field:
            yield spelt(field.partition(sign)[2].strip().strip("\"'`"))
    if "\\" in field:
        yield spelt(_undone(field))
    if "%" in field:
        yield spelt(unquote_plus(field))


@lru_cache(maxsize=1 << 15)
def _in_word(chunk: str) -> frozenset[str]:
    """What may be an id in signs without blanks."""
    forms = {chunk}
    if "\\" in chunk:
        forms.add(_undone(chunk))
    if "%" in chunk or "+" in chunk:
        # What parts the values of an address stands in them as an escape.
        told = {part for form in forms for part in (form, *_INNER.split(form))}
        forms |= {form(one) for one in told for form in (unquote, unquote_plus)}
    words = set(forms)
    for form in forms:
        words.update(_INNER.split(form), _FINE.split(form))
    words |= {word.strip(_BESIDE) for word in words}
    words |= {_ENDINGS.sub("", word) for word in words}
    return frozenset(word for one in words if len(word := spelt(one)) >= SHORTEST)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value


def _undone(text: str) -> str:
    """A text without the escapes of JSON."""

    def sign(escape: re.Match[str]) -> str:
        return chr(int(escape[1], 16)) if escape[1] else _SIGNS.get(escape[2], escape[2])

    return _paired(_ESCAPE.sub(sign, text))


def _undone_bytes(content: bytes) -> Iterator[bytes]:
    """Bytes as they are, and without escapes where they have some."""
    yield content
    undone = content
    if b"\\u" in undone:
        undone = _HEX_BYTES.sub(
            lambda escape: chr(int(escape[1], 16)).encode("utf-8", "surrogatepass"), undone
        )
    if b"\\" in undone:
        undone = re.sub(rb"\\+([\\/\"'])", rb"\1", undone)
    if b"%" in undone:
        undone = unquote_to_bytes(undone)
    if b"\xcc" in undone or b"\xcd" in undone:
        # Accents that are signs of their own.
        text = undone.decode("utf-8", "surrogateescape")
        undone = normalize("NFC", text).encode("utf-8", "surrogateescape")
    if undone != content:
        yield undone


def _paired(text: str) -> str:
    """Signs beyond the first plane, of which JSON escapes two halves."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _squeezed(text: str) -> str:
    """A text of which one in another holds wherever an id stands in a text, and in more places."""
    if "\\" in text:
        text = _paired(_HEX.sub(lambda escape: chr(int(escape[1], 16)), text))
    if "%" in text:
        text = unquote(text)
    if not text.isascii():
        text = normalize("NFC", text)
    return text.translate(_DROPPED)
