"""Who is known: by ids where ids stand, and by no word of others."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

import warehouse.forget.known as known
from etl.collector.spool_files import mark_folder
from tests.make import lake_table, load_files, write_ndjson
from tests.warehouse.forget.homes import forget_in, settings_for
from tests.warehouse.forget.landed_tables import land
from tests.warehouse.forget.test_commands import called
from warehouse.saved_file import changed_entries, saved_entries

ANN = "ann@example.com"
ROWS = [
    {"user_id": ANN, "time": "2026-03-01T10:00:00Z", "event": "click"},
    {"user_id": "bob", "time": "2026-03-01T11:00:00Z", "event": "click"},
    {"user_id": "admin", "time": "2026-03-01T11:30:00Z", "event": "click"},
    {"user_id": "bob", "time": "never", "browser": "Firefox"},
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a rejected row, and lists that speak of pages, browsers and users."""
    folder = tmp_path_factory.mktemp("known")
    home = folder / "home"
    load_files(home, write_ndjson(folder / "x.ndjson", ROWS), source="web")
    with changed_entries(home, "segments") as entries:
        entries["firefox"] = {"label": "F", "where": {"browser": ["Firefox"]}}
        entries["admin"] = {"label": "A", "where": {"page": ["/admin"]}}
        entries["users"] = {"label": "U", "where": {"user_id": ["!= admin", "bob"]}}
    with changed_entries(home, "queries") as entries:
        entries["users"] = {"text": "select count(*) from user_sessions where user_id <> ''"}
        entries["firefox"] = {"text": "from user_sessions where browser = 'Firefox'"}
        entries["admin"] = {"text": "from events where page like '/admin/%'"}
        entries["his"] = {"text": "from user_sessions where user_id = 'admin'"}
    return home


@pytest.fixture
def small(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def lists(home: Path) -> dict[str, list[str]]:
    """Names of the saved entries."""
    return {kind: [*saved_entries(home, kind)] for kind in ("segments", "queries")}


def test_a_word_is_nobody(small: Path) -> None:
    before, words = lists(small), ("Firefox", "user_id", "never", "click")
    told = forget_in(small, *words)
    assert (told.unknown, told.people.users, told.finished) == (words, (), None)
    assert lists(small) == before
    assert len(lake_table(small, "rejected")) == 1


def test_lists_lose_what_asks_for_the_user_and_no_page(small: Path) -> None:
    told = forget_in(small, "admin")
    assert told.saved == {"segments.json": 1, "queries.json": 1}
    assert lists(small) == {
        "segments": ["firefox", "admin", "users"],
        "queries": ["users", "firefox", "admin"],
    }
    assert saved_entries(small, "segments")["users"]["where"] == {"user_id": ["bob"]}
    assert told.searched.own == {}
    assert {"segments.json", "queries.json"} <= told.searched.others.keys()


def by_a_rejected_row(home: Path) -> None:
    rows = [{**ROWS[1], "id": "8"}, {"user_id": "zoe", "time": "never"}]
    load_files(home, write_ndjson(home.parent / "y.ndjson", rows), source="web")


def by_a_collected_line(home: Path) -> None:
    line = {"event_type": "c", "event_time": "2026-03-06T10:00:00Z", "event_id": "1"}
    path = mark_folder(home, "web") / "collected-20260306T100000000000-1-1.ndjson"
    path.write_text(json.dumps({**line, "user_id": "zoe"}) + "\n", "utf-8")


def by_a_scope(home: Path) -> None:
    scope = home / "scopes" / "team-0123456789ab"
    scope.mkdir(parents=True)
    with changed_entries(scope, "segments") as entries:
        entries["zoe"] = {"label": "Z", "where": {"user_id": ["zoe"]}}


def by_a_landed_file(home: Path) -> None:
    land(home, "a", ["zoe"])


@pytest.mark.parametrize(
    "add", [by_a_rejected_row, by_a_collected_line, by_a_scope, by_a_landed_file]
)
def test_an_id_where_ids_stand_is_somebody(small: Path, add: Callable[[Path], None]) -> None:
    add(small)
    told = forget_in(small, "zoe")
    assert (told.people.users, told.unknown, told.searched.own) == (("zoe",), (), {})
    assert forget_in(small, "zoe", dry_run=True).before == ("zoe",)


def test_scopes_are_told_of_before_and_after(small: Path) -> None:
    by_a_scope(small)
    place = "scopes/team-0123456789ab/segments.json"
    assert forget_in(small, "zoe", dry_run=True).saved == {place: 1}
    assert forget_in(small, "zoe").saved == {place: 1}
    assert json.loads((small / place).read_text("utf-8")) == {"segments": {}}


def test_a_list_has_comments_quotes_and_a_header(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"\xef\xbb\xbf# who asked\r\n\r\nuser_id\r\n" + f'"{ANN}"\r\n'.encode())
    words = ("forget", "--file", path, "--home", small, "--dry-run", "--json")
    code, out, err = called(capsys, *words)
    told = json.loads(out)
    assert (code, told["users"], told["unknown"]) == (0, 1, [])
    assert "'user_id', is the name of a column, and was left out" in err
    path.write_text(f"user_id,day\n{ANN},2026-03-01\n", "utf-8")
    code, _, err = called(capsys, *words)
    assert code == 2
    assert "has several columns: user_id, day" in err


def test_many_are_looked_for_at_once(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(known, name)

        def call(*given: Any) -> Any:
            looks.append(name)
            return real(*given)

        return call

    for name in ("find", "ids_spooled", "ids_saved", "landed_files"):
        monkeypatch.setattr(known, name, counted(name))
    told = forget_in(small, *(f"nobody{number}" for number in range(60)), dry_run=True)
    assert len(told.unknown) == 60
    assert sorted(looks) == ["find", "ids_saved", "ids_spooled", "landed_files"]


def test_a_home_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = called(capsys, "forget", "x", "--dry-run", "--home", tmp_path / "hmoe")
    assert code == 2
    assert "There is no home" in err
    assert not (tmp_path / "hmoe").exists()


def test_files_and_notes_stay_as_closed_and_as_many_as_they_were(small: Path) -> None:
    by_a_collected_line(small)
    (spooled,) = (small / "landing").rglob("collected-*.ndjson")
    line = json.loads(spooled.read_text("utf-8"))
    others = json.dumps({**line, "user_id": "bob", "event_id": "2"}) + "\n"
    spooled.write_text(spooled.read_text("utf-8") + others, "utf-8")
    spooled.chmod(0o600)
    with changed_entries(small, "alerts") as entries:
        entries["zoe"], entries["bob"] = {"n": 1}, {"n": 2}
        entries[ANN] = {"n": 3}
    forget_in(small, "zoe", ANN)
    assert spooled.read_text("utf-8") == others
    assert spooled.stat().st_mode & 0o777 == 0o600
    assert sorted(one["n"] for one in saved_entries(small, "alerts").values()) == [1, 2, 3]


def test_files_of_duplicates_and_archives_are_told_of(tmp_path: Path) -> None:
    home = tmp_path / "home"
    rows = [{**row, "id": str(number)} for number, row in enumerate(ROWS[:2])]
    first = write_ndjson(tmp_path / "a.ndjson", rows)
    again = write_ndjson(tmp_path / "b.ndjson", rows[:1])
    with ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("in.ndjson", json.dumps({**rows[0], "id": "7"}) + "\n")
    for path in (first, again, tmp_path / "c.zip"):
        load_files(home, path, source="web", settings=settings_for(home))
    told = forget_in(home, ANN, dry_run=True)
    assert [path.name for path in told.left_alone] == ["a.ndjson", "b.ndjson", "c.zip"]
