"""The cases at the edge of each metric, in words: what counts and what does not. Pure."""

from __future__ import annotations

from collections.abc import Mapping

Case = tuple[str, str]
# By metric: what happens, and what comes of it. Words in braces are settings.
CASES: Mapping[str, tuple[Case, ...]] = {
    "session_count": (
        ("Silent for exactly {timeout}", "the same session"),
        ("Silent for {timeout} and one microsecond", "a new session"),
        ("Active through midnight", "one session, of the day it began on"),
        ("An event right after one of {ends}", "a new session"),
        ("Two events of a tracker's session, hours apart", "the same session"),
    ),
    "user_count": (
        ("Came on two days", "one user of the period, one on each of the days"),
        ("Session from 23:50 to 00:10", "a user of both days"),
        ("Known id and anonymous id in one event", "the known one"),
    ),
    "new_user_count": (
        ("First session ever, in the period", "new"),
        ("Back after two years", "not new"),
        ("First events were pruned", "not new"),
    ),
    "median_duration_seconds": (
        ("Sessions of 10 s, 20 s and 90 s", "20 s"),
        ("Sessions of 10 s and 20 s", "15 s, halfway between the two"),
        ("One event", "counts as 0 s"),
        ("Longer than {suspect_after}", "left out"),
    ),
    "avg_duration_seconds": (
        ("One event", "counts as 0 s"),
        ("Exactly {suspect_after}", "counts"),
        ("Longer than {suspect_after}", "left out"),
        ("Still open", "counts as long as it has lasted so far"),
    ),
    "avg_duration_seconds_multi": (
        ("One event", "left out"),
        ("Two events at the same time", "counts as 0 s"),
    ),
    "p90_duration_seconds": (
        ("Sessions of 0 s, 10 s, … 100 s", "90 s"),
        ("Between two sessions", "interpolated"),
    ),
    "avg_engaged_seconds": (
        ("A pause of exactly {idle_timeout}", "counts in full"),
        ("A longer pause", "counts as {idle_timeout}"),
        ("A pause after one of {idle_events}", "counts nothing"),
    ),
    "actions_per_session": (
        ("A page view, two clicks", "3 actions"),
        ("A heartbeat, a scroll, a login", "no action"),
    ),
    "bounce_rate": (
        ("Finished, just under {bounce_duration}, {bounce_actions} action(s)", "a bounce"),
        ("Exactly {bounce_duration}", "no bounce"),
        ("Shorter, with more than {bounce_actions} action(s)", "no bounce"),
        ("Still open", "neither: left out"),
    ),
    "abandonment_rate": (
        ("Ended in silence with fewer than {abandoned_queries} queries", "abandoned"),
        ("Ended in silence with {abandoned_queries} queries", "not abandoned"),
        ("Logged out without a query", "not abandoned"),
        ("A stream that never has queries", "left out"),
    ),
    "error_rate": (("One error, or ten", "counts once"), ("Still open", "left out")),
    "one_event_session_rate": (
        ("Two events at the same time", "not one of these"),
        ("Still open", "left out"),
    ),
    "closed_session_count": (
        ("Last event exactly {timeout} before the newest of the data", "still open"),
        ("One microsecond earlier", "finished"),
        ("Last event is one of {ends}", "finished at once"),
    ),
    "open_session_count": (
        ("Last event exactly {timeout} before the newest of the data", "open"),
        ("Last event is one of {ends}", "not open"),
    ),
    "suspect_session_count": (
        ("Exactly {suspect_after}", "not suspect"),
        ("{suspect_after} and one microsecond", "suspect"),
    ),
    "live_user_count": (
        ("Last event exactly {live_window} before the newest of the data", "active now"),
        ("Logged out a minute ago", "not active"),
    ),
    "live_session_count": (("One user in app and tracker at once", "two sessions"),),
}


def cases_of(name: str, settings: Mapping[str, str]) -> list[Case]:
    """The cases of a metric under the settings, given as text; none where nothing is at an edge."""
    return [
        (what.format_map(settings), outcome.format_map(settings))
        for what, outcome in CASES.get(name, ())
    ]
