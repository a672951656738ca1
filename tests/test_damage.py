"""Damaged homes: builds make themselves anew, lost rows come back with their export, `dwell check`
finds what changed on disk.
"""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import etl.lake.log
from etl.config.settings import load_settings
from etl.errors import BuildError, SourceError
from etl.lake import Lake, locked
from etl.lake.compact import compact
from etl.lake.verify import verify
from etl.load.missing_notes import missing_notes
from tests.homes import assert_lake_is_tidy, lake_rows, tables
from tests.make import build_home, lake_table, load_files, write_ndjson
from tests.search import IS_SEARCH, some
from warehouse.build_files import read_pointer
from warehouse.health import state as home_state
from warehouse.verify import verify_home

DWELL = Path(sys.executable).parent / "dwell"
Harm = Callable[[Path], None]


def write_export(path: Path, first: int, rows: int = 200) -> Path:
    """Events of some users, every fifth with an id of the export before, and two broken lines."""
    lines: list[Any] = [
        {"user": f"u{n % 13}", "time": 1_773_100_800 + n * 190, "event": "x", "event_id": f"e{n}"}
        for n in range(first - rows // 5, first + rows)
    ]
    return write_ndjson(path, [*lines, "{broken", '{"time": 1}'])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A home to be copied: two exports whose rows were merged, a third, a build, a snapshot. And
    the exports.
    """
    folder = tmp_path_factory.mktemp("loaded")
    exports = [write_export(folder / f"{n}.ndjson", n * 200) for n in range(3)]
    home = folder / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(etl.lake.log, "SNAPSHOT_EVERY", 3)
        for export in exports[:2]:
            load_files(home, export, source="web")
        with locked(home), duckdb.connect() as con:
            lake = Lake(home)
            compact(con, lake, lake.sweep(), everything=True)
        build_home(home)
        load_files(home, exports[2], source="web")
    build_home(home)
    assert verify_home(load_settings(home)).faults == ()
    return home, exports


@pytest.fixture
def home(loaded: tuple[Path, list[Path]], tmp_path: Path) -> Path:
    """A copy of the home."""
    return Path(shutil.copytree(loaded[0], tmp_path / "home"))


def cut_to(bytes_left: float) -> Harm:
    """Leaves so many bytes, or so large a share of them; of a negative number, all but so many."""

    def harm(path: Path) -> None:
        size = path.stat().st_size
        left = size * bytes_left if 0 < bytes_left < 1 else bytes_left % size
        with path.open("r+b") as handle:
            handle.truncate(int(left))

    return harm


def zeroed(path: Path) -> None:
    """As after a power cut: as long as it was, and empty."""
    path.write_bytes(bytes(path.stat().st_size))


def flip(path: Path, every: int = 0) -> None:
    """Turns around a byte somewhere, or one in so many."""
    content = bytearray(path.read_bytes())
    one = random.Random(path.name).randrange(len(content))
    for place in range(12_300, len(content), every) if every else [one]:
        content[place] ^= 0x21
    path.write_bytes(bytes(content))


HARMS = [
    pytest.param(cut_to(0), id="empty"),
    pytest.param(cut_to(100), id="cut in the header"),
    pytest.param(cut_to(0.5), id="cut in half"),
    pytest.param(cut_to(-1), id="cut by a byte"),
    pytest.param(zeroed, id="zeroed"),
    pytest.param(Path.unlink, id="missing"),
]
# Those after which a file is not as long as it was.
SIZES = [harm for harm in HARMS if harm.values[0] is not zeroed]


@pytest.mark.parametrize("kind", ["build", "part"])
@pytest.mark.parametrize("harm", HARMS if IS_SEARCH else HARMS[::2])
def test_a_damaged_build_is_made_anew_by_the_next_one(home: Path, kind: str, harm: Harm) -> None:
    before = read_pointer(home)
    assert before is not None
    harm(before.path if kind == "build" else before.files[-1])
    if harm is not zeroed:
        assert any(
            "makes it anew" in problem for problem in home_state(load_settings(home)).problems
        )
    build = build_home(home)
    assert build.number == before.number + 1
    assert "damaged" in build.reason or not before.path.exists()
    assert (build.sessions, build.events, build.as_of) == (
        before.sessions, before.events, before.as_of,
    )  # fmt: skip
    assert home_state(load_settings(home)).problems == []


def test_blocks_that_changed_inside_a_part_are_met_by_a_build_that_goes_on_from_it(
    home: Path, tmp_path: Path
) -> None:
    before = read_pointer(home)
    assert before is not None
    for part in before.files[1:]:
        flip(part, every=3000)
    load_files(home, write_export(tmp_path / "more.ndjson", 600), source="web")
    build = build_home(home)
    assert "damaged" in build.reason
    full = build_home(home, full=True)
    assert tables(build.path) == tables(full.path)


NOT_OF_OUR_TYPES = '{"build": "two", "file": 3}'


def test_a_pointer_without_its_keys_is_told_and_made_anew(home: Path) -> None:
    for content in ("{}", "[]", '"x"', "", "{", "null", '{"build": 2}', NOT_OF_OUR_TYPES):
        (home / "builds" / "current.json").write_text(content)
        (problem,) = home_state(load_settings(home)).problems
        assert "current.json cannot be read as the pointer to a build" in problem
        assert "KeyError" not in problem
    build_home(home)
    assert home_state(load_settings(home)).problems == []


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_damaged_note_of_a_failure_stops_nothing(home: Path, content: str) -> None:
    note = home / "lake" / "failures" / "0123.json"
    note.parent.mkdir(exist_ok=True)
    note.write_text(content)
    assert home_state(load_settings(home)).failed_files == []
    load_files(home)
    assert not note.exists()


def files_of(home: Path, kind: str) -> list[Path]:
    """The files of the lake of a kind, the one of most batches first."""
    lake = Lake(home).state()
    files = sorted(lake.of_kind(kind), key=lambda f: f.first_batch - f.last_batch)
    return [lake.path_of(file) for file in files]


@pytest.mark.parametrize("kind", ["events", "rejected"])
def test_files_of_the_lake_that_are_of_another_size_or_missing_are_told(
    home: Path, kind: str
) -> None:
    path = files_of(home, kind)[0]
    content = path.read_bytes()
    for harm in (*(harm.values[0] for harm in SIZES), lambda p: p.write_bytes(b"x" * 99_999)):
        harm(path)
        (problem,) = home_state(load_settings(home)).problems
        assert str(path) in problem
        with pytest.raises(BuildError, match="Rows of the lake are lost"):
            build_home(home)
        path.write_bytes(content)
    assert home_state(load_settings(home)).problems == []


# Whatever became of a file, it is there or not.
@pytest.mark.parametrize("kind", ["events", "rejected"])
@pytest.mark.parametrize("harm", [HARMS[2], HARMS[5]])
def test_rows_that_the_lake_lost_come_back_with_their_exports(
    home: Path, loaded: tuple[Path, list[Path]], kind: str, harm: Harm
) -> None:
    events, rejected = lake_rows(home), len(lake_table(home, "rejected"))
    harm(files_of(home, kind)[0])
    (problem,) = home_state(load_settings(home)).problems
    first, second, third = loaded[1]
    assert str(first) in problem
    assert str(second) in problem
    assert (str(third) in problem) == (kind == "rejected" and len(files_of(home, kind)) == 1)
    with pytest.raises(BuildError, match="Rows of the lake are lost"):
        build_home(home)
    outcomes = load_files(home, first, third, source="web")
    assert outcomes[0].message == "rows of it were lost: they are back"
    if str(third) not in problem:
        assert outcomes[1].status == "unchanged"
    with pytest.raises(BuildError, match=r"1\.ndjson"):
        build_home(home)
    load_files(home, second, source="web")
    assert lake_rows(home) == events
    assert len(lake_table(home, "rejected")) == rejected
    assert {o.status for o in load_files(home, *loaded[1], source="web")} == {"unchanged"}
    build_home(home)
    assert home_state(load_settings(home)).problems == []
    assert list(verify(Lake(home))) == []
    assert_lake_is_tidy(home)


def test_other_files_load_while_rows_are_lost_and_say_so(home: Path, tmp_path: Path) -> None:
    files_of(home, "events")[0].unlink()
    more = write_export(tmp_path / "more.ndjson", 600)
    told = subprocess.run(
        [DWELL, "load", more, "--home", home, "--source", "web", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    content = json.loads(told.stdout)
    assert (told.returncode, content["batches"][0]["status"]) == (1, "loaded")
    assert "is missing" in content["warnings"][0]
    assert "Rows of the lake are lost" in content["error"]


def test_rows_come_back_from_a_copy_of_the_export_at_another_place(
    home: Path, loaded: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    events = lake_rows(home)
    files_of(home, "events")[0].unlink()
    for export in loaded[1][:2]:
        # A row without a type would be named after its file; these tell theirs.
        load_files(home, Path(shutil.copy(export, tmp_path / export.name)), source="web")
    assert lake_rows(home) == events


def test_a_restored_backup_is_enough(home: Path) -> None:
    path = files_of(home, "events")[0]
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(BuildError, match="is missing"):
        build_home(home)
    path.write_bytes(content)
    assert not build_home(home).is_new


def files_of_lake(home: Path) -> list[Path]:
    """All files that the lake needs: rows, ids, records and snapshots."""
    folders = ("events", "rejected", "ids", "log")
    named = {Lake(home).root / name for name in Lake(home).state().files}
    found = [path for name in folders for path in (home / "lake" / name).rglob("*")]
    return [p for p in found if p.is_file() and (p in named or "/log/" in p.as_posix())]


def test_check_finds_any_byte_that_changed_in_any_file_of_the_lake(home: Path) -> None:
    kinds = set()
    for path in files_of_lake(home):
        content = path.read_bytes()
        flip(path)
        faults = list(verify(Lake(home)))
        told = [fault.path for fault in faults]
        assert any(path == one or one in path.parents for one in told), path
        assert all(fault.remedy for fault in faults)
        path.write_bytes(content)
        kinds.add(path.suffix)
    assert kinds == {".parquet", ".keys", ".json"}
    assert list(verify(Lake(home))) == []


def test_check_says_what_to_do_and_doing_it_helps(
    home: Path, loaded: tuple[Path, list[Path]]
) -> None:
    events = lake_rows(home)
    damaged = [*files_of(home, "events")[:1], *files_of(home, "ids")[:1]]
    for path in damaged:
        flip(path)
    faults = verify_home(load_settings(home)).faults
    remedies = {fault.path: fault.remedy for fault in faults}
    assert remedies.keys() == set(damaged)
    assert "Remove it. It held" in remedies[damaged[0]]
    assert f"dwell load {loaded[1][0]} {loaded[1][1]} --source web" in remedies[damaged[0]]
    assert "nothing is lost" in remedies[damaged[1]]
    for fault in faults:
        fault.path.unlink()
    load_files(home, *loaded[1], source="web")
    assert lake_rows(home) == events
    build_home(home)
    assert verify_home(load_settings(home)).faults == ()


def test_check_finds_what_changed_in_builds(home: Path) -> None:
    build = read_pointer(home)
    assert build is not None
    for path in build.files:
        content = path.read_bytes()
        for harm in (cut_to(0.5), cut_to(-1), lambda p: flip(p, every=3000), Path.unlink):
            harm(path)
            # An older build may be made of the same part.
            remedies = {f.path: f.remedy for f in verify_home(load_settings(home)).faults}
            assert "dwell build" in remedies[path], (path, harm)
            path.write_bytes(content)
    assert verify_home(load_settings(home)).faults == ()


def test_a_log_that_cannot_be_read_is_told(home: Path) -> None:
    record = max((home / "lake" / "log").glob("*.json"))
    record.write_text(record.read_text()[:-40])
    with pytest.raises(SourceError):
        Lake(home).state()
    faults = verify_home(load_settings(home)).faults
    assert faults[0].path == record
    assert "backup" in faults[0].remedy


def test_a_damaged_record_is_one_fault(home: Path) -> None:
    for harm in (cut_to(0.5), cut_to(0), zeroed):
        record = max((home / "lake" / "log").glob("*.json"))
        content = record.read_bytes()
        harm(record)
        (fault,) = verify_home(load_settings(home)).faults
        assert fault.path == record
        record.write_bytes(content)


@pytest.mark.parametrize("more", [0, 1], ids=["the last record", "one before it"])
@pytest.mark.parametrize("left", [0.5, 0, -2][: some(1, of=3)])
def test_a_record_without_a_backup_has_a_way_back_by_the_exports(
    loaded: tuple[Path, list[Path]], home: Path, tmp_path: Path, more: int, left: float
) -> None:
    exports = [*loaded[1], *(write_export(tmp_path / f"{n}.ndjson", n * 200) for n in (3, 4))]
    for export in exports[3:]:
        load_files(home, export, source="web")
    events, log = lake_rows(home), home / "lake" / "log"
    records = sorted(log.glob("*.json"))
    cut_to(left)(records[-1 - more])
    (fault,) = verify_home(load_settings(home)).faults
    moved = [path for path in records if path.name in fault.remedy]
    assert moved == records[-1 - more :]
    # The file's name stands behind all that the record's rows are in.
    assert (str(exports[-1]) in fault.remedy) == (more == 1 or left == -2)
    for path in moved:
        path.unlink()
    load_files(home, *exports[-1 - more :], source="web")
    assert lake_rows(home) == events
    build_home(home)
    assert verify_home(load_settings(home)).faults == ()
    assert {o.status for o in load_files(home, *exports, source="web")} == {"unchanged"}


def test_a_missing_record_is_told_with_a_way_back(home: Path, tmp_path: Path) -> None:
    for number in (3, 4):
        load_files(home, write_export(tmp_path / f"{number}.ndjson", number * 200), source="web")
    first, last = sorted((home / "lake" / "log").glob("*.json"))[-2:]
    first.unlink()
    (fault,) = verify_home(load_settings(home)).faults
    assert (fault.path, fault.problem) == (first, "is missing")
    assert f"move {last.name} out of" in fault.remedy
    assert str(tmp_path / "4.ndjson") in fault.remedy


def test_a_record_that_a_snapshot_holds_may_be_removed(home: Path) -> None:
    log = Lake(home).log
    newest = max(log.snapshots())
    held = [log.path_of(number) for number in log.records() if number <= newest]
    if not held:
        log.path_of(newest).write_text("{")
        held = [log.path_of(newest)]
    cut_to(0.5)(held[-1])
    (fault,) = verify_home(load_settings(home)).faults
    assert (fault.path, "says the same" in fault.remedy) == (held[-1], True)
    held[-1].unlink()
    assert verify_home(load_settings(home)).faults == ()


@pytest.mark.parametrize("harm", HARMS)
def test_cut_ids_are_told_and_made_anew_by_the_next_load(
    loaded: tuple[Path, list[Path]], home: Path, tmp_path: Path, harm: Harm
) -> None:
    for path in files_of(home, "ids"):
        harm(path)
    faults = verify_home(load_settings(home)).faults
    assert {fault.path for fault in faults} == set(files_of(home, "ids"))
    assert all("the next load makes the ids anew" in fault.remedy for fault in faults)
    export = write_export(tmp_path / "3.ndjson", 600)
    if harm is zeroed:
        for path in files_of(home, "ids"):
            path.unlink()
    (outcome,) = load_files(home, export, source="web")
    assert (outcome.rows_loaded, outcome.rows_duplicate) == (200, 40)
    assert verify_home(load_settings(home)).faults == ()


NOTES = {
    "fields": "fields/0123.json",
    "a failure": "failures/0123.json",
    "the key of pseudonyms": "pseudonyms.json",
}


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", "null", '{"kinds": 1, "key": 1}'])
@pytest.mark.parametrize("name", NOTES.values(), ids=NOTES)
def test_a_note_that_says_nothing_is_told(home: Path, name: str, content: str) -> None:
    note = home / "lake" / name
    note.parent.mkdir(exist_ok=True)
    note.write_text(content)
    (fault,) = verify_home(load_settings(home)).faults
    assert fault.path == note
    assert "emove it" in fault.remedy


def test_fields_and_a_key_that_are_gone_are_told_and_no_damage(home: Path, tmp_path: Path) -> None:
    line = '203.0.113.9 - - [10/Mar/2026:10:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "Mozilla"\n'
    (tmp_path / "access.log").write_text(line)
    load_files(home, tmp_path / "access.log")
    assert missing_notes(Lake(home)) == []
    shutil.rmtree(home / "lake" / "fields")
    (home / "lake" / "pseudonyms.json").unlink()
    assert verify_home(load_settings(home)).faults == ()
    fields, key = missing_notes(Lake(home))
    assert str(tmp_path / "access.log") in fields
    assert "compared with none" in fields
    assert "pseudonyms.json is missing" in key
    (tmp_path / "access-2.log").write_text(line.replace("10:00:00", "11:00:00"))
    load_files(home, write_export(tmp_path / "3.ndjson", 600), source="web")
    load_files(home, tmp_path / "access-2.log")
    assert missing_notes(Lake(home)) == []


def test_the_command_tells_and_exits_1_when_something_is_damaged(home: Path) -> None:
    def check(*more: str) -> subprocess.CompletedProcess[str]:
        command = [DWELL, "check", "--home", str(home), *more]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    whole = check()
    assert (whole.returncode, whole.stdout.startswith("All is whole:")) == (0, True)
    path = files_of(home, "events")[0]
    path.unlink()
    damaged = check()
    assert damaged.returncode == 1
    assert f"{path} is missing." in damaged.stdout
    (fault,) = json.loads(check("--json").stdout)["faults"]
    assert (fault["path"], fault["problem"]) == (str(path), "is missing")


@pytest.mark.parametrize("built", [False, True], ids=["first build", "later build"])
def test_a_disk_that_is_full_while_a_build_is_made_is_told_in_a_sentence(
    small_disk: Path, tmp_path: Path, built: bool
) -> None:
    home = small_disk / "home"
    subprocess.run(["mount", "-o", "remount,size=60m", small_disk], check=True)
    load_files(home, write_export(tmp_path / "a.ndjson", 0), source="web")
    if built:
        build_home(home)
        load_files(home, write_export(tmp_path / "b.ndjson", 200), source="web")
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - 300_000))
    before = read_pointer(home)
    command = [DWELL, "build", "--home", home]
    full = subprocess.run(command, capture_output=True, text=True, check=False)
    assert full.returncode == 1
    assert f"there is no room left on the disk of {home}" in full.stderr
    assert "was not expected" not in full.stderr
    assert read_pointer(home) == before
    filler.unlink()
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert verify_home(load_settings(home)).faults == ()
