"""The sessions or users that a metric counts, as far as conditions can say it.

Never computes a metric: where conditions cannot say it, these are the sessions it is made of.
"""

from __future__ import annotations

from collections.abc import Callable

from pages.ui import drill
from pages.ui.address import Choice
from pages.ui.ask import current_warehouse


def address(metric: str, choice: Choice) -> str:
    """Where the value of a metric leads."""
    page = drill.USERS if metric in ("user_count", "new_user_count") else drill.SESSIONS
    if metric in _FLAGS:
        return drill.to(page, drill.only(choice, _FLAGS[metric], "true"))
    narrow = _NARROWED.get(metric)
    return drill.to(page, narrow(choice) if narrow else choice)


def flag(metric: str) -> str | None:
    """The dimension that says of a session whether the metric counts it; None where none does."""
    return _FLAGS.get(metric)


def words(metric: str) -> str:
    """What stands there, for those who cannot see where a link leads."""
    named = {
        "user_count": "users",
        "new_user_count": "new users",
        "bounce_rate": "bounces",
        "abandonment_rate": "abandoned sessions",
        "error_rate": "sessions with an error",
        "one_event_session_rate": "sessions with one event",
    }
    return f"Show the {named.get(metric, 'sessions')}"


def bounces(choice: Choice, preset: str = "dwell") -> Choice:
    """The finished sessions that are bounces by one of the definitions of bounce_presets."""
    return _finished(_BOUNCES[preset](choice))


def _own_bounces(choice: Choice) -> Choice:
    wh = current_warehouse()
    shortest = wh.setting("bounce_duration").total_seconds()
    choice = drill.narrowed(choice, "duration_seconds", [f"!= >= {shortest:g}"])
    return drill.within(choice, "action_count", None, wh.setting("bounce_actions"))


def _one_action(choice: Choice) -> Choice:
    return drill.within(choice, "action_count", None, 1)


def _one_page_view(choice: Choice) -> Choice:
    return drill.within(choice, "page_view_count", 0, 1)


def _finished(choice: Choice) -> Choice:
    """Without those that may still go on: they have no end yet, and are in no rate."""
    return drill.without(choice, "exit_reason", None)


_BOUNCES: dict[str, Callable[[Choice], Choice]] = {
    "dwell": _own_bounces,
    "ga4": lambda choice: drill.within(
        drill.within(choice, "duration_seconds", None, 10), "page_view_count", None, 1
    ),
    "plausible": _one_action,
    "matomo": lambda choice: _one_action(_one_page_view(choice)),
    "posthog": lambda choice: drill.narrowed(
        _one_action(_one_page_view(choice)), "duration_seconds", ["!= >= 10"]
    ),
}
_FLAGS = {"new_user_count": "is_new_user", "abandonment_rate": "is_abandoned"}
_NARROWED: dict[str, Callable[[Choice], Choice]] = {
    "bounce_rate": bounces,
    "error_rate": lambda choice: _finished(drill.within(choice, "error_count", 0, None)),
    "one_event_session_rate": lambda choice: _finished(drill.within(choice, "event_count", 0, 1)),
}
