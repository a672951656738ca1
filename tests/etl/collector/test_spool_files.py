"""The collector's files: which are its own, and how those that were left open are finished."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.collector.spool import Spool
from etl.collector.spool_files import (
    MARKER,
    Ended,
    finish_abandoned,
    finished,
    is_spooled,
    mark_folder,
    open_files,
    spool_folder,
)
from etl.errors import SourceError
from tests.etl.collector.conftest import append, line, lines_in
from tests.search import some

NAME = "collected-20260310T120000000000-7-1.ndjson"
NONE = Ended((), (), ())


def left_open(home: Path, content: bytes, name: str = NAME) -> Path:
    """A file that a killed collector left open."""
    path = mark_folder(home, "web") / f"{name}.open"
    path.write_bytes(content)
    return path


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_home_without_a_landing_folder_has_no_files(home: Path) -> None:
    assert (finished(home), open_files(home), finish_abandoned(home)) == ([], [], NONE)
    assert not home.exists()


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        pytest.param(b'{"a":1}\n{"b":2}\n', b'{"a":1}\n{"b":2}\n', id="whole lines"),
        pytest.param(b'{"a":1}\n{"b"', b'{"a":1}\n', id="a torn line"),
        pytest.param(b'{"a":1}\n{"b":2}', b'{"a":1}\n', id="a line without its end"),
        pytest.param(b'{"a":1}\n' + b"\0" * 200_000, b'{"a":1}\n', id="zeros of a lost disk"),
        pytest.param(b"x" * 200_000 + b"\n" + b"y" * 200_000, b"x" * 200_000 + b"\n", id="long"),
        pytest.param(b'{"a"', None, id="a torn line alone"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_a_file_that_was_left_open_ends_with_its_last_newline(
    home: Path, content: bytes, kept: bytes | None
) -> None:
    path = left_open(home, content)
    ended = finish_abandoned(home)
    whole = [(file.source, file.path.name, file.path.read_bytes()) for file in finished(home)]
    assert whole == ([("web", NAME, kept)] if kept else [])
    assert list(ended.finished) == finished(home)
    assert (ended.held, ended.problems) == ((), ())
    assert not path.exists()
    assert finish_abandoned(home) == NONE


@settings(max_examples=some(20, of=300), deadline=None)
@given(st.binary(max_size=300), st.integers(1, 64))
def test_finishing_keeps_all_up_to_the_last_newline(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, piece: int
) -> None:
    home = tmp_path_factory.mktemp("spool")
    left_open(home, content)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("etl.collector.spool_files._PIECE", piece)
        finish_abandoned(home)
    kept = b"".join(file.path.read_bytes() for file in finished(home))
    assert kept == content[: content.rfind(b"\n") + 1]


def test_a_file_that_a_collector_writes_is_left_as_it_is(home: Path) -> None:
    spool = Spool(home)
    append(spool, "web", [each := line()])
    ended = finish_abandoned(home)
    assert (ended.finished, list(ended.held)) == ((), open_files(home))
    spool.stop()
    assert lines_in(home) == [each]


KILLED = """
import asyncio, os, signal, sys
from etl.collector.spool import Spool
spool = Spool(sys.argv[1])
asyncio.run(spool.append("web", [b'{"event_id":"before"}']))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_collector_that_starts_finishes_what_a_killed_one_left_open(home: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(home)], check=False)
    assert killed.returncode == -9
    assert len(open_files(home)) == 1
    spool = Spool(home)
    assert [file.source for file in spool.left_open.finished] == ["web"]
    assert open_files(home) == []
    append(spool, "web", [each := line()])
    spool.stop()
    assert lines_in(home) == [b'{"event_id":"before"}', each]


def test_a_name_that_is_taken_is_not_overwritten(home: Path) -> None:
    path = left_open(home, b'{"b":2}\n')
    path.with_name(NAME).write_bytes(b'{"a":1}\n')
    path.with_name(NAME.replace("-1.", "-2.")).write_bytes(b'{"c":3}\n')
    finish_abandoned(home)
    assert lines_in(home) == [b'{"a":1}', b'{"c":3}', b'{"b":2}']


def test_a_file_that_was_finished_meanwhile_is_not_finished_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = left_open(home, b'{"a":1}\n{"torn')
    flock = fcntl.flock

    def others_first(number: int, how: int) -> None:
        # Another run finishes it between the opening and the lock.
        if path.exists():
            path.rename(path.with_name(NAME))
        flock(number, how)

    monkeypatch.setattr(fcntl, "flock", others_first)
    assert finish_abandoned(home) == NONE
    assert path.with_name(NAME).read_bytes() == b'{"a":1}\n{"torn'


def test_a_file_that_a_load_took_for_an_abandoned_one_is_begun_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(home)
    flock, ended = fcntl.flock, []

    def load_first(number: int, how: int) -> None:
        if not ended:
            ended.append(None)
            # The new file is empty and not locked yet: a load removes it.
            finish_abandoned(home)
            assert open_files(home) == []
        flock(number, how)

    monkeypatch.setattr(fcntl, "flock", load_first)
    append(spool, "web", [each := line()])
    spool.stop()
    assert lines_in(home) == [each]


@pytest.mark.parametrize(
    "name",
    [
        *("events.ndjson", "collected-1.ndjson", f"x{NAME}", f"{NAME}.gz", f"{NAME}.tmp"),
        *("events.ndjson.open", "collected-20260310-7-1.ndjson.open", f"{NAME}.open.open"),
    ],
)
def test_files_of_other_names_are_never_touched(home: Path, name: str) -> None:
    path = mark_folder(home, "web") / name
    path.write_bytes(b"theirs without end")
    assert (finished(home), open_files(home), finish_abandoned(home)) == ([], [], NONE)
    assert not is_spooled(path)
    assert path.read_bytes() == b"theirs without end"


def test_a_folder_without_the_marker_is_somebody_s(home: Path) -> None:
    folder = spool_folder(home, "web")
    folder.mkdir(parents=True)
    for name in (NAME, f"{NAME}.open"):
        (folder / name).write_bytes(b"theirs")
    assert (finished(home), open_files(home), finish_abandoned(home)) == ([], [], NONE)
    assert not is_spooled(folder / NAME)


def test_what_was_in_the_folder_before_the_marker_stays_somebody_s(home: Path) -> None:
    folder = spool_folder(home, "web")
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(b"theirs")
    (folder / "mine.csv").write_bytes(b"theirs")
    spool = Spool(home)
    append(spool, "web", [each := line()])
    spool.stop()
    assert lines_in(home) == [each]
    assert not is_spooled(folder / NAME)
    assert [path.read_bytes() for path in (folder / NAME, folder / "mine.csv")] == [b"theirs"] * 2


@pytest.mark.parametrize("ending", ["", ".open"])
def test_a_link_is_somebody_s(home: Path, tmp_path: Path, ending: str) -> None:
    theirs = tmp_path / "theirs.ndjson"
    theirs.write_bytes(b"torn")
    link = mark_folder(home, "web") / f"{NAME}{ending}"
    link.symlink_to(theirs)
    assert (finished(home), open_files(home), finish_abandoned(home)) == ([], [], NONE)
    assert not is_spooled(link)
    assert theirs.read_bytes() == b"torn"


@pytest.mark.parametrize("source", ["web", "mein é", "a/b", "..", ".hidden", "x" * 150])
def test_the_marker_says_whose_the_folder_is(home: Path, source: str) -> None:
    left_open(home, b"x\n")
    folder = mark_folder(home, source)
    assert mark_folder(home, source) == folder
    (folder / NAME).write_bytes(b"x\n")
    assert source in {file.source for file in finished(home)}
    assert folder.is_relative_to(home / "landing")
    assert names(folder)[:1] == [MARKER]


def test_of_a_damaged_marker_the_folder_tells_the_source(home: Path) -> None:
    folder = mark_folder(home, "mein é")
    (folder / NAME).write_bytes(b"x\n")
    for damage in ("", "{", "[]", '{"source'):
        (folder / MARKER).write_text(damage)
        assert [file.source for file in finished(home)] == ["mein é"]


def test_a_marker_is_whole_or_not_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fails)
        with pytest.raises(OSError, match="No space"):
            mark_folder(home, "web")
    assert names(spool_folder(home, "web")) == []
    assert names(mark_folder(home, "web")) == [MARKER]


@pytest.mark.parametrize("has_links", [True, False])
def test_of_two_collectors_that_begin_at_once_neither_takes_the_other_s_files_for_somebody_s(
    home: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    link, given = os.link, line()

    def other_first(prepared: Path, marker: Path) -> None:
        monkeypatch.setattr(os, "link", link)
        other = Spool(home)
        append(other, "web", [given])
        other.stop()
        if not has_links:
            raise PermissionError(1, "Operation not permitted")
        link(prepared, marker)

    monkeypatch.setattr(os, "link", other_first)
    mark_folder(home, "web")
    assert lines_in(home) == [given]
    assert names(spool_folder(home, "web"))[0] == MARKER
    assert len(names(spool_folder(home, "web"))) == 2


def test_a_file_system_without_links_has_markers_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", fails)
    assert names(mark_folder(home, "web")) == [MARKER]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_told(home: Path) -> None:
    folder = mark_folder(home, "web")
    folder.chmod(0o311)
    try:
        with pytest.raises(SourceError, match="owner and permissions"):
            finished(home)
    finally:
        folder.chmod(0o755)


def test_a_file_that_cannot_be_finished_is_told_and_stops_no_other(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_open(home, b"a\n")
    left_open(home, b"b\n", NAME.replace("-1.", "-2."))
    rename = Path.rename

    def fails(path: Path, target: Path) -> Path:
        if path.name.startswith(NAME):
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    ended = finish_abandoned(home)
    assert len(ended.finished) == 1
    ((file, sentence),) = ended.problems
    assert file.path.name == f"{NAME}.open"
    assert "cannot be finished: Permission denied. Mend its owner" in sentence
