"""Whose events a look at single events reads: words of the queries that do. Never reads data."""

# The events of the sessions that the filters take.
OF_SESSIONS = {"events": "known_events", "day": "start_date", "until_date": "$last_date::date"}
# All events of the days on which such sessions may have some: nothing is asked of sessions.
OF_DAYS = {
    "events": "placed_events",
    "day": "event_date",
    "until_date": (
        "(select max(end_date) from user_sessions where start_date <= $last_date::date "
        "and ($first_date::date is null or start_date >= $first_date::date))"
    ),
}
# Of none, for a question that holds nothing.
NOTHING = {**OF_SESSIONS, "events": "(from known_events limit 0)"}
