"""What a query is put together of besides its files. Never reads data."""

from dataclasses import dataclass
from typing import Literal

from warehouse.condition_sql import dimension_sql, key_sql, keys_sql
from warehouse.dimensions import DIMENSIONS, Dimension
from warehouse.every_dimension import words as dimension_words

# Who an event is of: a user by the small number, or the person that the user's ids lead to.
Identity = Literal["user_id", "person"]
PERSON_OF_EVENT = "coalesce(persons.person_id, session_events.user_id)"
_PERSONS_OF_EVENTS = """
left join persons
    on
        session_events.user_id = persons.known_as
        and session_events.event_time >= persons.valid_from
        and (persons.valid_to is null or session_events.event_time < persons.valid_to)"""
_WHO = {
    "user_id": ("sessions.user_key", ""),
    "person": (PERSON_OF_EVENT, _PERSONS_OF_EVENTS),
}
# A list is ordered by one of two keys, whichever its column is; what is not known stands last.
_BY_KEYS = ", ".join(
    f"case when {way} then {key} end {order} nulls last"
    for key in ("number_key", "text_key")
    for way, order in (("$descending", "desc"), ("not $descending", "asc"))
)
# Words that stand for this unless something else is said: nothing was searched for, and any source
# will do; sessions tell the first and last of their event types; those of a user are found by a
# small number, not a text.
_USUAL_WORDS = {
    "by_keys": _BY_KEYS,
    "is_found": "true",
    "source_holds": "true",
    "first_type": "sessions.event_path[1]",
    "last_type": "sessions.event_path[-1]",
    "user_number": "user_key",
    "of_user": "user_key in (select users.user_key from users where users.user_id = $user_id)",
}
# What stands for them in builds whose sessions, or whose users, lack a column.
OLDER_WORDS = {
    ("user_sessions", "event_path"): dict.fromkeys(("first_type", "last_type"), "null::varchar"),
    ("users", "user_key"): {"user_number": "user_id", "of_user": "user_id = $user_id"},
}


@dataclass(frozen=True)
class Parts:
    """What a query is put together of besides its files.

    condition    on dimensioned_sessions
    dimension    what sessions are broken down by, and what they are crossed with
    own_metrics  further lines of measured_sessions
    lacking      further lines of dimensioned_sessions: columns that an older build does not have
    measure, dimensions  of a query that looks at every dimension
    words        further words of the files, and the SQL that stands for them
    identity     who an event is of
    """

    condition: str
    dimension: Dimension | None = None
    crossed: Dimension | None = None
    own_metrics: str = ""
    lacking: str = ""
    measure: str = "session_count"
    dimensions: tuple[Dimension, ...] = DIMENSIONS
    words: tuple[tuple[str, str], ...] = ()
    identity: Identity = "user_id"

    def composed(self) -> dict[str, str]:
        """What stands for the words of the files."""
        return {
            "$conditions": self.condition,
            "$dimension_value": dimension_sql(self.dimension),
            "$dimension_key": key_sql(self.dimension),
            "$row_keys": keys_sql(self.dimension, "dimension_value"),
            "$crossed_value": dimension_sql(self.crossed),
            "$column_keys": keys_sql(self.crossed, "crossed_value"),
            # What is measured: sessions by one dimension, or by the cells of two.
            "$placed_sessions": "celled_sessions" if self.crossed else "ranked_sessions",
            "$placed_days": "celled_days" if self.crossed else "ranked_days",
            **dimension_words(self.measure, self.dimensions),
            "$own_metrics": self.own_metrics,
            "$lacking": self.lacking,
            **{f"${word}": text for word, text in _USUAL_WORDS.items()},
            "$who": _WHO[self.identity][0],
            "$joined_persons": _WHO[self.identity][1],
            **{f"${word}": text for word, text in self.words},
        }
