"""Questions about single sessions and users, answered as plain Python values. Computes nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from etl.errors import ConfigError
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import active, sessions, users, workflows

Row = dict[str, Any]

# What each answer tells, in this order: its key, and the metric's column where that has another
# name.
_ACTIVE = {
    **dict.fromkeys(("session_id", "user_id", "start_time")),
    "last_activity_time": "end_time",
    **dict.fromkeys(("idle_seconds", "duration_seconds", "is_live")),
    **dict.fromkeys(("event_count", "action_count", "error_count")),
    "current_page": "exit_page",
    **dict.fromkeys(("device_type", "model_group", "session_number")),
}
_DURATION = {
    **dict.fromkeys(("session_id", "user_id", "start_time", "end_time")),
    **dict.fromkeys(("duration_seconds", "engaged_seconds", "event_count")),
    **dict.fromkeys(("is_open", "is_suspect")),
}
_BOUNCE = dict.fromkeys(
    (
        *("session_id", "user_id", "start_time", "duration_seconds", "action_count"),
        *("entry_page", "exit_page", "entry_source", "device_type", "exit_reason"),
    )
)
_WORKFLOW = dict.fromkeys(
    (
        *("workflow_id", "workflow_name", "user_id", "session_id"),
        *("start_time", "last_step", "stuck_seconds"),
    )
)
_PATTERN = {
    "pattern": None,
    "session_count": "pattern_session_count",
    "avg_duration_seconds": "pattern_avg_duration_seconds",
    "avg_actions": "pattern_avg_actions",
    "newest_session_errors": None,
}


class SessionAnalyzer:
    """What is asked of the sessions of one warehouse, told as dicts and lists for JSON.

    Times are ISO texts in the reporting time zone, durations seconds as floats, with all their
    days. What is not known is None. Bots are left out unless the filters take them; of a session or
    user that is named by its id everything is told.
    """

    def __init__(self, wh: Warehouse):
        self._wh = wh

    def get_active_sessions(
        self, minutes: float | None = None, filters: Filters | None = None
    ) -> list[Row]:
        """Sessions that are open as of the newest event, last activity first.

        What counts is when somebody was last seen, not when the session began: who has been there
        for three hours is there. `minutes` takes those seen within so many minutes before as-of,
        that very moment included; without it, all that the timeout has not closed. Keys:
        session_id, user_id, start_time, last_activity_time, idle_seconds (from there to as-of),
        duration_seconds (start to last activity), is_live (seen within the live window),
        event_count, action_count, error_count, current_page, device_type, model_group,
        session_number. The period of the filters is not looked at. An empty list when nobody is in
        a session. ConfigError for minutes that are not over 0.
        """
        if minutes is not None and not minutes > 0:
            msg = f"Active within {minutes} minutes. Give a number over 0, or none for all."
            raise ConfigError(msg)
        rows = active.sessions(self._wh, filters or Filters()).to_dicts()
        if minutes is not None:
            rows = [row for row in rows if row["idle_seconds"] <= minutes * 60]
        return self._told(rows, _ACTIVE)

    def calculate_session_duration(self, session_id: str) -> Row:
        """How long one session was, from its first event to its last; of an open one, so far.

        Keys: session_id (as it is now: a late event may have given the session another),
        user_id, start_time, end_time, duration_seconds (0.0 for one event), engaged_seconds,
        event_count, is_open, is_suspect (over 24 h: told here, left out of averages). Of an
        unknown session all but the id are None, and `message` says what to do.
        """
        found = sessions.resolve(self._wh, session_id)["session_id"].to_list()
        rows = sessions.one(self._wh, found[0]).to_dicts() if found else []
        if rows:
            return self._told(rows, _DURATION)[0]
        unknown = {**dict.fromkeys(_DURATION), "session_id": session_id}
        return unknown | {"message": self._unknown("session", session_id)}

    def identify_bounce_sessions(
        self, user_id: str | None = None, filters: Filters | None = None
    ) -> list[Row]:
        """Sessions that bounced, newest first: closed, under 30 s, at most one action.

        Both bounds are settings (bounce_duration, bounce_actions). Of one user, and of those that
        the filters take; without either of all time. Keys: session_id, user_id, start_time,
        duration_seconds, action_count, entry_page, exit_page, entry_source, device_type,
        exit_reason. An empty list when none bounced, or the user is unknown. Their share of all
        closed sessions is the metric bounce_rate.
        """
        if user_id is not None:
            rows = users.sessions(self._wh, user_id, filters).to_dicts()
        else:
            frame = sessions.filtered(self._wh, filters or Filters())
            wanted = frame.select("is_bounce", *_BOUNCE)
            rows = wanted.filter(wanted["is_bounce"]).to_dicts()
        bounced = [row for row in rows if row["is_bounce"]]
        # As lists of sessions are ordered everywhere: newest first, equal times by id.
        bounced.sort(key=lambda row: row["session_id"])
        bounced.sort(key=lambda row: row["start_time"], reverse=True)
        return self._told(bounced, _BOUNCE)

    def get_user_session_pattern(self, user_id: str) -> Row:
        """How one user's newest closed sessions look together: 20 of them (pattern_sessions).

        Keys: user_id, pattern (the first that holds: new_user, power_user, quick_checker,
        struggling_user, regular_user), and what it was read from: session_count,
        avg_duration_seconds (suspects left out), avg_actions, newest_session_errors, each None
        without a closed session. An unknown user is a new_user with 0 sessions, and `message` says
        what to do.
        """
        rows = users.profile(self._wh, user_id).to_dicts()
        if rows:
            return {"user_id": user_id, **self._told(rows, _PATTERN)[0]}
        unknown = {**dict.fromkeys(_PATTERN), "pattern": "new_user", "session_count": 0}
        return {"user_id": user_id, **unknown, "message": self._unknown("user", user_id)}

    def find_abandoned_workflows(
        self,
        session_id: str | None = None,
        user_id: str | None = None,
        filters: Filters | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """Runs of workflows that were not completed when their session closed, newest first.

        Of one session, of one user, of the sessions that the filters take, or of all; the newest
        `limit`. Keys: workflow_id, workflow_name, user_id, session_id (where it was started),
        start_time, last_step (None: none told), stuck_seconds (from the run's last event to the end
        of that session). A run of an open session is not abandoned yet. An empty list when nothing
        was, or the session or user is unknown.
        """
        is_named = session_id is not None or user_id is not None
        chosen = filters or (None if is_named else Filters())
        frame = workflows.abandoned(
            self._wh, session_id=session_id, user_id=user_id, filters=chosen, limit=limit
        )
        return self._told(frame.to_dicts(), _WORKFLOW)

    def _told(self, rows: Iterable[Row], keys: dict[str, str | None]) -> list[Row]:
        return [
            {key: self._plain(row[column or key]) for key, column in keys.items()} for row in rows
        ]

    def _plain(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        return value.replace(tzinfo=UTC).astimezone(ZoneInfo(self._wh.time_zone)).isoformat()

    def _unknown(self, what: str, name: str) -> str:
        if self._wh.as_of is None:
            return "The warehouse holds no events. Run 'dwell load' with an export."
        return (
            f"No {what} '{name}' in build {self._wh.build}. Check the spelling, or load the export "
            "that tells of it."
        )
