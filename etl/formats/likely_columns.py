"""Columns that fill a role by a name that could mean other things: their values must agree.

Names that mean one thing alone stand with the lake's columns (etl/lake/schema.py) and need no look
at values. What is found here is told with each load.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from etl.formats.field_map import ALIASES, TABLE_ALIASES, plain_name
from etl.formats.likely_names import NAMES, USER_ENDINGS
from etl.formats.time_decision import settle
from etl.read.first_values import first_values
from etl.read.sample import Sample

_PERSON = re.compile(
    r"user|usr|visitor|customer|client|member|person|people|account|email|mail|login|player|student"
    r"|learner|owner|author|actor|buyer|subscriber|patient|profile|viewer|reader|employee"
)
_KEY = re.compile(r"(?:id|key|name|no|nr|ip|host|address|hash)$")
_LINK = re.compile(r"/|[a-z][a-z0-9+.-]*://|www\.", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
_FRACTION = re.compile(r"[-+]?\d*[.,]\d*[1-9]\d*(?:[eE][-+]?\d+)?")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_EPOCH = re.compile(r"1\d{9}(?:\d{3}){0,3}(?:\.\d+)?")
# A row of these, with a page, is a visit to it; a link alone may be what a row is about.
_OF_VISITS = ("referrer", "user_agent", "device", "browser", "os", "tracker_session_id")
_LINK_NAMES = ("url", "location", "href", "request")
_LONGEST_TYPE, _MOST_TYPES, _LONGEST_ID = 80, 100, 120
# More values than these are an account of them all, not a hint.
_MOST_CANDIDATES = 3
_USERS = frozenset(["user_id", "anonymous_id"])
_SAID_AS = {"user_id": "user", "time": "time", "type": "type", "url": "page"}


@dataclass(frozen=True)
class Found:
    """What a file of rows has of what an event needs.

    `columns`: role → the column that fills it. `likely`: those of them that their values, and not
    their names alone, speak for. `candidates`: role → columns that may fill it, best first, where
    none does. `is_page_views`: whether rows without a type are visits to pages.
    """

    columns: Mapping[str, str]
    likely: Mapping[str, str] = field(default_factory=dict)
    candidates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_page_views: bool = False

    @property
    def is_of_people(self) -> bool:
        """Whether some column says whose the rows are, or is at least called so."""
        named = map(plain_name, self.candidates.get("user_id", ()))
        return "user_id" not in self.candidates or any(map(_PERSON.search, named))

    @property
    def is_whole(self) -> bool:
        """Whether there is all that an event needs."""
        return not self.candidates and ("type" in self.columns or self.is_page_views)

    def aliases(self) -> dict[str, tuple[str, ...]]:
        """Role → plain names of the columns that fill it."""
        return {
            role: (*names, *((plain_name(self.likely[role]),) if role in self.likely else ()))
            for role, names in ALIASES.items()
        }

    def notes(self) -> tuple[str, ...]:
        """What is to be told of columns whose names alone do not say what they are."""
        told = [f"'{name}' for the {_SAID_AS[role]}" for role, name in self.likely.items()]
        if self.is_page_views:
            told.append("each row, without a type, for a page view")
        if not told:
            return ()
        way = f"To settle that, or to say otherwise: --map {self.line()}."
        return (f"takes {' and '.join(told)}. {way}",)

    def said(self) -> dict[str, str]:
        """Words of --map → the columns that fill them."""
        columns = {"user_id": self.columns.get("anonymous_id"), **self.columns}
        said = {word: columns.get(role) for role, word in _SAID_AS.items()}
        return {word: column for word, column in said.items() if column}

    def lacks(self) -> dict[str, tuple[str, ...]]:
        """Words of --map that no column fills → the columns that may."""
        return {_SAID_AS[role]: columns for role, columns in self.candidates.items()}

    def line(self) -> str:
        """What to write behind --map: the likely columns, and the best candidates."""
        said = {_SAID_AS[role]: name for role, name in self.likely.items()}
        for role, columns in self.candidates.items():
            said[_SAID_AS[role]] = next(iter(columns), "COLUMN")
        if self.is_page_views:
            said["type"] = "'page_view'"
        words = (w for w in ("user", "time", "type", "page") if w in said)
        line = ",".join(f"{word}={said[word]}" for word in words)
        return f'"{line}"' if re.search(r"[^\w=,.:-]", line) else line


def find_columns(sample: Sample, *, is_table: bool = False) -> Found:
    """The columns of a file of rows, by names that are sure, then by likely ones and by values.

    `is_table`: an app table, whose keys of people mean what they are told to mean, so that only its
    time is looked for.
    """
    plain = {plain_name(column): column for column in reversed(sample.columns)}
    sure = _sure(plain, is_table=is_table)
    has_user = bool(sure.keys() & _USERS)
    if has_user and "time" in sure and ("type" in sure or is_table):
        return Found(sure)
    values = _Values(sample, {*sure.values()})
    wanted: dict[str, Callable[[Sequence[str]], bool]] = {}
    if not has_user and not is_table:
        wanted["user_id"] = _is_of_users
    if "time" not in sure:
        wanted["time"] = is_of_times
    if "type" not in sure and not is_table:
        wanted["type"] = _is_of_types
    likely = {
        role: column
        for role, fits in wanted.items()
        if (column := values.pick(role, fits, plain)) is not None
    }
    has_type = is_table or "type" in {**sure, **likely}
    page = None if has_type else sure.get("url") or values.pick("url", _is_of_pages, plain)
    is_page_views = page is not None and values.are_visits(page, sure)
    if page and is_page_views and "url" not in sure:
        likely["url"] = page
    columns = {**sure, **likely}
    candidates = {}
    if not columns.keys() & _USERS:
        candidates["user_id"] = values.of_people()
    if "time" not in columns:
        candidates["time"] = values.of_times()
    return Found(columns, likely, candidates, is_page_views)


def may_fill(word: str, sample: Sample) -> tuple[str, ...]:
    """The columns that may be what `user` or `time` of --map is wanted for, best first."""
    values = _Values(sample, set())
    return values.of_people() if word == "user" else values.of_times()


def _sure(plain: Mapping[str, str], *, is_table: bool) -> dict[str, str]:
    """Role → the column that fills it by a name that means one thing."""
    aliases = {**ALIASES, **TABLE_ALIASES} if is_table else ALIASES
    found = {role: [plain[n] for n in names if n in plain] for role, names in aliases.items()}
    return {role: columns[0] for role, columns in found.items() if columns}


class _Values:
    """The first values of a file's columns, and what each column may be by them."""

    def __init__(self, sample: Sample, taken: set[str]) -> None:
        self.of = first_values(sample)
        self.taken = taken

    def pick(
        self, role: str, fits: Callable[[Sequence[str]], bool], plain: Mapping[str, str]
    ) -> str | None:
        """The column that fills the role, if one does; it is taken then."""
        named = [plain[name] for name in NAMES[role] if name in plain]
        fitting = [c for c in named if self._is_free(c) and fits(self.of[c])][:1]
        if not fitting and role == "user_id":
            fitting = self._alone(
                c for c in self.of if plain_name(c).endswith(USER_ENDINGS) and fits(self.of[c])
            )
        if not fitting and role == "time":
            fitting = self._alone(c for c in self.of if _is_written(self.of[c]))
        self.taken.update(fitting)
        return fitting[0] if fitting else None

    def are_visits(self, page: str, sure: Mapping[str, str]) -> bool:
        """Whether each row is a visit to the page that the column holds."""
        if any(role in sure for role in _OF_VISITS):
            return _is_of_pages(self.of[page])
        links = [_LINK.match(value) is not None for value in self.of[page]]
        return plain_name(page) not in _LINK_NAMES and bool(links) and all(links)

    def of_times(self) -> tuple[str, ...]:
        """Columns that may hold the time, best first."""
        fitting = [c for c in self.of if self._is_free(c) and _is_like_times(self.of[c])]
        return tuple(fitting[:_MOST_CANDIDATES])

    def of_people(self) -> tuple[str, ...]:
        """Columns that may name people, best first: by their names, then keys that repeat."""
        fitting = [c for c in self.of if self._is_free(c) and _is_of_users(self.of[c])]
        fitting = [c for c in fitting if not _is_like_times(self.of[c])]
        named = [c for c in fitting if _PERSON.search(plain_name(c))]
        keys = [c for c in fitting if _KEY.search(plain_name(c)) and _repeats(self.of[c])]
        return tuple(dict.fromkeys([*named, *keys]))[:_MOST_CANDIDATES]

    def _is_free(self, column: str) -> bool:
        return column not in self.taken

    def _alone(self, columns: Iterable[str]) -> list[str]:
        """The only one of the columns that is free; none of several."""
        free = [column for column in columns if self._is_free(column)]
        return free if len(free) == 1 else []


def is_row_of_values(columns: Sequence[str]) -> bool:
    """Whether what was taken for names of columns is a row of values: numbers, times, links."""
    # What comes twice was numbered.
    bare = [re.sub(r"_\d+$", "", column) for column in columns]
    return any(_NUMBER.fullmatch(c) or _LINK.match(c) or _is_written([c]) for c in bare)


def is_of_times(values: Sequence[str]) -> bool:
    """Whether texts are points in time, of any shape."""
    met = settle(values, datetime.now(UTC))
    return met is not None and met.is_sure and not met.is_clock


def _is_like_times(values: Sequence[str]) -> bool:
    """Whether texts are points in time that hardly anything else looks like."""
    return _is_written(values) or (
        bool(values) and all(map(_EPOCH.fullmatch, values)) and is_of_times(values)
    )


def _is_written(values: Sequence[str]) -> bool:
    """Whether texts are times that are written out: a number may be anything."""
    dated = [_YEAR.search(value) for value in values if not _NUMBER.fullmatch(value)]
    return bool(values) and len(dated) == len(values) and all(dated) and is_of_times(values)


def _is_of_users(values: Sequence[str]) -> bool:
    if not values or any(len(value) > _LONGEST_ID for value in values):
        return False
    odd = sum(bool(_LINK.match(v) or _FRACTION.fullmatch(v)) for v in values)
    return 2 * odd < len(values) and not _is_written(values)


def _is_of_types(values: Sequence[str]) -> bool:
    kinds = set(values)
    if not kinds or len(kinds) > _MOST_TYPES or any(len(v) > _LONGEST_TYPE for v in kinds):
        return False
    is_few = len(kinds) <= max(10, len(values) // 2)
    return is_few and not any(_FRACTION.fullmatch(v) for v in kinds) and not _is_like_times(values)


def _is_of_pages(values: Sequence[str]) -> bool:
    numbers = sum(_NUMBER.fullmatch(value) is not None for value in values)
    return bool(values) and 2 * numbers < len(values) and not _is_like_times(values)


def _repeats(values: Sequence[str]) -> bool:
    return 1 < len(set(values)) < len(values)
