"""The log of the lake: what its records come to, whatever is torn, missing or killed."""

import json
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

import etl.lake.log
from etl.errors import SourceError
from etl.lake import Batch, Lake, LakeState
from etl.lake.records import LakeFile, Pruned, Transaction
from etl.lake.state import history_grown, numbered
from tests.etl.lake.kills import Killed, killed_at, moments
from tests.homes import assert_lake_is_tidy

PRUNED = Pruned(
    before=date(2026, 3, 2),
    time=datetime(2026, 3, 2),  # noqa: DTZ001
    time_zone="UTC",
    kept="kept/00000003",
    events=3,
    sessions=2,
    queried=("inactivity",),
    pruned_at="2026-04-01T00:00:00+00:00",
)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot every ten records."""
    monkeypatch.setattr(etl.lake.log, "SNAPSHOT_EVERY", 10)


def batch(name: str) -> Batch:
    """A batch of one event."""
    return Batch(
        batch_id=name, number=0, source="web", stream="inactivity", format="events", file=name,
        path=name, file_size=1, file_mtime_ns=2, rows_read=1, rows_loaded=1, rows_duplicate=0,
        rows_rejected=0, first_event_time="2026-03-10T12:00:00",
        last_event_time="2026-03-10T12:00:00", loaded_at="2026-03-10T13:00:00+00:00", seconds=0.1,
        content=name, reading="r", schema_changes=("New field x.",) if name == "b2" else (),
    )  # fmt: skip


def load(lake: Lake, state: LakeState, name: str, gone: Batch | None = None) -> LakeState:
    """The state after a transaction with a file and a batch, which may stand for another."""
    staged = lake.staged()
    path = f"events/web/2026/{state.number + 1:08d}-0.parquet"
    (staged / path).parent.mkdir(parents=True)
    (staged / path).write_text(name)
    file = LakeFile(
        path, "web", rows=1, bytes=len(name), grain="year", first_time="2026-03-10T12:00:00",
        last_time="2026-03-10T12:00:00", first_batch=state.last_batch + 1,
        last_batch=state.last_batch + 1,
    )  # fmt: skip
    leaving = [gone.number] if gone else []
    change = Transaction(
        "load",
        files=[file],
        gone=[file.name for file in state.events[:1]] if gone else [],
        batches=numbered(state, [batch(name)]),
        gone_batches=leaving,
        pruned=PRUNED if name == "b3" else None,
    )
    return lake.commit(state, change, staged)


def lake_of(home: Path, records: int) -> Lake:
    """A lake with so many records; each fourth batch stands for the first that is there."""
    lake = Lake(home)
    state = lake.state()
    for number in range(records):
        first = state.batches()[0] if number % 4 == 3 else None
        state = load(lake, state, f"b{number}", first)
    return lake


def said(state: LakeState) -> tuple[object, ...]:
    """What a state says, however it was come by, and what its files hold."""
    there = {name for name in state.leaving if (state.root / name).exists()}
    held = {name: (state.root / name).read_bytes() for name in state.files}
    return (
        *(state.number, state.history, state.pruned, state.last_batch, state.batch_count),
        *(dict(state.files), held, there, state.batches()),
    )


@pytest.fixture(scope="module")
def lake_of_23(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a lake of 23 records, to be copied."""
    home = tmp_path_factory.mktemp("lake") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(etl.lake.log, "SNAPSHOT_EVERY", 10)
        lake_of(home, 23)
    return home


@pytest.fixture
def grown(lake_of_23: Path, often: None, tmp_path: Path) -> Lake:
    """A copy of that lake, which goes on with a snapshot every ten records."""
    return Lake(Path(shutil.copytree(lake_of_23, tmp_path / "home")))


@pytest.mark.parametrize("records", [0, 1, 4, 9, 10, 11, 30, 47])
@pytest.mark.usefixtures("often")
def test_a_lake_that_is_opened_again_says_what_it_said(tmp_path: Path, records: int) -> None:
    lake = Lake(tmp_path)
    state = plain = lake.state()
    for number in range(records):
        first = state.batches()[0] if number % 4 == 3 else None
        before = state
        state = load(lake, state, f"b{number}", first)
        change = Transaction.of(json.loads(lake.log.path_of(number + 1).read_text()))
        assert before.last_batch + 1 == change.batches[0].number
        plain = plain.after(number + 1, change, "2026-03-10T13:00:00+00:00")
    assert said(lake.state()) == said(state) == said(plain)
    assert state.batch_count == len(state.batches()) == len({b.number for b in state.batches()})
    # Records that two snapshots hold are gone, and older snapshots.
    assert len(list(lake.log.folder.glob("*.json"))) <= 20
    assert len(list(lake.log.folder.glob("*.snapshot"))) == min(2, records // 10)


BROKEN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("file", ["state.json", "files.parquet", "batches.parquet"])
@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_snapshot_is_passed_over(grown: Lake, file: str, how: str) -> None:
    lake = grown
    before = said(lake.state())
    BROKEN[how](lake.log.folder / "00000020.snapshot" / file)
    assert said(lake.state()) == before
    # The next load goes on from there, and the next snapshot is whole.
    state = lake.sweep()
    for number in range(10):
        state = load(lake, state, f"c{number}")
    assert said(lake.state()) == said(state)


@pytest.mark.parametrize("number", [21, 23])
@pytest.mark.parametrize("how", BROKEN)
def test_a_record_that_cannot_be_read_is_named(grown: Lake, number: int, how: str) -> None:
    lake = grown
    BROKEN[how](lake.log.path_of(number))
    if how == "gone" and number == 23:
        # That is the lake of before: nobody was told of a load whose record was not on disk.
        assert lake.state().number == 22
        return
    with pytest.raises(SourceError, match=f"{number:08d}.json (cannot be read|is missing)"):
        lake.state()


@pytest.mark.usefixtures("often")
def test_both_snapshots_broken_is_told_with_what_is_lost(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, 23)
    for folder in lake.log.folder.glob("*.snapshot"):
        (folder / "state.json").unlink()
    with pytest.raises(SourceError, match=r"missing.*snapshot cannot be read.*backup"):
        lake.state()


def test_a_record_of_a_newer_dwell_is_refused_by_its_version(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, 1)
    record = lake.log.path_of(1)
    record.write_text(record.read_text().replace('"lake_version": 2', '"lake_version": 9'))
    with pytest.raises(SourceError, match=r"newer Dwell \(lake version 9"):
        lake.state()


def test_a_second_record_of_a_number_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, 2)
    state = lake.state()
    earlier = LakeState(lake.root).after_all([lake.log._record(1, "")])
    with pytest.raises(FileExistsError):
        load(lake, earlier, "other")
    assert said(lake.state()) == said(state)


def test_a_snapshot_that_cannot_be_written_is_no_failure_of_the_load_and_comes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(etl.lake.log, "SNAPSHOT_EVERY", 3)
    lake = lake_of(tmp_path, 2)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(etl.lake.log.Log, "write_snapshot", full)
        state = load(lake, lake.sweep(), "c1")
        state = load(lake, state, "c2")
    assert said(lake.state()) == said(state)
    state = load(lake, state, "c3")
    assert said(lake.state()) == said(state)
    assert [path.name for path in lake.log.folder.glob("*.snapshot")] == ["00000005.snapshot"]
    assert_lake_is_tidy(tmp_path)


def test_many_batches_are_a_snapshot_though_few_records_brought_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(etl.lake.log, "_MOST_RECENT", 5)
    lake = Lake(tmp_path)
    state = lake.state()
    for number in range(3):
        some = numbered(state, [batch(f"b{number}-{n}") for n in range(4)])
        state = lake.commit(state, Transaction("load", batches=some))
    assert [path.name for path in lake.log.folder.glob("*.snapshot")] == ["00000002.snapshot"]
    assert len(state.batches()) == 12
    assert said(lake.state()) == said(state)


def test_histories_are_equal_for_the_same_batches_alone(tmp_path: Path) -> None:
    one, same = lake_of(tmp_path / "a", 6).state(), lake_of(tmp_path / "b", 6).state()
    assert one.history == same.history
    assert one.history != lake_of(tmp_path / "c", 5).state().history
    merged = Lake(tmp_path / "a").commit(one, Transaction("merge"))
    assert merged.history == one.history
    grown = load(Lake(tmp_path / "a"), merged, "c1")
    assert grown.history == history_grown(one.history, ["c1"]) != history_grown(one.history, [])
    replaced = load(Lake(tmp_path / "b"), same, "c1", same.batches()[0])
    assert replaced.history != grown.history


@pytest.mark.parametrize("records", [3, 9], ids=["a load", "a load that writes a snapshot"])
@pytest.mark.usefixtures("often")
def test_a_load_killed_at_any_moment_counts_whole_or_not_at_all(
    tmp_path: Path, records: int
) -> None:

    def work(home: Path) -> LakeState:
        lake = Lake(home)
        return load(lake, lake.sweep(), "last", lake.state().batches()[0])

    lake_of(tmp_path / "undisturbed", records)
    before = said_of(tmp_path / "undisturbed")
    steps = moments(lambda: work(tmp_path / "undisturbed"))
    after = said_of(tmp_path / "undisturbed")
    outcomes = set()
    for step in range(steps):
        home = tmp_path / f"killed-{step}"
        lake_of(home, records)
        with killed_at(step), pytest.raises(Killed):
            work(home)
        Lake(home).sweep()
        assert_lake_is_tidy(home)
        outcomes.add(said_of(home) == after)
        assert said_of(home) in (before, after)
        if said_of(home) == before:
            work(home)
            assert said_of(home) == after
    assert outcomes == {True, False}


def said_of(home: Path) -> tuple[object, ...]:
    """What a home's lake says, without where it lies."""
    number, history, pruned, last, count, *rest = said(Lake(home).state())
    return (number, history, pruned, last, count, *map(str, rest))
