"""Columns that fill a role by a name that could mean other things: their values must agree.

Names that mean one thing alone stand with the lake's columns (etl/lake/schema.py) and need no look
at values. What is found here is told with each load.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from etl.formats.field_map import (
    ALIASES,
    TABLE_ALIASES,
    columns_of,
    map_option,
    plain_name,
)
from etl.formats.likely_names import NAMES, USER_ENDINGS
from etl.formats.time_decision import is_of_days
from etl.formats.value_kinds import (
    is_like_times,
    is_of_clocks,
    is_of_links,
    is_of_pages,
    is_of_past_times,
    is_of_times,
    is_of_types,
    is_of_users,
    is_written,
    repeats,
)
from etl.read.first_values import first_values
from etl.read.sample import Sample

# The whole name, so that a user's type and a customer's segment are nobody; a client and a player
# may be programs.
_PERSON = re.compile(
    r".*(?:user|usr|visitor|customer|person|student|employee|buyer|subscriber|patient|learner"
    r"|reporter|assignee|creator|(?:client|member|account|player|actor|author|owner|profile|viewer"
    r"|reader)(?=.))(?:(?:full|display|nick|real|login)?name|id|uid|uuid|guid|key|no|nr|number"
    r"|e?mail|login|hash)?|.*(?:e?mail|login|uid)"
)
_KEY = re.compile(r".*(?:id|key|hash)")
# Of a column that nothing but its values speaks for: its name is at least about a time, and not
# one that is still to come, or that a thing was made or changed or a person was born at.
_OF_A_TIME = re.compile(r"time|date|stamp|moment|when|zeit|datum|fecha|heure|(?:at|ts)$")
_BIRTH = re.compile(r"birth|born|dob$")
_OF_ANOTHER_TIME = re.compile(
    r"birth|dob|born|due|expir|valid|until|updat|modif|chang|delet|deadline|renew|cancel|plan|next"
    r"|end|close|finish|creat|regist|signup|join|insert|load|import|export|ingest|process"
)
# With a page these say that somebody went there; a link alone may be what a row is about. A device
# says so of rows without a key of their own, which rows of a table have.
_OF_VISITS = ("referrer", "user_agent", "tracker_session_id")
_OF_MACHINES = ("device", "browser")
# Pages by name, where they are paths; a file and a link have a path as well.
_PAGE_NAMES = ("page", "pagepath", "pageurl", "currenturl", "pagelocation", "webpage")
# More values than these are an account of them all, not a hint.
_MOST_CANDIDATES = 3
_USERS = frozenset(["user_id", "anonymous_id"])
_SAID_AS = {"user_id": "user", "time": "time", "type": "type", "url": "page"}
PAGE_VIEW = ("type", "'page_view'")

# Role → column, or a constant in quotes.
Taken = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Found:
    """What a file of rows has of what an event needs.

    `columns`: role → the column that fills it. `taken`: those of them that their values, and not
    their names alone, speak for. `candidates`: role → columns that may fill it, best first, where
    none does.
    """

    columns: Mapping[str, str]
    taken: Taken = ()
    candidates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_page_views(self) -> bool:
        """Whether rows without a type are visits to pages."""
        return PAGE_VIEW in self.taken

    @property
    def names_people(self) -> bool:
        """Whether a column was taken for the user, or is at least called so."""
        named = map(plain_name, self.candidates.get("user_id", ()))
        return "user_id" in dict(self.taken) or any(map(_PERSON.fullmatch, named))

    @property
    def is_whole(self) -> bool:
        """Whether there is all that an event needs."""
        return not self.candidates and ("type" in self.columns or self.is_page_views)

    def said(self) -> dict[str, str]:
        """Words of --map → the columns that fill them."""
        columns = {"user_id": self.columns.get("anonymous_id"), **self.columns}
        said = {word: columns.get(role) for role, word in _SAID_AS.items()}
        return {word: column for word, column in said.items() if column}

    def lacks(self) -> dict[str, tuple[str, ...]]:
        """Words of --map that no column fills → the columns that may."""
        return {_SAID_AS[role]: columns for role, columns in self.candidates.items()}

    def line(self) -> str:
        """The --map that is wanted: what was taken, and the best candidates; where nothing is
        missing but certainty, the user."""
        said: dict[str, str] = {}
        for role, column in self.taken:
            word = _SAID_AS[role]
            # Days and a time of day are one time.
            said[word] = f"{said[word]}+{column}" if word in said else column
        said |= {word: next(iter(may_be), "COLUMN") for word, may_be in self.lacks().items()}
        said = said or {"user": self.said()["user"]}
        return map_option({word: said[word] for word in _SAID_AS.values() if word in said})


def notes(taken: Taken) -> tuple[str, ...]:
    """What is to be told of columns whose names alone do not say what they are."""
    told = [
        "each row, without a type, for a page view"
        if (role, column) == PAGE_VIEW
        else f"'{column}' for the {_SAID_AS[role]}"
        for role, column in taken
    ]
    if not told:
        return ()
    return (
        f"takes {' and '.join(told)}, by what the values look like, and so in files of its kind "
        "that come later. If that is wrong, say which columns are right with --map.",
    )


def find_columns(sample: Sample, *, is_table: bool = False) -> Found:
    """The columns of a file of rows, by names that are sure, then by likely ones and by values; or
    as they were taken in earlier files of its kind (`sample.taken`).

    `is_table`: an app table, whose keys of people mean what they are told to mean, so that only its
    time is looked for.
    """
    sure = _sure(sample.columns, is_table=is_table)
    has_user = bool(sure.keys() & _USERS)
    if has_user and "time" in sure and ("type" in sure or is_table):
        return Found(sure)
    values = _Values(sample, {*sure.values()})
    taken = sample.taken
    if taken is None:
        taken = tuple(_taken(sure, values, has_user=has_user, is_table=is_table))
    found = tuple(
        (role, column)
        for role, column in taken
        if column in sample.columns and role not in sure and (role == "time" or not is_table)
    )
    # The first column of a role is the one that counts.
    columns = {**sure, **dict(reversed(found))}
    if PAGE_VIEW in taken and "url" in columns and not is_table:
        found = (*found, PAGE_VIEW)
    candidates = {}
    if not columns.keys() & _USERS:
        candidates["user_id"] = values.of_people()
    if "time" not in columns:
        candidates["time"] = values.of_times()
    return Found(columns, found, candidates)


def _taken(
    sure: Mapping[str, str], values: "_Values", *, has_user: bool, is_table: bool
) -> Iterator[tuple[str, str]]:
    """Role and column that its values speak for; of visits to pages the constant type too."""
    if not has_user and not is_table and (user := values.pick("user_id", is_of_users)):
        yield "user_id", user
    if "time" not in sure and (time := values.pick("time", is_of_past_times, is_table=is_table)):
        yield "time", time
        if clock := values.clock_beside(time):
            yield "time", clock
    if "type" in sure or is_table:
        return
    if type_ := values.pick("type", is_of_types):
        yield "type", type_
        return
    page = sure.get("url") or values.pick("url", is_of_links)
    if page and values.are_visits(page, sure):
        if "url" not in sure:
            yield "url", page
        yield PAGE_VIEW


def may_fill(word: str, sample: Sample) -> tuple[str, ...]:
    """The columns that may be what `user` or `time` of --map is wanted for, best first."""
    values = _Values(sample, set())
    return values.of_people() if word == "user" else values.of_times()


def _sure(columns: Sequence[str], *, is_table: bool) -> dict[str, str]:
    """Role → the column that fills it by a name that means one thing."""
    aliases = {**ALIASES, **TABLE_ALIASES} if is_table else ALIASES
    found = {role: columns_of(role, columns, names) for role, names in aliases.items()}
    return {role: fitting[0] for role, fitting in found.items() if fitting}


class _Values:
    """The first values of a file's columns, and what each column may be by them."""

    def __init__(self, sample: Sample, taken: set[str]) -> None:
        self.sample = sample
        self.taken = taken

    @cached_property
    def of(self) -> Mapping[str, list[str]]:
        """Column → texts of its first rows."""
        return first_values(self.sample)

    def pick(
        self, role: str, fits: Callable[[Sequence[str]], bool], *, is_table: bool = False
    ) -> str | None:
        """The column that fills the role, if one does; it is taken then."""
        named = columns_of(role, self.sample.columns, NAMES[role])
        fitting = [c for c in named if self._is_free(c) and fits(self.of[c])][:1]
        if not fitting and role == "user_id":
            fitting = self._alone(
                c for c in self.of if plain_name(c).endswith(USER_ENDINGS) and fits(self.of[c])
            )
        if not fitting and role == "time" and not is_table:
            fitting = self._alone(c for c in self.of if self._is_the_time(c))
        self.taken.update(fitting)
        return fitting[0] if fitting else None

    def are_visits(self, page: str, sure: Mapping[str, str]) -> bool:
        """Whether each row is a visit to the page that the column holds."""
        if any(role in sure for role in _OF_VISITS):
            return is_of_pages(self.of[page])
        if "id" in map(plain_name, self.sample.columns):
            return False
        machines = [plain_name(sure[role]) for role in _OF_MACHINES if role in sure]
        is_seen = any(name != "platform" for name in machines)
        return (is_seen or plain_name(page) in _PAGE_NAMES) and is_of_links(self.of[page])

    def _is_the_time(self, column: str) -> bool:
        name, values = plain_name(column), self.of[column]
        is_named = _OF_A_TIME.search(name) and not _OF_ANOTHER_TIME.search(name)
        return bool(is_named) and is_written(values) and is_of_past_times(values)

    def clock_beside(self, days: str) -> str | None:
        """The only column of times of day, where the other one holds days alone."""
        if not is_of_days(self.of[days]):
            return None
        clocks = self._alone(c for c in self.of if is_of_clocks(self.of[c]))
        self.taken.update(clocks)
        return clocks[0] if clocks else None

    def of_times(self) -> tuple[str, ...]:
        """Columns that may hold the time, best first: not when something was made or will end."""
        free = [c for c in self.of if self._is_free(c) and not _BIRTH.search(plain_name(c))]
        fitting = [
            c
            for c in free
            if is_like_times(self.of[c])
            or (_OF_A_TIME.search(plain_name(c)) and is_of_times(self.of[c]))
        ]
        fitting.sort(key=lambda column: bool(_OF_ANOTHER_TIME.search(plain_name(column))))
        told = [f"{c}+{clock}" if (clock := self.clock_beside(c)) else c for c in fitting]
        return tuple(told[:_MOST_CANDIDATES])

    def of_people(self) -> tuple[str, ...]:
        """Columns that may name people, best first: by their names, then keys that repeat."""
        fitting = [c for c in self.of if self._is_free(c) and is_of_users(self.of[c])]
        fitting = [c for c in fitting if not is_like_times(self.of[c])]
        named = [c for c in fitting if _PERSON.fullmatch(plain_name(c))]
        keys = [c for c in fitting if _KEY.fullmatch(plain_name(c)) and repeats(self.of[c])]
        return tuple(dict.fromkeys([*named, *keys]))[:_MOST_CANDIDATES]

    def _is_free(self, column: str) -> bool:
        return column not in self.taken

    def _alone(self, columns: Iterable[str]) -> list[str]:
        """The only one of the columns that is free; none of several."""
        free = [column for column in columns if self._is_free(column)]
        return free if len(free) == 1 else []
