"""What of typed rows is never stored, cut before anything of them is: rows, texts, rejected rows.

Works on columns: each is looked at as a whole first, and few have anything to cut.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import polars as pl
import pyarrow as pa

from etl.config.redact import IDS, NO_RULES, TYPED_TEXTS, Rules
from etl.errors import SourceError
from etl.privacy.id_names import names_of_ids
from etl.privacy.pseudonyms import Pseudonyms
from etl.privacy.texts import MAY_BE_ESCAPED, changed, cutter_of, without_escapes
from etl.privacy.urls import UrlCutter

_TEXTS = (
    *("page", "page_host", "referrer", "campaign", "browser", "os", "session_type"),
    *("experiment_id", "model_group", "query_type"),
)
_LISTS = ("tags", "assets")
# Who is only known by a tracker's session is called so: see typed_rows.sql.
_SESSION = "session:"
_ID_COLUMNS = {"event_id": "given_id"}


class Redactors:
    """What cuts the rows of each source. `pseudonyms`: None where there is no key."""

    def __init__(self, pseudonyms: Pseudonyms | None = None) -> None:
        self._pseudonyms = pseudonyms
        self._made: dict[Rules, Redactor] = {}

    def of(self, rules: Rules) -> "Redactor | None":
        """What cuts by these rules; None where they cut nothing."""
        if rules == NO_RULES:
            return None
        if rules not in self._made:
            self._made[rules] = Redactor(rules, self._pseudonyms)
        return self._made[rules]


class Redactor:
    """Cuts the rows of one source by its rules. `pseudonyms`: None where there is no key.

    cuts   column, or property as `properties.name`, and what was cut → in how many values
    """

    def __init__(self, rules: Rules, pseudonyms: Pseudonyms | None) -> None:
        # Loads that cut nothing begin without it.
        from etl.privacy.properties import PropertyCutter, named

        self.rules = rules
        self.cutter = cutter_of(rules)
        self._pseudonyms = pseudonyms
        kept = rules.urls if isinstance(rules.urls, tuple) else ()
        self._urls = UrlCutter(kept) if rules.urls != "keep" else None
        # Trackers write an id among the properties once more: it is the same there.
        self._actions = names_of_ids(rules.pseudonymise) | rules.actions
        told = rules.texts in ("hash", "length")
        texts = tuple(n for n in TYPED_TEXTS if told and self._actions[n] == rules.texts)
        self._named = f"{named(self._actions)}|{MAY_BE_ESCAPED}" if self._actions else None
        self._properties = PropertyCutter(
            self._actions, pseudonyms.of if pseudonyms else None, texts
        )
        self.cuts: Counter[tuple[str, str]] = Counter()

    def without_patterns(self) -> "Redactor":
        """What cuts by the other rules alone, for texts in which no pattern is found."""
        return Redactor(replace(self.rules, patterns=(), own=()), self._pseudonyms)

    def rows(self, rows: Any) -> Any:
        """Typed rows, an Arrow table as typed_rows.sql yields it, without what is to be cut.

        `record` stays as it is: it is for `rejected`. SourceError where an id is personal and
        there is no key.
        """
        for name in _TEXTS:
            rows = self._replaced(rows, name, self._text)
        for name in _LISTS:
            rows = self._replaced(rows, name, self._list)
        rows = self._replaced(rows, "referrer", self.referrer)
        rows = self._replaced(rows, "properties", self.properties)
        return self._with_ids(rows)

    def _replaced(self, rows: Any, name: str, cut: Callable[[pl.Series], pl.Series]) -> Any:
        """The table with a column cut; the same one where it has none, or nothing to cut."""
        if name not in rows.column_names:
            return rows
        self.cutter.marks.clear()
        self._properties.done.clear()
        before = _series(rows[name])
        after = cut(before)
        if after is before:
            return rows
        for kind, count in self.cutter.marks.items():
            self.cuts[name, kind] += count
        for (key, action), count in self._properties.done.items():
            self.cuts[f"{name}.{key}", action] += count
        return _set(rows, name, after)

    def properties(self, texts: pl.Series) -> pl.Series:
        """Properties as JSON texts, cut by name, as addresses and by what they look like."""
        from etl.privacy.json_texts import as_json

        if self._named:
            texts = changed(texts, texts.str.contains(self._named), self._by_name)
        if self._urls:
            texts = self._counted("properties", texts, self._urls.within(texts))
        return as_json(texts, self.cutter.series(texts), self.cutter)

    def _by_name(self, texts: pl.Series) -> pl.Series:
        cut = self._properties.cut
        return pl.Series([cut(without_escapes(one)) for one in texts], dtype=pl.String)

    def text(self, text: str) -> str:
        """A text that tells something of rows, such as a message, cut by what it looks like."""
        return self.cutter.text(text)

    def message(self, text: str, kept: str) -> str:
        """The same of a text that names a file: its path stays."""
        parts = text.split(kept) if kept else [text]
        return kept.join(map(self.text, parts))

    def texts(self, texts: pl.Series) -> pl.Series:
        """Texts, cut by what they look like; the same ones where nothing is found."""
        return self.cutter.series(texts)

    def action_of(self, name: str) -> str | None:
        """What becomes of a property of that name: drop, hash, length or pseudonym."""
        from etl.privacy.properties import met_by

        return met_by(self._actions, name)

    def may_call(self, name: str) -> bool:
        """Whether ids of a column may become pseudonyms."""
        return name in self.rules.pseudonymise or not self.cutter.is_idle

    @property
    def tells_length(self) -> bool:
        """Whether of what people typed the length is told as `length`."""
        return bool(self._properties.texts)

    def ids(self, name: str, texts: list[str]) -> dict[str, str]:
        """Ids of a column, each once → what stands for them, of those that do not stay. SourceError
        where one is personal and there is no key."""
        return self._pseudonyms_of(name, pl.Series(texts, dtype=pl.String).unique())

    def names(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Several texts, cut."""
        return tuple(map(self.text, texts))

    def unread(self, texts: pl.Series) -> pl.Series:
        """Rows that could not be read, cut as texts. Where an id or a property could stand in one
        that only its name or its column tells, of all words their place alone is left."""
        if self.rules.rejected == "drop":
            return pl.Series([None] * len(texts), dtype=pl.String)
        if self.rules.pseudonymise or self.rules.actions:
            return texts.str.replace_all(r"[\p{L}\p{M}\p{N}]+", "x")
        if self._urls:
            texts = self._urls.within(texts)
        return self.cutter.series(texts)

    def rejected(self, rows: Any, cut: Any) -> pl.Series:
        """The records of rows that were rejected, cut; null where that cannot be done for sure.

        `rows`, `cut`: the rows before and after `rows` did its work.
        """
        records = _series(rows["record"])
        if self.rules.rejected == "drop":
            return pl.Series([None] * len(records), dtype=pl.String)
        for name in IDS:
            column = _ID_COLUMNS.get(name, name)
            if column in rows.column_names:
                before, after = _series(rows[column]), _series(cut[column])
                if not before.equals(after, null_equal=True):
                    records = _without_ids(records, before, after)
        return self.properties(records)

    def _text(self, texts: pl.Series) -> pl.Series:
        return self.cutter.series(texts)

    def referrer(self, texts: pl.Series) -> pl.Series:
        """Addresses that people came from, without what is cut behind them."""
        return self._counted("referrer", texts, self._urls.lone(texts)) if self._urls else texts

    def _counted(self, name: str, before: pl.Series, after: pl.Series) -> pl.Series:
        """What addresses were cut to, counted."""
        if after is not before and (count := (before != after).sum()):
            self.cuts[name, "url"] += int(count)
        return after

    def _list(self, lists: pl.Series) -> pl.Series:
        if self.cutter.is_idle or lists.null_count() == len(lists):
            return lists
        flat = lists.explode(empty_as_null=True)
        cut = self.cutter.series(flat)
        if cut.equals(flat, null_equal=True):
            return lists
        changes = dict(zip(flat.to_list(), cut.to_list(), strict=True))
        items = [one and sorted({changes[text] for text in one}) for one in lists.to_list()]
        return pl.Series(items, dtype=lists.dtype)

    def lone_id(self, name: str, text: str) -> str:
        """One id of a column, as it is stored. SourceError where it is personal without a key."""
        return self._pseudonyms_of(name, pl.Series([text])).get(text, text)

    def _with_ids(self, rows: Any) -> Any:
        names = [one for one in IDS if _ID_COLUMNS.get(one, one) in rows.column_names]
        for name in names:
            column = _ID_COLUMNS.get(name, name)
            if name in self.rules.pseudonymise:
                # Each id once: people come again and again.
                coded = rows[column].combine_chunks().dictionary_encode()
                known = coded.dictionary.to_pylist()
                made = self._pseudonyms_of(name, pl.Series(known, dtype=pl.String))
                self.cuts[name, "pseudonym"] += len(coded) - coded.null_count
                words = pa.array([made[one] for one in known], pa.string())
                texts = pa.DictionaryArray.from_arrays(coded.indices, words).cast(pa.string())
                place = rows.column_names.index(column)
                rows = rows.set_column(place, column, texts)
                continue
            texts = _series(rows[column])
            if made := self._pseudonyms_of(name, self._suspects(name, texts)):
                self.cuts[name, "pseudonym"] += int(texts.is_in(list(made)).sum())
                rows = _set(rows, column, texts.replace(list(made), list(made.values())))
        return rows

    def _suspects(self, name: str, texts: pl.Series) -> pl.Series:
        """The ids that may be personal, each once."""
        are = texts.str.contains(self.cutter.joined) if not self.cutter.is_idle else texts == ""
        if name in ("user_id", "anonymous_id") and "tracker_session_id" in self.rules.pseudonymise:
            are |= texts.str.starts_with(_SESSION)
        return texts.filter(are).unique()

    def _pseudonyms_of(self, name: str, known: pl.Series) -> dict[str, str]:
        """Id → what stands for it, of those that do not stay as they are."""
        people = name in ("user_id", "anonymous_id")
        made: dict[str, str] = {}
        if people and "tracker_session_id" in self.rules.pseudonymise:
            sessions = known.filter(known.str.starts_with(_SESSION)).to_list()
            made = {one: _SESSION + self._of(one.removeprefix(_SESSION)) for one in sessions}
        if name in self.rules.pseudonymise:
            return {one: self._of(one) for one in known.to_list()} | made
        if self.cutter.is_idle:
            return made
        cut = self.cutter.series(known)
        personal = known.filter(known != cut).to_list()
        if personal and self._pseudonyms is None:
            msg = (
                f"{len(personal):,} values of {name} look like {' or '.join(self._kinds(known))}, "
                "which [redact] cuts: cut, they would be one and the same. Give a key, so that "
                "each becomes a pseudonym: set DWELL_PSEUDONYM_KEY, or key_file in [redact] "
                "(docs/privacy.md)."
            )
            raise SourceError(msg)
        return {one: self._of(one) for one in personal if one not in made} | made

    def _kinds(self, texts: pl.Series) -> list[str]:
        return sorted({kind for _, kind, _ in self.cutter.found_in(texts)})

    def _of(self, text: str) -> str:
        if self._pseudonyms is None:
            msg = "a pseudonym was asked for without a key"
            raise AssertionError(msg)
        return self._pseudonyms.of(text)


def _series(column: Any) -> pl.Series:
    return pl.Series(column)


def _set(rows: Any, name: str, texts: pl.Series) -> Any:
    place = rows.column_names.index(name)
    column = texts.to_arrow()
    return rows.set_column(place, name, column.cast(_plain_type(column.type)))


def _plain_type(kind: Any) -> Any:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(pa.string())
    return pa.string()


def _without_ids(records: pl.Series, before: pl.Series, after: pl.Series) -> pl.Series:
    """Records with what stands for their ids; null where an id is not found as it is read."""
    rest = []
    for record, one, other in zip(records, before, after, strict=True):
        if record is None or one is None or one == other:
            rest.append(record)
            continue
        bare = re.escape(one.removeprefix(_SESSION))
        cut, count = re.subn(rf'([:\[,]\s*)("?){bare}\2(\s*[,}}\]])', rf'\1"{other}"\3', record)
        rest.append(cut if count else None)
    return pl.Series(rest, dtype=pl.String)
