"""Small files after reports of people who do this work: what is right stands beside each."""

import json
from pathlib import Path

import pytest

import warehouse
from tests.make import lake_events, load_files, settings_of
from warehouse.build import build

FIELD = Path(__file__).parents[4] / "shared" / "data" / "field"
# Case: (rows loaded, users, event types), and what the lake must not hold.
LOADED: dict[str, tuple[str, int, int, set[str], tuple[str, ...]]] = {
    "15-log-through-syslog": ("access.log", 4, 2, {"page_view"}, ("198.51.100", "web1")),
    "16-log-two-hosts-before": ("access.log", 4, 2, {"page_view"}, ("198.51.100", "web1")),
    "17-log-extra-dash": ("access.log", 2, 2, {"page_view"}, ("198.51.100",)),
    "27-folder-part-files": ("export", 5, 5, {"page_view", "x"}, ()),
    "34-sep-line": ("events.csv", 3, 1, {"page_view"}, ()),
    "35-events-in-a-wrapper": ("events.json", 3, 1, {"page_view"}, ()),
    "37-no-type-column": ("visits.csv", 4, 2, {"page_view"}, ()),
    "38-date-first-in-the-name": (".", 4, 3, {"order_created"}, ()),
    "39-username-beside-session": (
        "tracking.log", 6, 2,
        {"play_video", "pause_video", "problem_check", "book", "enrollment_activated"}, (),
    ),
    "40-web-log-as-csv": (
        "web_logs.csv", 4, 2, {"page_view", "error", "asset_request", "form_submit"}, ("203.0",)
    ),
    "43-quoted-w3c": ("u_ex261120.log", 2, 1, {"page_view"}, ("203.0.113",)),
    "44-cookie-in-w3c": (
        "access.log", 2, 1, {"page_view"}, ("203.0.113", "host5.home", "madeupsecret1")
    ),
    "45-load-balancer-log": ("alb.log", 3, 2, {"page_view", "form_submit"}, ("203.0.113",)),
    "46-slack-folder": (".", 4, 2, {"message"}, ()),
    "48-chatgpt-export": ("conversations.json", 8, 1, {"prompt", "model_response"}, ()),
    "49-names-of-user-and-time": ("logins.csv", 3, 2, {"open", "save"}, ()),
    "50-thin-history": ("ratings.csv", 3000, 40, {"rate"}, ()),
}  # fmt: skip


def case(name: str) -> Path:
    """The folder of a case; the test is skipped where it is not there."""
    folder = FIELD / name
    if not folder.is_dir():
        pytest.skip(f"no {name} beside the project")
    return folder


@pytest.mark.parametrize(
    ("name", "file", "rows", "users", "types", "gone"),
    [(name, *wanted) for name, wanted in LOADED.items()],
    ids=LOADED,
)
def test_a_file_of_the_field_is_read_as_it_means(
    tmp_path: Path,
    name: str,
    file: str,
    rows: int,
    users: int,
    types: set[str],
    gone: tuple[str, ...],
) -> None:
    request = {"map": {"user": "'me'"}} if name.endswith("chatgpt-export") else {}
    outcomes = load_files(tmp_path / "home", case(name) / file, **request)
    assert [o.message for o in outcomes if o.status == "failed"] == []
    events = lake_events(tmp_path / "home")
    assert (len(events), len({e["user_id"] for e in events})) == (rows, users)
    assert {e["event_type"] for e in events} == types
    held = json.dumps(events, default=str)
    assert [word for word in gone if word in held] == []
    if name.endswith("slack-folder"):
        assert {e["properties"]["channel"] for e in events} == {"general", "help"}


def test_a_pointer_of_the_field_is_called_one(tmp_path: Path) -> None:
    (outcome,) = load_files(tmp_path / "home", case("47-lfs-pointer") / "events.json")
    assert "pointer of Git LFS" in str(outcome.message)


# Case: file, rows loaded, how each warning begins: nothing can be put right here, only told.
TOLD = {
    "04-event-id-is-a-type-code": (
        "logons.csv", 1, ["'EventID' has 1 value in 4 rows that differ in user or time:"],
    ),
    "36-excel-scientific": (
        "events.csv", 3,
        [
            "'timestamp' holds numbers such as '1.77314E+12', whose last digits a spreadsheet cut:",
            "users are called such as '1.23457E+17': a spreadsheet cut the digits of their ids",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "file", "rows", "begins"), [(name, *told) for name, told in TOLD.items()], ids=TOLD
)
def test_what_a_file_of_the_field_has_lost_is_told(
    tmp_path: Path, name: str, file: str, rows: int, begins: list[str]
) -> None:
    (outcome,) = load_files(tmp_path / "home", case(name) / file)
    assert outcome.rows_loaded == rows
    warnings = outcome.warnings
    assert [text[: len(begin)] for text, begin in zip(warnings, begins, strict=True)] == begins


def test_ready_sessions_of_the_field_whose_id_says_nothing_stay_apart(tmp_path: Path) -> None:
    file = case("06-ready-sessions-id-null") / "user_sessions.csv"
    load_files(tmp_path / "home", file)
    build(settings_of(tmp_path / "home"))
    with warehouse.open(tmp_path / "home") as wh:
        sessions = wh.sql("select user_id, duration_seconds from user_sessions order by all")
        assert sessions.fetchall() == [("joy0", 600.0), ("joy1", 600.0), ("joy2", 600.0)]
