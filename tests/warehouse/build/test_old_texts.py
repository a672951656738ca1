"""keep_texts: old texts are nowhere in the home any more, and no number changes for it."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from etl.config.settings import Settings
from etl.lake import Lake, locked
from etl.lake.compact import compact
from tests.etl.lake.kills import Killed, killed_at
from tests.homes import assert_lake_is_tidy, lake_rows, tables
from tests.make import build_home, load_files, settings_of, write_ndjson
from warehouse.build.old_texts import TEXTS_DROPPED, DroppedTexts, drop_old_texts
from warehouse.build.prune import prune
from warehouse.build.scope_cut import rules
from warehouse.build_files import current, write_pointer
from warehouse.metrics import chat, sessions
from warehouse.scopes import scope_folder

NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
# Thirty days before now the local day began at 23:00 UTC.
CONFIG = """
time_zone = "Europe/Berlin"
[sources.talk]
keep_texts = "30 days"
[access.team]
where = { source = ["nowhere"] }
"""
Row = dict[str, Any]


def at(time: str, event: str, user: str = "ann", **properties: Any) -> Row:
    """An event at a time such as "03-01 23:50"."""
    named = {"user": user, "time": f"2026-{time}Z", "event": event, "chat_id": f"c-{user}"}
    return named | {"event_id": f"{user}-{time}-{event}"} | properties


# What is gone afterwards is called old, what stays new.
TALK = [
    at("03-01 09:00:00", "prompt", text="Old Words  are repeated"),
    at("03-01 09:00:12", "prompt", text="old words are REPEATED", length=3),
    at("03-01 09:00:14", "model_response", prompt="oldx", answer="old answer", latency_ms=5),
    at("03-01 09:01:00", "model_response", text="old too", response_length=99),
    at("03-02 08:00:00", "prompt", "bob", query="old and said once", query_type="code"),
    at("03-02 08:00:40", "error", "bob", message="old message", code=7),
    at("03-02 08:01:00", "system", "bob", deep=[{"Content": "old deep", "score": 3}]),
    at("03-02 08:01:05", "system", "bob", packed='{"answer": "old packed", "n": 1}'),
    # As it was: a failure stays one without what it said, and names are met however they are laid.
    at("03-02 08:01:10", "model_response", "gil", error={"message": "old failure"}),
    at("03-02 08:01:20", "model_response", "gil", error='{"message": "old packed failure"}'),
    at("03-02 08:01:30", "system", "bob", **{"message.content": "old and laid flat"}),
    at("03-02 08:01:31", "system", "bob", **{" Text ": "old with blanks"}),
    at("03-02 08:01:32", "system", "bob", packed='{"text"\n: "old before a colon"}'),
    at("03-02 08:02:00", "scroll", "bob", depth=40),
    # Over the limit, in one session: of a pair one goes.
    at("03-10 22:59:50", "prompt", "cid", text="asked over midnight old"),
    at("03-10 23:00:00", "prompt", "cid", text="asked over midnight OLD"),
    at("03-10 22:59:59.999999", "prompt", "dan", text="old at the last moment"),
    at("03-10 23:00:00", "prompt", "eve", text="new from the first moment"),
    at("04-10 10:00:00", "prompt", "eve", text="new words"),
    at("04-10 10:00:05", "model_response", "eve", text="new answer"),
]
WEB = [
    at("03-01 09:00:20", "query", text="old words are repeated"),
    at("03-01 09:30:00", "prompt", "fay", text="kept for ever"),
]
BROKEN: list[Row | str] = [
    at("03-01 08:00:00", "click", "gus"),
    '{"user": "gus", "time": "2026-03-01T10:00:00Z", "text": "old broken"',
]


def drop(home: Path, settings: Settings, now: datetime = NOW, **options: Any) -> DroppedTexts:
    """Drops what is too old."""
    with locked(home):
        return drop_old_texts(settings, now=now, **options)


def settings_for(home: Path) -> Settings:
    return settings_of(home, CONFIG)


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has those events, two builds with the texts, and a copy of them for a scope."""
    folder = tmp_path_factory.mktemp("talked")
    home, settings = folder / "home", settings_for(folder / "home")
    parts: list[tuple[str, Sequence[Row | str]]] = [
        *(("talk", TALK[::2]), ("talk", TALK[1::2]), ("web", WEB), ("bad", BROKEN)),
    ]
    for name, rows in parts:
        file = write_ndjson(folder / f"{name}{len(rows)}.ndjson", rows)
        source = "talk" if name == "bad" else name
        load_files(home, file, settings=settings, source=source)
        if name != "talk":
            build_home(home, settings)
    # As if all rows were in it.
    scope = scope_folder(home, settings.access[0])
    shutil.rmtree(scope)
    shutil.copytree(home / "builds", scope / "builds")
    write_pointer(replace(current(scope), fingerprints={"cut": rules()}))
    return home


@pytest.fixture
def home(talked: Path, tmp_path: Path) -> Path:
    """A copy of that home."""
    shutil.copytree(talked, tmp_path / "home")
    return tmp_path / "home"


@dataclass(frozen=True)
class Done:
    """What came of a copy of that home. Nobody writes to it.

    steps   how often the disk was changed for it
    counts  of events, by a reader who had the build open all the time
    """

    home: Path
    dropped: DroppedTexts
    steps: int
    counts: tuple[int, int]


@pytest.fixture(scope="module")
def done(talked: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The home from which the texts were dropped."""
    home = tmp_path_factory.mktemp("done") / "home"
    shutil.copytree(talked, home)
    with warehouse.open(home) as wh, killed_at(1_000_000) as steps:
        before = wh.sql("from session_events").fetchall()
        dropped = drop(home, settings_for(home))
        after = wh.sql("from session_events").fetchall()
    return Done(home, dropped, steps[0], (len(before), len(after)))


def texts_in(home: Path) -> Iterator[tuple[str, str]]:
    """Each file of a home with all that it says, whether it counts or not."""
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        name = path.relative_to(home).as_posix()
        with duckdb.connect() as con:
            if path.suffix == ".parquet":
                yield name, str(con.execute("from read_parquet($p)", {"p": str(path)}).fetchall())
            elif path.suffix == ".duckdb":
                con.execute(f"attach '{path}' as one (read_only)")
                for (table,) in con.execute(
                    'select format(\'one."{}"."{}"\', schema_name, table_name) '
                    "from duckdb_tables() where database_name = 'one'"
                ).fetchall():
                    yield name, str(con.execute(f"from {table}").fetchall())
        yield name, path.read_bytes().decode("latin-1")


def path_of_build(home: Path) -> Path:
    """The current build."""
    return current(home).path


OLD = (
    *("old words", "oldx", "old answer", "old too", "old and said once", "old message"),
    *("old deep", "old packed", "old broken", "old at the last moment", "old failure"),
    *("old and laid flat", "old with blanks", "old before a colon"),
)
NEW = ("new words", "new answer", "new from the first moment", "kept for ever")


def test_old_texts_are_nowhere_and_newer_ones_are_in_lake_and_build(
    talked: Path, done: Done
) -> None:
    before, after = list(texts_in(talked)), list(texts_in(done.home))
    for word in OLD:
        found = {name.partition("/")[0] for name, text in before if word in text.lower()}
        assert found == {"lake", "builds", "scopes"}, word
        # Another source keeps the same words.
        found = {name for name, text in after if word in text.lower()}
        assert len(found) == (2 if word in WEB[0]["text"] else 0), word
    for word in NEW:
        found = {name.partition("/")[0] for name, text in after if word in text.lower()}
        assert found >= {"lake", "builds"}, word
    assert_lake_is_tidy(done.home)
    assert len(list((done.home / "builds").rglob("*.duckdb"))) == 2


def test_who_reads_a_build_meanwhile_reads_on(done: Done) -> None:
    assert done.counts == (23, 23)


# Where a text was, and what lies of it now.
_TEXTS = {"session_events": "properties", "rejected_summary": "example"}


def told(path: Path) -> dict[str, Any]:
    """Every table of a build without what shows the texts."""
    found = tables(path)
    with duckdb.connect(path, read_only=True) as con:
        for table, column in _TEXTS.items():
            found[table] = con.execute(
                f"select * exclude ({column}) from {table} order by all"
            ).fetchall()
    return found


def test_all_tables_say_what_they_said_and_so_does_a_build_of_everything(
    talked: Path, done: Done, tmp_path: Path
) -> None:
    before, after = told(path_of_build(talked)), told(done.dropped.build.path)
    assert (done.dropped.events, done.dropped.rejected) == (15, 1)
    assert done.dropped.before == {"talk": datetime(2026, 3, 10, 23)}  # noqa: DTZ001
    assert done.dropped.build.reason == TEXTS_DROPPED
    for table in before:
        assert after[table] == before[table], table


@pytest.mark.parametrize(
    ("event_id", "stays"),
    [
        ("ann-03-01 09:00:00-prompt", {"prompt_length": 23, "is_repeated": True}),
        ("ann-03-01 09:00:14-model_response", {"prompt_length": 4, "response_length": 10}),
        ("cid-03-10 22:59:50-prompt", {"prompt_length": 23, "is_repeated": True}),
        ("bob-03-02 08:00:00-prompt", {"prompt_length": 17}),
        ("bob-03-02 08:00:40-error", {"prompt_length": 11, "response_length": 11}),
        ("bob-03-02 08:01:00-system", {}),
        ("cid-03-10 23:00:00-prompt", None),
        ("bob-03-02 08:02:00-scroll", None),
    ],
)
def test_what_was_computed_of_a_text_stays_beside_it(
    done: Done, event_id: str, stays: Row | None
) -> None:
    (properties,) = [row[-1] for row in lake_rows(done.home) if row[0] == event_id]
    kept = json.loads(properties).get("not_kept")
    if stays and "response_length" not in stays:
        kept.pop("response_length", None)
    assert kept == stays


def test_all_else_of_an_event_stays(done: Done) -> None:
    rows = {row[0]: row for row in lake_rows(done.home)}
    assert json.loads(rows["bob-03-02 08:00:40-error"][-1])["code"] == 7
    assert json.loads(rows["bob-03-02 08:01:00-system"][-1])["deep"] == [{"score": 3}]
    assert json.loads(rows["bob-03-02 08:01:05-system"][-1])["packed"] == '{"n":1}'


def test_pages_and_notebooks_say_that_a_text_is_not_kept(done: Done) -> None:
    with warehouse.open(done.home) as wh:
        turns = chat.conversation(wh, chat_id="c-ann", show_texts=True)
        assert set(turns["prompt_text"].drop_nulls()) >= {"(text not kept)"}
        assert set(turns["response_text"].drop_nulls()) == {"(text not kept)"}
        turns = chat.conversation(wh, chat_id="c-eve", show_texts=True)
        assert "new words" in turns["prompt_text"].to_list()
        hidden = chat.conversation(wh, chat_id="c-ann")
        assert hidden["prompt_text"].null_count() == hidden.height
        (session,) = wh.sql(
            "select session_id from user_sessions where user_id = 'bob' limit 1"
        ).fetchall()[0]
        texts = sessions.turns(wh, session, show_texts=True)["prompt_text"].to_list()
        assert texts == ["(text not kept)"]


def test_with_nothing_to_do_nothing_is_written(done: Done) -> None:
    home = done.home
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    # Later on the same day, too.
    for later in (0, 9):
        assert drop(home, settings_for(home), NOW + timedelta(hours=later)).events == 0
    after = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    assert after == before | {path: after[path] for path in after if path.name.startswith(".")}


def test_texts_of_events_that_were_pruned_before_are_in_no_older_build(
    home: Path,
) -> None:
    with locked(home):
        assert prune(settings_for(home), before=date(2026, 4, 1)).events
    assert drop(home, settings_for(home)).events == 0
    said = list(texts_in(home))
    assert [name for name, text in said if "old answer" in text.lower()] == []


def test_a_dry_run_counts_and_changes_nothing(talked: Path) -> None:
    before = sorted(path for path in talked.rglob("*") if path.is_file())
    dropped = drop(talked, settings_for(talked), dry_run=True)
    assert (dropped.events, dropped.rejected) == (15, 1)
    assert sorted(path for path in talked.rglob("*") if path.is_file()) == before


def test_historic_data_is_as_old_as_its_newest_event(talked: Path) -> None:
    historic = replace(settings_for(talked), historic=True)
    dropped = drop(talked, historic, NOW + timedelta(days=999), dry_run=True)
    assert dropped.before == {"talk": datetime(2026, 3, 10, 23)}  # noqa: DTZ001


def test_late_old_rows_and_the_next_day_lose_their_texts_and_builds_grow_on(
    done: Done, tmp_path: Path
) -> None:
    home, settings = tmp_path / "home", settings_for(tmp_path / "home")
    shutil.copytree(done.home, home)
    rows = [at("03-05 10:00:00", "prompt", "hal", text="old but late"), TALK[0]]
    load_files(home, write_ndjson(tmp_path / "late.ndjson", rows), settings=settings, source="talk")
    with locked(home), duckdb.connect() as con:
        compact(con, Lake(home), Lake(home).state(), everything=True)
    # Besides the late one, two of the day that is too old by now.
    assert drop(home, settings, NOW + timedelta(days=1)).events == 3
    told = list(texts_in(home))
    for word in ("old but late", "new from the first moment"):
        assert [name for name, text in told if word in text.lower()] == []
    rows = [at("04-10 10:01:00", "prompt", "eve", text="new again")]
    load_files(home, write_ndjson(tmp_path / "new.ndjson", rows), settings=settings, source="talk")
    grown = build_home(home, settings)
    assert (grown.reason, len(grown.parts)) == ("new events", 2)
    same = tables(grown.path)
    assert tables(build_home(home, settings, full=True).path) == same


@pytest.mark.parametrize("moment", ["before the record", "before the build", "among the removals"])
def test_a_killed_run_is_ended_by_the_next_one(done: Done, home: Path, moment: str) -> None:
    step = {"before the record": 8, "before the build": done.steps - 40}.get(moment, done.steps - 4)
    with pytest.raises(Killed), killed_at(step):
        drop(home, settings_for(home))
    is_dropped = Lake(home).log.records()[-1] == Lake(done.home).log.records()[-1]
    is_built = path_of_build(home) == home / "builds" / path_of_build(done.home).name
    assert (is_dropped, is_built) == {
        "before the record": (False, False),
        "before the build": (True, False),
        "among the removals": (True, True),
    }[moment]
    drop(home, settings_for(home))
    assert told(path_of_build(home)) == told(path_of_build(done.home))
    said = list(texts_in(home))
    for word in OLD[1:4]:
        assert [name for name, text in said if word in text.lower()] == []
    assert_lake_is_tidy(home)
