"""A funnel as it is asked for: its steps, and what may lie between them. Never reads data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args

from etl.config.durations import LIMIT, LONGEST, parse_duration
from etl.errors import ConfigError, refuse_unknown
from warehouse.links import Link
from warehouse.query_parts import Identity
from warehouse.step_sql import holding_sql
from warehouse.steps import Step, step_of

Scope = Literal["user", "session"]
Order = Literal["sequential", "strict", "any"]
# As people write it, such as "7 d"; a number is seconds.
Duration = timedelta | str | float | None
FEWEST, MOST = 1, 20
# Of one number an event has a bit for each.
_MOST_CONDITIONS = 60
_PLACE = "row_number() over (partition by unit order by event_time, type_rank, event_id, source)"
USUAL_WINDOW = timedelta(days=14)


@dataclass(frozen=True)
class Funnel:
    """A funnel, checked.

    steps        in the order in which they are told
    scope        whether one user, or one session, goes through it
    order        sequential: others may lie between; strict: no event of any type may; any: the
                 steps come as they like
    window       from the first event of the steps to each other; None: the whole session
    step_window  from one step to the next
    exclude      events that may not lie between two steps
    identity     who a user is
    """

    steps: tuple[Step, ...]
    scope: Scope
    order: Order
    window: timedelta | None
    step_window: timedelta | None
    exclude: tuple[Step, ...]
    identity: Identity

    @property
    def conditions(self) -> tuple[Step, ...]:
        """Each different step and exclusion once: what an event is asked."""
        return tuple(dict.fromkeys((*self.steps, *self.exclude)))

    @property
    def wanted(self) -> list[int]:
        """The numbers of the steps among the conditions."""
        return [self.conditions.index(step) for step in self.steps]

    @property
    def refused(self) -> tuple[int, ...]:
        """The numbers of what is excluded."""
        return tuple(self.conditions.index(step) for step in self.exclude)

    @property
    def links(self) -> list[Link]:
        """The steps as a chain."""
        within = None if self.step_window is None else microseconds(self.step_window)
        is_next = self.order == "strict"
        return [Link(number, within, self.refused, is_next) for number in self.wanted]

    @property
    def words(self) -> dict[str, str]:
        """What stands for the words of the query of its events."""
        return {
            "unit": "who" if self.scope == "user" else "session_place",
            "place": _PLACE if self.order == "strict" else "0::bigint",
        }

    @property
    def sql_parts(self) -> dict[str, Any]:
        """What the text of that query is put together of, as query.sql_of takes it."""
        words = {
            "holding": holding_sql(self.conditions, {}),
            "events": "known_events",
            **{"shares_moments": "false", "moment": "event_time", "at_moments": "true"},
            **self.words,
        }
        return {"words": tuple(words.items()), "identity": self.identity}

    @property
    def window_us(self) -> int | None:
        """The window in microseconds."""
        return None if self.window is None else microseconds(self.window)


def funnel_of(
    steps: Sequence[str | Step],
    scope: Scope = "user",
    order: Order = "sequential",
    window: Duration = None,
    step_window: Duration = None,
    exclude: Sequence[str | Step] = (),
    identity: Identity = "user_id",
) -> Funnel:
    """The funnel of these choices. ConfigError, with the valid ones, where it is none."""
    refuse_unknown("scope", scope, get_args(Scope))
    refuse_unknown("order", order, get_args(Order))
    refuse_unknown("identity", identity, get_args(Identity))
    given = _several(steps, "steps")
    if not FEWEST <= len(given) <= MOST:
        msg = f"A funnel of {len(given)} steps. Wanted: {FEWEST} to {MOST}, such as ['signup']."
        raise ConfigError(msg)
    if order == "any" and step_window is not None:
        msg = (
            "step_window is from one step to the next, and in any order there is no next. "
            "Leave it out, or give a window."
        )
        raise ConfigError(msg)
    excluded = _several(exclude, "exclude")
    if len(given) + len(excluded) > _MOST_CONDITIONS:
        msg = (
            f"{len(given)} steps and {len(excluded)} exclusions are asked for. Wanted: at most "
            f"{_MOST_CONDITIONS} together."
        )
        raise ConfigError(msg)
    usual = USUAL_WINDOW if scope == "user" else None
    return Funnel(
        steps=tuple(map(step_of, given)),
        scope=scope,
        order=order,
        window=usual if window is None else _duration("window", window),
        step_window=None if step_window is None else _duration("step_window", step_window),
        exclude=tuple(map(_excluded, excluded)),
        identity=identity,
    )


def microseconds(duration: timedelta) -> int:
    """A duration as events' times are compared."""
    return duration // timedelta(microseconds=1)


def _several(given: Any, what: str) -> list[Any]:
    if isinstance(given, str | Step) or not isinstance(given, Sequence):
        msg = f"{what} is {given!r}. Wanted a list, such as ['signup', 'page_view:/pricing']."
        raise ConfigError(msg)
    return list(given)


def _excluded(given: str | Step) -> Step:
    """What is excluded lies between: "without", as patterns say it, is understood."""
    if isinstance(given, str) and given.strip().startswith("without "):
        given = given.strip().removeprefix("without ")
    return step_of(given)


def _duration(what: str, given: Duration) -> timedelta:
    if isinstance(given, timedelta):
        if timedelta(0) < given <= LONGEST:
            return given
    else:
        try:
            return parse_duration(given)
        except ValueError:
            pass
    msg = f"{what} is {given!r}, which is no duration {LIMIT}. Write for example {what}='7 d'."
    raise ConfigError(msg)
