"""A home with a scope of rows. What lies beyond it says so in each of its texts: `offside`."""

from __future__ import annotations

from pathlib import Path

from tests.make import build_home, load_files, write_ndjson

SECRET = "offside"
CONFIG = """
[dimensions.plan]
property = "plan"
[dimensions.rights]
property = "right"
take = "any"
[measures.price]
property = "price"
take = "sum"
[access.team_a]
where = { source = ["web"] }
"""


def _web(
    user: str | None, time: str, event: str = "page_view", **more: object
) -> dict[str, object]:
    ids = {"user_id": user} if user else {"anonymous_id": "passer-by"}
    return {
        **ids,
        "time": f"2026-03-{time}:00Z",
        "event": event,
        "page": "/docs",
        "browser": "Firefox",
        "plan": "free",
        "price": 1,
        **more,
    }


def _app(user: str, time: str, event: str = "offside_click", **more: object) -> dict[str, object]:
    return {
        "user_id": user,
        "anonymous_id": f"{SECRET}-device",
        "time": f"2026-03-{time}:00Z",
        "event": event,
        "page": "https://offside.example/offside-page",
        "referrer": "https://offside.example/from",
        "campaign": f"{SECRET}-campaign",
        "browser": f"{SECRET}-browser",
        "os": f"{SECRET}-os",
        "plan": f"{SECRET}-plan",
        "right": f"{SECRET}-right",
        "tags": [f"{SECRET}-tag"],
        "assets": [f"{SECRET}-asset"],
        "query_type": f"{SECRET}-kind",
        "text": f"{SECRET} words",
        "model_group": f"{SECRET}-model",
        "experiment_id": f"{SECRET}-test",
        "session_type": f"{SECRET}-type",
        "workflow_id": f"{SECRET}-run",
        "workflow_name": f"{SECRET}-flow",
        "chat_id": f"{SECRET}-chat",
        "price": 4711,
        **more,
    }


WEB = [
    *(_web("ann", time) for time in ("02 09:00", "02 09:05", "05 09:00")),
    _web("ann", "05 09:01", "search", query_type="site", tags=["open"]),
    # With events in the app too, before, between and behind these.
    *(_web("bob", time) for time in ("02 10:05", "02 10:10")),
    _web("bob", "02 10:12", "prompt", chat_id="open-chat", text="open words"),
    _web("bob", "02 10:13", "model_response", chat_id="open-chat"),
    *(_web("eve", time) for time in ("06 08:00", "06 08:01")),
    # Past midnight, when the app comes in.
    _web("fay", "03 23:50"),
    _web(None, "04 12:00"),
]
APP = [
    _app("bob", "02 10:00", "page_view"),
    _app("bob", "02 10:07", "prompt"),
    _app("bob", "02 10:08", "model_response"),
    _app("bob", "02 10:15", "workflow_start"),
    _app("bob", "02 10:20", "workflow_complete"),
    _app("offside-cid", "02 11:00"),
    _app("offside-cid", "03 11:00", "search"),
    # The first of this user's sessions is beyond the scope.
    _app("eve", "01 08:00"),
    _app("fay", "04 00:05"),
    _app("offside-dan", "07 09:00"),
]


def make_scoped_home(folder: Path) -> Path:
    """Makes the home, loaded and built, with its copy for the scope."""
    home = folder / "home"
    home.mkdir(parents=True)
    (home / "dwell.toml").write_text(CONFIG, encoding="utf-8")
    for source, rows in (("web", WEB), ("offside-app", APP)):
        load_files(home, write_ndjson(folder / f"{source}.ndjson", rows), source=source)
    build_home(home)
    return home
