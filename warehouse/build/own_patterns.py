"""Which sessions show the patterns of dwell.toml, as SQL over session_events. Never runs it.

Each step looks back at the nearest event that the step before was reached by, as the metrics do
(warehouse/metrics/sequences.py, which says why that is enough).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from etl.config.own import OwnPattern
from etl.config.settings import Settings
from etl.duck import named, quoted
from etl.errors import ConfigError
from warehouse.patterns import Pattern, pattern_of
from warehouse.step_sql import step_sql

_EARLIER = (
    "(partition by session_id order by event_number rows between unbounded preceding and "
    "1 preceding)"
)


def patterns_of(settings: Settings) -> dict[str, Pattern]:
    """The patterns by name. ConfigError for steps that are none."""
    return {own.name: _read(own) for own in settings.patterns}


def with_patterns(sessions: str, patterns: Mapping[str, Pattern]) -> str:
    """A select of sessions, with a column for each pattern: whether the session shows it."""
    if not patterns:
        return sessions
    columns = ", ".join(
        f"session_id in ({matching_sessions(pattern)}) as {named(name)}"
        for name, pattern in patterns.items()
    )
    return f"select sessions.*, {columns} from ({sessions}) as sessions"  # noqa: S608 - quoted


def matching_sessions(pattern: Pattern) -> str:
    """The sessions whose events fulfil all of the pattern, as a select of session_id."""
    first, *others = pattern.links
    between = {one for link in pattern.links for one in link.without}
    asked = sorted({link.condition for link in pattern.links} | between)
    # What each step hands on: the events, and the number of those that reach it.
    columns = ", ".join(("session_id", "event_number", "event_time", *map(_holds, asked)))
    parts = [
        f"chain_1 as (select {columns}, case when {_holds(first.condition)} then event_number end "  # noqa: S608
        f"as reached from events_asked where {_any_of(asked)})"
    ]
    for number, link in enumerate(others, 2):
        looks = [
            f"max(reached) over {_EARLIER} as last_at",
            f"max(case when reached is not null then event_time end) over {_EARLIER} as last_time",
            *(
                f"max(case when {_holds(one)} then event_number end) over {_EARLIER} as not_{one}"
                for one in link.without
            ),
        ]
        tests = [_holds(link.condition), "last_at is not null"]
        if link.within is not None:
            tests.append(f"epoch_us(event_time) - epoch_us(last_time) <= {link.within}")
        tests += [f"coalesce(not_{one}, 0) <= last_at" for one in link.without]
        parts.append(
            f"chain_{number} as (select {columns}, "  # noqa: S608
            f"case when {' and '.join(tests)} then event_number end as reached "
            f"from (select *, {', '.join(looks)} from chain_{number - 1}))"
        )
    asks = [
        *(f"not bool_or({_holds(one)})" for one in pattern.nowhere),
        *(
            f"coalesce(max(case when {_holds(one)} then event_number end), 0) <= any_value(last_at)"
            for one in pattern.not_after
        ),
    ]
    if pattern.ends:
        asks.append(f"arg_max({_any_of(pattern.ends)}, event_number)")
    return (
        f"with events_asked as (select session_id, event_number, event_time, "  # noqa: S608
        f"{_conditions(pattern)} from session_events), {', '.join(parts)} "
        f"select session_id from (select session_id, max(reached) as last_at "
        f"from chain_{len(parts)} group by session_id having max(reached) is not null) as matched "
        f"inner join events_asked using (session_id) group by session_id "
        f"having {' and '.join(asks) or 'true'}"
    )


def _read(own: OwnPattern) -> Pattern:
    try:
        return pattern_of(own.steps)
    except ConfigError as error:
        msg = f"[patterns.{own.name}]: {error}"
        raise ConfigError(msg) from error


def _conditions(pattern: Pattern) -> str:
    texts = []
    for number, step in enumerate(pattern.conditions):
        params: dict[str, Any] = {}
        text = step_sql(step, "p", params)
        texts.append(f"({_inlined(text, params)}) as is_{number}")
    return ", ".join(texts)


def _holds(number: int) -> str:
    return f"is_{number}"


def _any_of(numbers: Sequence[int]) -> str:
    return f"({' or '.join(map(_holds, numbers))})"


def _inlined(text: str, params: Mapping[str, Any]) -> str:
    """The text with its values in it: a model binds none."""
    return re.sub(r"\$(\w+)", lambda word: _literal(params[word[1]]), text)


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return quoted(value) if isinstance(value, str) else f"{value!r}::double"
