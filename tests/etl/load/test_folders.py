"""Folders and archives: what is in them is loaded, or named with the reason."""

import bz2
import gzip
import json
import lzma
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etl.config.settings import load_settings
from etl.lake import Lake, locked
from etl.lake.records import Transaction
from etl.load.check_sources import check_sources
from etl.load.outcome import Outcome, failures
from etl.read import unpack
from tests.make import lake_table, load_files, settings_of
from warehouse.refresh import Result, load_and_build, summary, wanted_files


def line(user: str) -> str:
    """One click."""
    return json.dumps({"user": user, "time": "2026-03-10T14:00:00Z", "event": "click"}) + "\n"


def csv(user: str) -> str:
    """The same as rows."""
    return f"user,time,event\n{user},2026-03-10T14:00:00Z,click\n"


def users(home: Path) -> list[str]:
    """Whose events are in the lake."""
    return sorted(row["user_id"] for row in lake_table(home, "events"))


def told(outcomes: list[Outcome], status: str) -> dict[str, str]:
    """Name of a file or folder → what was said, of those of a status."""
    return {Path(o.file).name: str(o.message) for o in outcomes if o.status == status}


def archive(path: Path, **files: str | bytes) -> Path:
    """A zip; two underscores in a name stand for a dot, three for a slash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name.replace("___", "/").replace("__", "."), content)
    return path


def test_every_file_of_a_folder_is_loaded_or_named(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "part-00000").write_text(csv("a"))
    (folder / "stream-1-2026-11-20-09-00-00-0a1b").write_text(line("b"))
    (folder / "c.CSV.GZ").write_bytes(gzip.compress(csv("c").encode()))
    (folder / "d.ndjson.bz2").write_bytes(bz2.compress(line("d").encode()))
    (folder / "e.csv.xz").write_bytes(lzma.compress(csv("e").encode()))
    (folder / "f.jsonlines").write_text(line("f"))
    archive(
        folder / "g.zip", sub___g__json=line("g"), h__json__gz=gzip.compress(line("h").encode())
    )
    (folder / "notes").write_text("some words, and\nsome more\n")
    for name in ("README", "_SUCCESS", ".DS_Store", "a.csv.crc"):
        (folder / name).write_text("x")
    outcomes = load_files(tmp_path / "home", folder)
    assert users(tmp_path / "home") == list("abcdefgh")
    skipped = told(outcomes, "skipped")
    assert skipped.keys() == {"export", "notes"}
    assert ".DS_Store, README, _SUCCESS, a.csv.crc" in skipped["export"]
    assert told(outcomes, "failed") == {}
    again = load_files(tmp_path / "home", folder)
    assert [o.status for o in again if o.status not in ("skipped", "unchanged")] == []


def test_text_without_the_mapped_columns_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "part-00000").write_text("uid,ts\na,2026-03-10T14:00:00Z\n")
    (folder / "notes").write_text("some words, and\nsome more\n")
    outcomes = load_files(tmp_path / "home", folder, map={"user": "uid", "time": "ts"})
    assert "has no column uid, ts" in told(outcomes, "skipped")["notes"]
    assert users(tmp_path / "home") == ["a"]


HARM: dict[str, tuple[str, bytes]] = {
    "of our suffix": ("words.csv", b"some words, and\nmore words\n"),
    "JSON of something else": ("stream-1", b'{"a": 1}\n'),
    "an Avro file": ("000000_0", b"Obj\x01 and more"),
    "a broken zip": ("e.zip", b"PK\x03\x04 and more"),
    "a broken bzip2": ("000001_0", b"BZh9 and more"),
}


@pytest.mark.parametrize(("name", "content"), HARM.values(), ids=HARM)
def test_what_looks_like_data_and_cannot_be_read_is_a_failure(
    tmp_path: Path, name: str, content: bytes
) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "a.ndjson").write_text(line("a"))
    (folder / name).write_bytes(content)
    outcomes = load_files(tmp_path / "home", folder)
    assert list(told(outcomes, "failed")) == [name]
    assert users(tmp_path / "home") == ["a"]


# What stands beside exports → its content, and what it is called.
BESIDE = {
    "a list of files": (
        "manifest.json",
        {"files": [{"name": "a.csv", "rows": 1}]},
        "list of files",
    ),
    "one that says when": (
        "export.json",
        {"created_at": "2026-03-10T14:00:00Z", "parts": {"sub/../a.csv": {"sha256": "0f"}}},
        "list of files",
    ),
    "of a store": ("m.json", {"entries": [{"url": "s3://b/p/0001_part_00"}]}, "list of files"),
    "columns": (
        *(
            "schema.json",
            [{"name": "user", "type": "STRING"}, {"name": "time", "type": "numeric(3)"}],
        ),
        "description of columns",
    ),
    "of Avro": (
        "e.json",
        {"type": "record", "fields": [{"name": "user", "type": ["null", "string"]}]},
        "description of columns",
    ),
    "JSON schema": ("e.json", {"$schema": "http://x", "properties": {}}, "description of columns"),
    "a note": ("manifest.json", {"rows": 1, "exported_at": "2026-03-10T14:00:00Z"}, "note on an"),
    "checksums": ("files.txt", f"{'0f' * 16}  a.csv\n{'0e' * 16} *b.csv\n", "list of checksums"),
    "a checksum": ("a.csv.txt", f"SHA256 (a.csv) = {'0f' * 32}\n", "list of checksums"),
}


@pytest.mark.parametrize("is_archive", [False, True], ids=["in a folder", "in an archive"])
@pytest.mark.parametrize(
    "reading",
    [{}, {"format": "events"}, {"map": {"user": "user", "time": "time"}}],
    ids=["as it is", "of a format", "with a map"],
)
def test_what_speaks_of_the_files_beside_it_is_named_and_no_harm(
    tmp_path: Path, reading: dict[str, Any], is_archive: bool
) -> None:
    exports = tmp_path / "exports"
    for number, (name, content, _) in enumerate(BESIDE.values()):
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        files = {"a.csv": csv(f"u{number}"), name: text}
        folder = exports / str(number)
        folder.mkdir(parents=True)
        if is_archive:
            members = {key.replace(".", "__"): one for key, one in files.items()}
            archive(folder / "e.zip", **members)
        else:
            for key, one in files.items():
                (folder / key).write_text(one)
    outcomes = load_files(tmp_path / "home", exports, **reading)
    assert told(outcomes, "failed") == {}
    assert users(tmp_path / "home") == [f"u{number}" for number in range(len(BESIDE))]
    for number, (name, _, what) in enumerate(BESIDE.values()):
        of_folder = [o for o in outcomes if Path(o.file).is_relative_to(exports / str(number))]
        assert what in told(of_folder, "skipped")[name]


def test_sources_passes_over_what_lies_beside_exports(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "a.csv").write_text(csv("a"))
    (folder / "manifest.json").write_text('{"files": ["a.csv"]}')
    os.utime(folder / "a.csv", (1, 1))
    settings = settings_of(tmp_path / "home", f'[sources.web]\npath = "{folder}"\n')
    (check,), _ = check_sources(settings)
    assert (check.trials[0].format, check.trials[0].error) == ("events", None)


ROWS_OF_FILES = {
    "uploads": '{"who": "a", "at": "2026-03-10T14:00:00Z", "file": "report.pdf"}\n' * 2,
    "columns of an object": '{"name": "a", "type": "text_message"}\n' * 2,
}


@pytest.mark.parametrize("text", ROWS_OF_FILES.values(), ids=ROWS_OF_FILES)
def test_rows_that_only_look_a_little_like_a_list_are_a_failure(tmp_path: Path, text: str) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "e.ndjson").write_text(text)
    assert "e.ndjson" in told(load_files(tmp_path / "home", tmp_path / "export"), "failed")


@pytest.mark.parametrize("name", ["export.csv", "export", "export.json", "part-00000", "e.log"])
def test_an_archive_is_one_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    archive(tmp_path / "folder" / name, a__csv=csv("a"), b__json=line("b"))
    for place in (tmp_path / "folder", tmp_path / "folder" / name):
        home = tmp_path / f"home-{place.name}"
        load_files(home, place)
        assert users(home) == ["a", "b"]


def test_an_archive_of_nothing_holds_no_file(tmp_path: Path) -> None:
    archive(tmp_path / "e.zip")
    (outcome,) = load_files(tmp_path / "home", tmp_path / "e.zip")
    assert (outcome.status, "holds no file" in str(outcome.message)) == ("skipped", True)


def test_a_member_is_a_batch_of_its_own_and_known_by_the_name_it_has(tmp_path: Path) -> None:
    path = archive(tmp_path / "e.zip", x___a__json=line("a"), x___b__json=line("b"))
    load_files(tmp_path / "home", path)
    files = [batch.file for batch in Lake(tmp_path / "home").batches()]
    assert files == [f"{path}/x/a.json", f"{path}/x/b.json"]
    assert {o.status for o in load_files(tmp_path / "home", path)} == {"unchanged"}
    # The same members in an archive that was made again.
    archive(path, x___a__json=line("a"), x___b__json=line("b"), x___c__json=line("c"))
    again = load_files(tmp_path / "home", path)
    assert [o.status for o in again] == ["unchanged", "unchanged", "loaded"]
    assert not Lake(tmp_path / "home").unpacked.exists()


def test_an_unchanged_archive_is_not_unpacked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path / "e.zip", a__json=line("a"))
    load_files(tmp_path / "home", path)
    monkeypatch.setattr(unpack.zipfile.ZipFile, "open", None)
    assert [o.status for o in load_files(tmp_path / "home", path)] == ["unchanged"]


def test_a_member_that_leads_out_of_the_archive_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("../../evil.json", line("e"))
        target.writestr("a.json", line("a"))
    assert "../../evil.json" in told(load_files(tmp_path / "home", path), "skipped")["e.zip"]
    assert users(tmp_path / "home") == ["a"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_all_loaded(tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as target:
        for name, user in (("e.csv", "a"), ("e.csv", "b"), ("e (2).csv", "c"), ("/e.csv", "d")):
            target.writestr(name, csv(user))
    assert {o.status for o in load_files(tmp_path / "home", path)} == {"loaded"}
    assert users(tmp_path / "home") == list("abcd")
    assert {o.status for o in load_files(tmp_path / "home", path)} == {"unchanged"}
    assert len({batch.file for batch in Lake(tmp_path / "home").batches()}) == 4


ABSOLUTE = {
    "absolute": "/abs/e.csv", "with two slashes": "//abs/e.csv", "at the top": "/e.csv",
    "through another folder": "abs/./e.csv",
}  # fmt: skip


@pytest.mark.parametrize("name", ABSOLUTE.values(), ids=ABSOLUTE)
@pytest.mark.parametrize("pack", [str.encode, lambda text: bz2.compress(text.encode())],
                         ids=["plain", "packed"])  # fmt: skip
def test_a_member_lies_below_its_archive_whatever_its_name_says(
    tmp_path: Path, name: str, pack: Callable[[str], bytes]
) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr(name, pack(csv("a")))
    assert [o.status for o in load_files(tmp_path / "home", path)] == ["loaded"]
    (batch,) = Lake(tmp_path / "home").batches()
    assert Path(batch.file).is_relative_to(path)
    assert users(tmp_path / "home") == ["a"]
    assert {o.status for o in load_files(tmp_path / "home", path)} == {"unchanged"}


def test_what_unpacks_to_more_than_rows_do_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "_LARGE", 1 << 20)
    path = archive(tmp_path / "e.zip", a__json=b"0" * (9 << 20), b__json=line("b"))
    outcomes = load_files(tmp_path / "home", path)
    assert "times as large unpacked as packed" in told(outcomes, "failed")["a.json"]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(8, 4, 4))
    (tmp_path / "c.json.bz2").write_bytes(bz2.compress(line("c").encode()))
    outcomes = load_files(tmp_path / "home", tmp_path / "c.json.bz2")
    assert "more than half of the free disk" in told(outcomes, "failed")["c.json.bz2"]
    assert users(tmp_path / "home") == ["b"]


def test_messages_name_the_member_and_not_its_copy(tmp_path: Path) -> None:
    path = archive(tmp_path / "e.zip", a__csv="x,y\n1,2\n")
    message = told(load_files(tmp_path / "home", path), "failed")["a.csv"]
    assert f"{path}/a.csv: no format" in message
    assert "unpacked" not in message


def test_an_excel_file_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("[Content_Types].xml", "x")
    assert "an Excel file" in told(load_files(tmp_path / "home", path), "failed")["e.zip"]


def test_sources_looks_into_archives(tmp_path: Path) -> None:
    archive(tmp_path / "e.zip", a__json=line("a"))
    settings = settings_of(tmp_path / "home", f'[sources.web]\npath = "{tmp_path}/*.zip"\n')
    (check,), _ = check_sources(settings)
    (trial,) = check.trials
    assert (trial.format, trial.error) == ("events", None)


def test_a_date_in_front_names_no_type(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for day in ("20", "21"):
        text = f"user_id,created_at,amount\na,2026-03-{day}T10:00:00Z,{day}\n"
        (folder / f"2026-03-{day}-orders.csv").write_text(text)
    load_files(tmp_path / "home", folder)
    rows = lake_table(tmp_path / "home", "events")
    assert {row["event_type"] for row in rows} == {"order_created"}


POINTERS = {
    "Git LFS": ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "lfs pull"),
    "git-annex": ("/annex/objects/SHA256E-s9--0.json\n", "git annex get"),
}


@pytest.mark.parametrize(("text", "advice"), POINTERS.values(), ids=POINTERS)
def test_a_pointer_in_the_place_of_data_is_called_one(
    tmp_path: Path, text: str, advice: str
) -> None:
    (tmp_path / "e.json").write_text(text)
    message = told(load_files(tmp_path / "home", tmp_path / "e.json"), "failed")["e.json"]
    assert "pointer of" in message
    assert advice in message


def refreshed(home: Path, file: Path) -> Result:
    """What a load of the file and the build after it came to."""
    settings = load_settings(home)
    with locked(home):
        return load_and_build(settings, wanted_files(settings, [str(file)]))


NOTHING = {
    "no row with a user": "user,time,event\n,2026-03-10T14:00:00Z,x\n",
    "no row with a time": "user,time,event\na,today,x\nb,today,x\n",
    "a header alone": "user,time,event\n",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_of_nothing_no_build_is_made_and_the_load_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "e.csv").write_text(text)
    result = refreshed(tmp_path / "home", tmp_path / "e.csv")
    assert result.has_failed
    assert summary(result)["build"] is None
    if "today" in text:
        assert "2 × no readable time (line 2)" in str(result.outcomes[0].message)


def test_a_file_of_rejected_rows_fails_a_load_beside_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(csv("a"))
    (tmp_path / "b.csv").write_text("user,time,event\nb,today,x\n")
    assert not refreshed(tmp_path / "home", tmp_path / "a.csv").has_failed
    result = refreshed(tmp_path / "home", tmp_path / "b.csv")
    assert result.has_failed
    assert result.build is not None
    (tmp_path / "c.csv").write_text("user,time,event\n")
    assert not refreshed(tmp_path / "home", tmp_path / "c.csv").has_failed


def noted(home: Path) -> list[str]:
    """Names of the files that `dwell status` would say failed or hold no event."""
    return [Path(str(note["file"])).name for note in failures(home)]


def test_a_file_without_an_event_is_told_by_each_load_until_it_is_read_in_a_way_that_fits(
    tmp_path: Path,
) -> None:
    home, file = tmp_path / "home", tmp_path / "e.csv"
    file.write_text("user,time,event\na,10h03 2026-03-10,x\nb,10h04 2026-03-10,x\n")
    first = refreshed(home, file).outcomes[0]
    for _ in range(2):
        again = refreshed(home, file)
        assert (again.outcomes[0].status, again.outcomes[0].message) == ("unchanged", first.message)
        assert again.has_failed
        assert noted(home) == ["e.csv"]
        # What an older Dwell has loaded has no note.
        shutil.rmtree(home / "lake" / "failures")
    (fits,) = load_files(home, file, time_format="%Hh%M %Y-%m-%d")
    assert (fits.rows_loaded, fits.is_useless, noted(home)) == (2, False, [])


def test_a_copy_of_a_file_without_an_event_is_told_too_and_forgotten_once_it_is_gone(
    tmp_path: Path,
) -> None:
    home, file, copy = tmp_path / "home", tmp_path / "e.csv", tmp_path / "copies" / "e.csv"
    copy.parent.mkdir()
    for path in (file, copy):
        path.write_text("user,time,event\na,today,x\n")
    load_files(home, file)
    (outcome,) = load_files(home, copy)
    assert (outcome.status, outcome.is_useless) == ("unchanged", True)
    file.unlink()
    copy.unlink()
    (tmp_path / "good.csv").write_text(csv("a"))
    load_files(home, tmp_path / "good.csv")
    assert noted(home) == []


def test_a_file_whose_rows_are_all_of_excluded_users_is_no_failure_later(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(csv("a"))
    for status in ("loaded", "unchanged"):
        (one,) = load_files(tmp_path / "home", tmp_path / "e.csv", exclude_users=("a",))
        assert (one.status, one.is_useless, noted(tmp_path / "home")) == (status, False, [])


def test_why_a_file_has_no_event_stays_known_when_a_prune_takes_its_rows(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "e.csv"
    file.write_text("user,time,event\na,today,x\n")
    (first,) = load_files(home, file)
    state = Lake(home).state()
    (rejected,) = state.of_kind("rejected")
    change = Transaction("prune", gone=[rejected.name])
    Lake(home).commit(state, change, None)
    (again,) = load_files(home, file)
    assert (again.is_useless, again.message) == (True, first.message)
