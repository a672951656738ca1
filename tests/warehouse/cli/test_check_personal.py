"""dwell check --personal: what looks personal in a lake, told so that nobody can read it."""

from pathlib import Path

from tests.etl.privacy.secrets import CORES, SECRETS
from tests.make import write_ndjson
from tests.warehouse.cli.conftest import Dwell


def test_each_kind_is_found_where_it_is_and_shown_to_nobody(dwell: Dwell, tmp_path: Path) -> None:
    times = [f"2026-03-10T12:{minute:02d}:00Z" for minute in range(len(SECRETS))]
    lines = [
        {
            "user_id": "ann",
            "event_time": time,
            "event": "x",
            "properties": {f"a_{kind}_b": text, "n": 1},
        }
        for time, (kind, text) in zip(times, SECRETS.items(), strict=True)
    ]
    broken = f'{{"user_id": {SECRETS["email"]}'
    path = write_ndjson(tmp_path / "e.ndjson", [*lines, broken])
    assert dwell("load", str(path)).code == 0
    result = dwell("check", "--personal", "--json")
    assert result.code == 1
    found = {(one["table"], one["column"], one["kind"]): one for one in result.json["personal"]}
    wanted = {("events", f"properties.a_{kind}_b", kind) for kind in SECRETS}
    assert set(found) == {*wanted, ("rejected", "raw", "email")}
    assert {one["values"] for one in found.values()} == {1}
    assert 'patterns = ["email"]' in found["events", "properties.a_email_b", "email"]["rule"]
    told = result.out + dwell("check", "--personal").out
    assert [kind for kind, core in CORES.items() if core in told] == []


def test_what_is_cut_is_found_no_more(dwell: Dwell, tmp_path: Path) -> None:
    line = {"user_id": "ann", "event_time": "2026-03-10T12:00:00Z", "event": "x"}
    path = write_ndjson(tmp_path / "e.ndjson", [{**line, "properties": {"a": SECRETS["email"]}}])
    dwell("load", str(path))
    assert dwell("check", "--personal").code == 1
    (tmp_path / "dwell.toml").write_text('home = "data"\n[redact]\npatterns = ["email"]\n')
    inspected = dwell("inspect", str(path), "--json").json["cut"]
    assert inspected == [{"source": "events", "column": "properties", "what": "email", "values": 1}]
    assert dwell("load", str(path)).code == 0
    result = dwell("check", "--personal")
    assert (result.code, "looks like one of the twelve" in result.out) == (0, True)
