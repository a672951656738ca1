"""Texts that are not what they seem, looked for in typed rows. Changes none.

Nearly all exports have none of them, and to read each text with care would cost a fifth of a load.
So rows are typed as if there were none; this finds out whether there was one after all, and then
they are typed with care (sql/told_rows.sql).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow.compute as pc

from etl.arrow_numbers import as_texts
from etl.normalise.no_ids import BLANKS, ZEROS

# Column of the typed rows → the role that fills it.
_IDS = {
    "given_id": "event_id",
    "user_id": "user_id",
    "anonymous_id": "anonymous_id",
    "tracker_session_id": "tracker_session_id",
    "chat_id": "chat_id",
}
_OTHERS = (
    *("event_type", "page", "page_host", "referrer", "campaign", "browser", "os"),
    *("session_type", "experiment_id", "model_group", "query_type"),
)
# A number with a fraction may have had more digits, or none that tell anything.
_FRACTION = r"^[+-]?\d+\.\d+([eE][+-]?\d+)?$"
_BEHIND_PREFIX = r":(\{|ObjectId\(|[+-]?\d+\.\d)"
_WHOLE = r"^[+-]?\d+(\.0+)?$"
# So many rows tell whether a column holds whole numbers alone.
_ROWS_THAT_TELL = 2_000


_UNNAMED = as_texts(["unnamed"])


class OddTexts:
    """What to look for in a file's rows.

    words     those that say that nothing is known
    prefixes  what the file's maps put before event ids
    """

    def __init__(self, words: Sequence[str], prefixes: Iterable[str]) -> None:
        prefixes = set(prefixes)
        self.has_prefix = any(prefixes)
        spellings = {spelt for word in words for spelt in spellings_of(word)}
        self.words = as_texts(sorted(spellings))
        ids = spellings | {*ZEROS}
        self.ids = as_texts(sorted(p + one for p in {"", *prefixes} for one in ids))

    def are_in(self, rows: Any, *, has_odd_signs: bool) -> bool:
        """Whether one is in the typed rows, an Arrow table; some of whose records may have signs
        that are no plain text.
        """
        return any(self._tests(rows, has_odd_signs=has_odd_signs))

    def _tests(self, rows: Any, *, has_odd_signs: bool) -> Iterator[bool]:
        columns = {name: rows[name] for name in rows.column_names}
        for name in (*_IDS, *_OTHERS):
            if (texts := columns.get(name)) is not None:
                yield _any(pc.is_in(texts, value_set=self.ids if name in _IDS else self.words))
        # A type without a name may have one in another column.
        yield _any(pc.is_in(rows["event_type"], value_set=_UNNAMED))
        if self.has_prefix and "given_id" in columns:
            # Whatever stands behind the prefix: too much care does no harm.
            yield _any(pc.match_substring_regex(rows["given_id"], _BEHIND_PREFIX))
            yield has_odd_signs
        for texts in _ids(rows):
            yield _any(pc.starts_with(texts, "{")) or _any(pc.starts_with(texts, "ObjectId("))
            has_point = pc.match_substring(texts, ".")
            if _any(has_point):
                yield _any(pc.match_substring_regex(texts.filter(has_point), _FRACTION))
        if has_odd_signs:
            for name in (*_IDS, *_OTHERS):
                if (texts := columns.get(name)) is not None:
                    yield _any(pc.not_equal(texts, pc.utf8_trim(texts, BLANKS)))
            for texts in _ids(rows):
                # Few ids are beyond ASCII, and to find that out costs next to nothing.
                others = texts.filter(pc.invert(pc.string_is_ascii(texts)))
                yield _any(pc.not_equal(others, pc.utf8_normalize(others, "NFC")))


def whole_in(rows: Any) -> list[str]:
    """The roles of ids that hold whole numbers alone, as far as the first typed rows tell."""
    rows = rows.slice(0, _ROWS_THAT_TELL)
    return [role for name, role in _IDS.items() if _is_whole(rows, name)]


def has_fractions(rows: Any) -> bool:
    """Whether some id ends as a whole number with a fraction does."""
    return any(_any(pc.match_substring_regex(texts, r"\d\.0+$")) for texts in _ids(rows))


def _is_whole(rows: Any, name: str) -> bool:
    if name not in rows.column_names:
        return False
    texts = rows[name]
    if name == "user_id" and "anonymous_id" in rows.column_names:
        # Where nobody is known the anonymous id stands in.
        anonymous = pc.equal(texts, rows["anonymous_id"])
        known = texts.filter(pc.invert(pc.and_kleene(anonymous, pc.is_valid(anonymous))))
        texts = known if len(known) else texts
    texts = texts.drop_null()
    return len(texts) > 0 and bool(pc.all(pc.match_substring_regex(texts, _WHOLE)).as_py())


def _ids(rows: Any) -> Iterator[Any]:
    return (rows[name] for name in _IDS if name in rows.column_names)


def _any(are: Any) -> bool:
    return bool(pc.any(are).as_py())


def spellings_of(word: str) -> set[str]:
    """A word that says nothing as programs write it: `null`, `NULL`, `Null`; `NA` alone."""
    if len(word) == 2 and word.isalpha() and word.isupper():
        return {word}
    return {word, word.lower(), word.upper(), word.capitalize(), word.title()}
