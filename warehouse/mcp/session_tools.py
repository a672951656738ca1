"""The tools of single users and sessions: what somebody did, page by page."""

from typing import Annotated, Any

from mcp.types import CallToolResult
from pydantic import Field

from etl.errors import ConfigError
from warehouse import Filters, Warehouse
from warehouse.mcp import arguments as given
from warehouse.mcp.answer import answered
from warehouse.mcp.builds import Builds
from warehouse.mcp.fitting import DEFAULT_ROWS, fitted, of_build, plain
from warehouse.mcp.shapes import SessionAnswer, Timeline
from warehouse.metrics import sessions, users

# Of the pages of a session, on a line of its user.
_PAGES = 12
_USER = (
    *("user_id", "is_anonymous", "is_bot", "pattern", "first_event_time", "last_event_time"),
    *("session_count", "active_day_count", "action_count", "error_count"),
    *("avg_duration_seconds", "device_type"),
)
_SESSION = (
    *("session_id", "start_time", "end_time", "duration_seconds", "engaged_seconds"),
    *("session_type", "device_type", "event_count", "action_count", "error_count"),
    *("exit_reason", "is_open", "is_bounce"),
)
_FACTS = (
    *("user_id", "session_number", "start_time", "end_time", "duration_seconds"),
    *("engaged_seconds", "event_count", "action_count", "page_view_count", "query_count"),
    *("error_count", "device_type", "browser", "os", "entry_page", "exit_page"),
    *("entry_source", "referrer_host", "campaign", "session_type", "experiment_id"),
    *("model_group", "tags", "exit_reason", "sources"),
    *("is_open", "is_bounce", "is_abandoned", "is_suspect", "is_bot"),
)
_TURN = (
    *("prompt_type", "model", "latency_ms", "feedback", "is_error", "is_rephrased"),
    *("prompt_text", "response_text"),
)


class SessionTools:
    """Questions about one user, and about one session."""

    def __init__(self, builds: Builds):
        self._builds = builds

    def get_user_timeline(
        self,
        user_id: Annotated[str, Field(description="The user's id, as run_sql's users has it.")],
        start: given.Day = None,
        end: given.Day = None,
        limit: given.Limit = 20,
        offset: given.Offset = 0,
        build: given.Build = None,
    ) -> Annotated[CallToolResult, Timeline]:
        """Who one user is, over all time, and the user's sessions of a period (left out: all),
        newest first: when, how long in seconds, pages, actions, errors, how it ended. Times are of
        the reporting time zone. get_session tells one of them event by event.
        """
        with self._builds.open(build) as wh:
            first, last = given.days_between(start, end)
            filters = Filters(start=first, end=last, include_bots=True)
            found = users.profile(wh, user_id).to_dicts()
            if not found:
                raise ConfigError(_no_user(wh, user_id))
            page = users.sessions(wh, user_id, filters, limit=limit, offset=offset).to_dicts()
            answer = of_build(wh) | {
                "user": {name: plain(found[0].get(name), wh.time_zone) for name in _USER},
                "start": plain(first),
                "end": plain(last),
            }
            total = _count(wh, user_id, filters)
            if not total:
                answer["note"] = "No session began in the period. Ask without start and end."
            rows = [_line(row, wh.time_zone) for row in page]
            advice = "Or give start and end."
            return answered(fitted(answer, rows, total, offset, "sessions", advice))

    def get_session(
        self,
        session_id: Annotated[str, Field(description="The session's id; an older one finds it.")],
        limit: given.Limit = DEFAULT_ROWS,
        offset: given.Offset = 0,
        show_texts: given.ShowTexts = False,
        build: given.Build = None,
    ) -> Annotated[CallToolResult, SessionAnswer]:
        """One session: its facts, why it began and ended, the pattern it shows, the session before
        and after it, and its events in their order with the turns of an LLM chat among them. Times
        are of the reporting time zone, durations seconds.
        """
        given.refuse_texts(self._builds.settings(), show_texts)
        with self._builds.open(build) as wh:
            known = sessions.resolve(wh, session_id)["session_id"].to_list()
            if not known:
                raise ConfigError(_no_session(wh, session_id))
            (row,) = sessions.one(wh, known[0]).to_dicts()
            answer = of_build(wh) | {
                "session_id": known[0],
                "facts": {name: plain(row.get(name), wh.time_zone) for name in _FACTS},
                **_story(wh, known[0]),
            }
            if known[0] != session_id:
                answer["note"] = "The id is an older one: a late event gave the session another."
            events = _events(wh, known[0], limit, offset)
            if not events and row["event_count"] and not offset:
                answer["note"] = "Its events were pruned; what was counted of them stays."
            if row.get("chat_count"):
                _with_turns(wh, known[0], events, show_texts)
            total = row["event_count"] if events or offset else 0
            return answered(fitted(answer, events, total, offset, "events"))


def _line(row: dict[str, Any], time_zone: str) -> dict[str, Any]:
    # An older build lacks some.
    pages = list(row.get("page_path") or ())
    told = {name: plain(row.get(name), time_zone) for name in _SESSION}
    return told | {"pages": [plain(page) for page in pages[:_PAGES]], "page_count": len(pages)}


def _count(wh: Warehouse, user_id: str, filters: Filters) -> int:
    """The sessions of the user that began in the period."""
    days = users.days(wh, user_id).to_dicts()
    return sum(
        day["session_count"]
        for day in days
        if (filters.start is None or day["date"] >= filters.start)
        and (filters.end is None or day["date"] <= filters.end)
    )


def _story(wh: Warehouse, session_id: str) -> dict[str, Any]:
    """What its page tells of it: how it began and ended, its pattern, and its neighbours."""
    told = sessions.story(wh, session_id).rows()
    by_name = {(kind, fact): value for kind, fact, value in told}
    indicators = [value for kind, fact, value in told if (kind, fact) == ("pattern", "indicator")]
    story: dict[str, Any] = {
        "began": by_name.get(("start", "sentence")),
        "ended": by_name.get(("end", "sentence")),
    }
    if name := by_name.get(("pattern", "name")):
        confidence = by_name[("pattern", "confidence")]
        story["pattern"] = {
            "name": name,
            "confidence": None if confidence is None else float(confidence),
            "indicators": indicators,
        }
    for side in ("previous", "next"):
        if beside := by_name.get(("neighbour", side)):
            story[f"{side}_session"] = beside
    return story


def _events(wh: Warehouse, session_id: str, limit: int, offset: int) -> list[dict[str, Any]]:
    frame = sessions.events(wh, session_id, limit=limit, offset=offset)
    replay = sessions.replay(wh, session_id)
    details = dict(zip(replay["event_number"], replay["detail"], strict=True))
    events = []
    for row in frame.to_dicts():
        event = {
            "number": row["event_number"],
            "time": plain(row["event_time"], wh.time_zone),
            "seconds": row["seconds_since_start"],
            "type": plain(row["event_type"]),
            "page": plain(row["page"]),
        }
        if detail := details.get(row["event_number"]):
            event["detail"] = plain(detail)
        if row["is_error"]:
            event["is_error"] = True
        events.append(event)
    return events


def _with_turns(
    wh: Warehouse, session_id: str, events: list[dict[str, Any]], show_texts: bool
) -> None:
    """Tells each turn beside its response, or, without one, beside its prompt."""
    shown = {event["number"]: event for event in events}
    names = _TURN if show_texts else _TURN[:-2]
    for row in sessions.turns(wh, session_id, show_texts).to_dicts():
        prompt, response = row["prompt_event_number"], row["response_event_number"]
        event = shown.get(prompt if response is None else response)
        if event is not None:
            told = {name: plain(row[name]) for name in names}
            event["turn"] = {"prompt_event": prompt, "response_event": response} | told


def _no_user(wh: Warehouse, user_id: str) -> str:
    if wh.as_of is None:
        return "The warehouse holds no events. Run 'dwell load' with an export."
    joined = users.listing(wh, Filters(include_bots=True), search=user_id, limit=5)
    near = joined["user_id"].to_list()
    if near:
        names = ", ".join(f"'{name}'" for name in near)
        return f"No user '{user_id}' in build {wh.build}. Users with that in their id: {names}."
    known = "select distinct user_id from identities where anonymous_id = $id"
    owners = wh.sql(known, {"id": user_id}).fetchall()
    if owners:
        names = ", ".join(f"'{name}'" for (name,) in owners)
        return f"The anonymous id '{user_id}' belongs to the user {names}. Ask for that one."
    return (
        f"No user '{user_id}' in build {wh.build}. Check the spelling, or look for the id by "
        "run_sql in the table users."
    )


def _no_session(wh: Warehouse, session_id: str) -> str:
    if wh.as_of is None:
        return "The warehouse holds no events. Run 'dwell load' with an export."
    return (
        f"No session '{session_id}' in build {wh.build}. get_user_timeline has the ids of a "
        "user's sessions; so has the column session_id of run_sql's user_sessions."
    )
