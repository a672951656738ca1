"""dwell export: files and stdout, what is refused, and the exports of dwell.toml."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.cli.conftest import Dwell

EXPORTS = """
home = "data"
[exports.browsers]
metric = "session_count"
by = "browser"
days = 3
complete = false
path = "out/browsers.json"
every = "1 d"
[exports.wrong]
query = "from user"
path = "out/wrong.csv"
every = "1 d"
"""


def test_a_metric_is_the_same_printed_and_in_a_file(loaded_events: Dwell) -> None:
    asked = ("session_count", "--by", "day", "--where", "source!=x")
    told = loaded_events("query", *asked, "--json").json["rows"]
    assert loaded_events("export", *asked, "--output", "a.json").code == 0
    rows = json.loads(Path("a.json").read_text())
    assert rows == told
    printed = loaded_events("export", *asked, "--output", "-", "--format", "json")
    assert json.loads(printed.out) == rows
    assert printed.err == ""


def test_a_table_a_query_and_a_metric_become_files(loaded_events: Dwell) -> None:
    done = loaded_events("export", "user_sessions", "--format", "parquet", "--output", "s.bin")
    assert (done.code, done.err) == (0, "2 rows written to s.bin\n")
    assert sorted(pl.read_parquet("s.bin")["user_id"]) == ["ann", "bob"]
    query = "select user_id from user_sessions order by 1"
    assert loaded_events("export", query, "--output", "q.ndjson").code == 0
    assert Path("q.ndjson").read_text() == '{"user_id":"ann"}\n{"user_id":"bob"}\n'
    # Where nothing says it, the name is that of what is asked, with its last day.
    told = loaded_events("export", "bounce_rate", "--json").json
    assert (told["path"], told["format"], told["rows"]) == ("bounce_rate-2026-03-10.csv", "csv", 1)
    assert (told["to"], told["build"]) == ("2026-03-10", 1)
    shown = Path("bounce_rate-2026-03-10.csv").absolute()
    assert loaded_events("export", "bounce_rate").err == f"1 row written to {shown}\n"
    assert Path(told["path"]).read_text().startswith('"bounce_rate"\n')
    assert loaded_events("export", "bounce_rate", "--head", "--output", "h.csv").code == 0
    assert Path("h.csv").read_text().startswith("# Asked: bounce_rate\n")


REFUSED = {
    "nothing": ((), "Wanted: one of a table"),
    "two ways": (("users", "--due"), "Wanted: one of a table"),
    "an empty text": ((" ",), "Wanted: one of a table"),
    "no name": (("user_session",), "Did you mean 'user_sessions'?"),
    "a query by day": (("from users", "--by", "day"), "SQL groups itself"),
    "a query that writes": (("copy users to 'x'",), "only read"),
    "xlsx on stdout": (("users", "--output", "-", "--format", "xlsx"), "no format for stdout"),
    "an unknown ending": (("users", "--output", "a.doc"), "none is given"),
    "a folder": (("users", "--output", ".", "--format", "csv"), "is there, and no file"),
    "into the lake": (("users", "--output", "data/lake/a.csv"), "lake is the home's own"),
    "an output of all": (("--all", "--output", "x.csv"), "Write it into dwell.toml"),
    "days of all": (("--due", "--from", "2026-03-01"), "--from is of a file"),
    "no exports": (("--due",), "dwell.toml has no exports"),
    "no such export": (("--only", "x"), "Unknown export 'x'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_exported_is_told(loaded_events: Dwell, case: str) -> None:
    arguments, words = REFUSED[case]
    before = sorted(Path().rglob("*"))
    done = loaded_events("export", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert sorted(Path().rglob("*")) == before


def test_exports_of_dwell_toml_are_written_and_told(loaded_events: Dwell) -> None:
    Path("dwell.toml").write_text(EXPORTS)
    assert "browsers: not written yet; due" in loaded_events("status").out
    done = loaded_events("export", "--due", "--json")
    assert done.code == 1
    assert [(each["name"], each["status"]) for each in done.json["exports"]] == [
        ("browsers", "written"),
        ("wrong", "failed"),
    ]
    assert "Export wrong failed, and is tried again: Catalog Error" in done.err
    assert len(json.loads(Path("out/browsers.json").read_text())) == 2  # A value, and the total.
    told = {each["name"]: each for each in loaded_events("status", "--json").json["exports"]}
    assert (told["browsers"]["is_due"], told["browsers"]["rows"]) == (False, 2)
    assert "Did you mean" in told["wrong"]["message"]
    lines = loaded_events("status").out
    assert "out/browsers.json; due again on" in lines
    assert "wrong: not written yet; due; failed on" in lines
    # Mended, it is all that is due.
    Path("dwell.toml").write_text(EXPORTS.replace("from user", "from users"))
    again = loaded_events("export", "--due", "--log", "json")
    assert again.code == 0
    (line,) = map(json.loads, again.err.splitlines())
    assert (line["event"], line["export"], line["rows"]) == ("exported", "wrong", 2)
    assert "No export is due" in loaded_events("export", "--due").err
    assert loaded_events("export", "--only", "browsers").code == 0
    assert loaded_events("export", "--all").err.count("written to") == 2


def test_status_tells_of_damaged_notes(loaded_events: Dwell) -> None:
    Path("dwell.toml").write_text(EXPORTS)
    Path("data/exports.json").write_text("{")
    done = loaded_events("status")
    assert done.code == 0
    assert "exports.json is damaged" in done.out
    assert loaded_events("export", "--due").code == 1
