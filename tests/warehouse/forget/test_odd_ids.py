"""People with ids unlike a word are forgotten like all others, and cost others nothing."""

import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from etl.lake import Lake
from tests.etl.lake.odd_ids import ODD_IDS
from tests.make import lake_table, load_files, settings_of, write_ndjson
from tests.warehouse.forget.homes import forget_in
from tests.warehouse.forget.leftovers import leftovers

OTHERS = (
    {"user_id": "bob", "time": "2026-03-01T10:00:00Z", "event": "click", "page": "/a"},
    {"user_id": "cid", "time": "2026-03-01T11:00:00Z", "event": "click", "page": "/b"},
)
ALL = tuple(ODD_IDS.values())


def event(user, time="12:00", **more):
    return {"user_id": user, "time": f"2026-03-01T{time}:00Z", "event": "click", **more}


def rejects(home):
    return [(row["reason"], row["raw"]) for row in lake_table(home, "rejected")]


def users(home):
    return sorted(row["user_id"] for row in lake_table(home, "events"))


def bad_rows(one):
    """Rows of somebody that cannot be events, in many spellings."""
    told = json.dumps(one)
    escaped = "".join(f"\\u{ord(sign):04X}" for sign in one)
    rows = [
        json.dumps({"user_id": one, "time": "never"}, ensure_ascii=False),
        f'{{"user_id": "{escaped}", "time": "never"}}',
        f'oops {{"user_id":{told},"time": 7',
        f'oops {{"user_id":"{escaped}","time": 7',
        json.dumps({"to": f" {one} ", "time": "never"}),
    ]
    return rows + ([f'{{"user_id": {one}.0, "time": "never"}}'] if one.isdigit() else [])


def test_all_of_them_go_at_once_and_do_not_come_back(tmp_path):
    home, rows = tmp_path / "home", [row for one in ALL for row in bad_rows(one)]
    theirs = json.dumps({"user_id": "bob", "time": "never", "note": "a 7 b"})
    folder = tmp_path / "exports"
    file = write_ndjson(folder / "x.ndjson", [*OTHERS, *map(event, ALL), *rows, theirs])
    load_files(home, file, source="web")
    assert len(rejects(home)) == len(rows) + 1
    forget_in(home, *ALL)
    assert rejects(home) == [("no readable time", theirs)]
    assert users(home) == ["bob", "cid"]
    assert not leftovers(home / "lake" / "rejected", [one for one in ALL if len(one) > 1])
    # The file in another way, and with one row more: nobody comes back, and nobody counts twice.
    load_files(home, file, source="web", map={"page": "event"})
    assert users(home) == ["bob", "cid"]
    assert {raw for _, raw in rejects(home)} == {theirs, None}
    file.write_text(file.read_text() + json.dumps(event("dan")) + "\n")
    load_files(home, file, source="web", map={"page": "event"})
    assert users(home) == ["bob", "cid", "dan"]
    assert {raw for _, raw in rejects(home)} == {theirs, None}


def test_rows_of_a_delimited_file_are_found_by_their_fields(tmp_path):
    home, file = tmp_path / "home", tmp_path / "x.csv"
    told = [one for one in ALL if "," not in one]
    lines = ["user_id,time,event", "bob,2026-03-01T10:00:00Z,click", "bob,never,click"]
    file.write_text("\n".join([*lines, *(f"{one},never,click" for one in told)]) + "\n")
    load_files(home, file, source="web")
    # A field of a row without names is no proof that somebody is called so: events are.
    known = write_ndjson(tmp_path / "known.ndjson", [event(one) for one in told])
    load_files(home, known, source="web")
    assert len(rejects(home)) == len(told) + 1
    forget_in(home, *told)
    assert [raw for _, raw in rejects(home)] == ["bob,never,click"]


@pytest.mark.parametrize("one", ["ann", "exports", "home"])
def test_a_file_in_a_folder_called_like_somebody_is_still_the_same_file(tmp_path, one):
    home, file = tmp_path / "in", tmp_path / "ann" / "exports" / "home" / "x.ndjson"
    write_ndjson(file, [*OTHERS, event(one)])
    load_files(home, file, source="web")
    forget_in(home, one)
    (batch,) = Lake(home).batches()
    assert one not in batch.path.split("/")
    assert batch.place
    assert [outcome.status for outcome in load_files(home, file, source="web")] == ["unchanged"]
    for field in ("event", "time"):
        load_files(home, file, source="web", map={"page": field})
        assert users(home) == ["bob", "cid"]
        assert len(Lake(home).batches()) == 1
    assert {row["page"] for row in lake_table(home, "events")} != {"/a", "/b"}


def test_rows_of_others_that_name_her_stay_theirs_without_her(tmp_path):
    home = tmp_path / "home"
    rows = [
        {"user_id": "bob", "time": "never", "to": "ann", "why": "ann wrote"},
        {"user_id": "bob", "anonymous_id": "kiosk", "time": "never"},
        {"user_id": "ann", "time": "never", "to": "bob"},
        {"anonymous_id": "kiosk", "time": "never"},
    ]
    shared = [event("ann", anonymous_id="kiosk"), event("bob", "13:00", anonymous_id="kiosk")]
    file = write_ndjson(tmp_path / "x.ndjson", [*shared, *rows])
    load_files(home, file, source="web")
    done = forget_in(home, "ann")
    assert (done.found.rejected, done.found.mentions) == (2, 1)
    blanked = {**rows[0], "to": "[forgotten]", "why": "[forgotten] wrote"}
    assert [json.loads(raw) for _, raw in rejects(home)] == [blanked, rows[1]]
    # The same again, in another way.
    load_files(home, file, source="web", map={"page": "event"})
    kept = [json.loads(raw) for _, raw in rejects(home) if raw]
    assert kept == [blanked, rows[1]]


@pytest.mark.parametrize("one", ["auth0|5f7c8ec7c33c"])
def test_who_was_forgotten_by_name_does_not_come_back_by_a_pseudonym(tmp_path, one):
    home = tmp_path / "home"
    file = write_ndjson(tmp_path / "x.ndjson", [*OTHERS, event(one), {"user_id": one}])
    load_files(home, file, source="web")
    forget_in(home, one)
    key = tmp_path / "key"
    key.write_text(secrets.token_hex(32))
    key.chmod(0o600)
    config = f'[redact]\npseudonymise = ["user_id", "anonymous_id"]\nkey_file = "{key}"\n'
    settings = settings_of(home, config)
    load_files(home, file, source="web", settings=settings)
    assert len(lake_table(home, "events")) == 2
    assert ("forgotten", None) in rejects(home)
    # And who was forgotten by a pseudonym does not come back by name, where the key is known.
    forget_in(home, "bob", settings=settings)
    load_files(home, file, source="web")
    assert "bob" not in users(home)


def test_a_device_is_open_to_others_once_its_user_is_forgotten(tmp_path):
    home = tmp_path / "home"
    mine = [event("ann", anonymous_id="kiosk"), event("kiosk", "12:10")]
    load_files(home, write_ndjson(tmp_path / "a.ndjson", [*OTHERS, *mine]), source="web")
    forget_in(home, "ann")
    now = datetime.now(UTC)
    first, second, third = (f"{now + timedelta(minutes=m):%FT%TZ}" for m in (3, 4, 5))
    later = {"anonymous_id": "kiosk", "time": second, "event": "click"}
    bobs = {**later, "user_id": "bob", "time": first}
    anns = {**later, "user_id": "ann", "time": third}
    again = {**later, "time": "2026-03-01T12:20:00Z"}
    file = write_ndjson(tmp_path / "b.ndjson", [later, bobs, anns, again])
    (outcome,) = load_files(home, file, source="web")
    assert (outcome.rows_loaded, outcome.rows_rejected) == (2, 2)
    assert users(home) == ["bob", "bob", "cid", "kiosk"]
    assert rejects(home) == [("forgotten", None)] * 2
