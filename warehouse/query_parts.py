"""What a query is put together of besides its files. Never reads data."""

from dataclasses import dataclass
from typing import Literal

from warehouse.condition_sql import dimension_sql, key_sql, keys_sql
from warehouse.dimensions import DIMENSIONS, Dimension
from warehouse.every_dimension import words

# Who an event is of: a user by the small number, or the person that the user's ids lead to.
Identity = Literal["user_id", "person"]
_PERSONS_OF_EVENTS = """
left join persons
    on
        session_events.user_id = persons.known_as
        and session_events.event_time >= persons.valid_from
        and (persons.valid_to is null or session_events.event_time < persons.valid_to)"""
_WHO = {
    "user_id": ("scoped_sessions.user_key", ""),
    "person": ("coalesce(persons.person_id, session_events.user_id)", _PERSONS_OF_EVENTS),
}


@dataclass(frozen=True)
class Parts:
    """What a query is put together of besides its files.

    condition    on dimensioned_sessions
    dimension    what sessions are broken down by, and what they are crossed with
    own_metrics  further lines of measured_sessions
    lacking      further lines of dimensioned_sessions: columns that an older build does not have
    measure, dimensions  of a query that looks at every dimension
    steps        what an event is asked, by the name of each step
    identity     who an event is of
    """

    condition: str
    dimension: Dimension | None = None
    crossed: Dimension | None = None
    own_metrics: str = ""
    lacking: str = ""
    measure: str = "session_count"
    dimensions: tuple[Dimension, ...] = DIMENSIONS
    steps: tuple[tuple[str, str], ...] = ()
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
            **words(self.measure, self.dimensions),
            "$own_metrics": self.own_metrics,
            "$lacking": self.lacking,
            "$who": _WHO[self.identity][0],
            "$joined_persons": _WHO[self.identity][1],
            # Who enters a cohort and is back: by the days of sessions, or by events where they
            # are asked for steps.
            "$entries": "event_entries" if self.steps else "day_entries",
            "$returns": "event_returns" if self.steps else "day_returns",
            "$members": "event_members" if self.steps else "day_members",
            **{"$start_holds": "true", "$back_holds": "true"},
            **{f"${name}_holds": condition for name, condition in self.steps},
        }
