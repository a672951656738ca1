"""Which lines the tail takes of the collector's files, whatever becomes of the files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from etl.collector.spool_files import mark_folder
from warehouse.live import tail as tail_module
from warehouse.live.tail import Tail, TailChanged, TailTooLong, has_spool

NAME = "collected-20260310T120000000000-7-{}.ndjson"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a collector writes."""
    return mark_folder(tmp_path, "web")


def lines_of(tail: Tail) -> bytes:
    return b"".join(piece.lines for piece in tail.more())


def add(path: Path, text: str) -> Path:
    with path.open("a") as handle:
        handle.write(text)
    return path


def test_a_home_without_a_collector_has_none(tmp_path: Path) -> None:
    (tmp_path / "landing" / "web" / "collected").mkdir(parents=True)
    add(tmp_path / "landing" / "web" / "collected" / NAME.format(1), "{}\n")
    assert not has_spool(tmp_path)
    assert lines_of(Tail(tmp_path, ())) == b""


def test_a_home_with_a_collector_has_one(folder: Path, tmp_path: Path) -> None:
    assert has_spool(tmp_path)


def test_only_whole_lines_are_read_and_each_once(folder: Path, tmp_path: Path) -> None:
    tail, path = Tail(tmp_path, ()), add(folder / f"{NAME.format(1)}.open", "1\n2")
    assert lines_of(tail) == b"1\n"
    assert lines_of(tail) == b""
    add(path, "2\n3\n")
    assert lines_of(tail) == b"22\n3\n"


def test_a_file_is_read_on_once_it_is_finished(folder: Path, tmp_path: Path) -> None:
    tail, path = Tail(tmp_path, ()), add(folder / f"{NAME.format(1)}.open", "1\n")
    assert lines_of(tail) == b"1\n"
    add(path, "2\n").rename(folder / NAME.format(1))
    assert lines_of(tail) == b"2\n"
    assert lines_of(tail) == b""


def test_a_file_that_is_renamed_just_now_is_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = add(folder / f"{NAME.format(1)}.open", "1\n")
    found = tail_module.open_files(tmp_path)
    path.rename(folder / NAME.format(1))
    monkeypatch.setattr(tail_module, "open_files", lambda home: found)
    monkeypatch.setattr(tail_module, "finished", lambda home: [])
    assert lines_of(Tail(tmp_path, ())) == b"1\n"


def test_a_file_that_is_removed_just_now_has_no_lines(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = add(folder / NAME.format(1), "1\n")
    found = tail_module.finished(tmp_path)
    path.unlink()
    monkeypatch.setattr(tail_module, "finished", lambda home: found)
    assert lines_of(Tail(tmp_path, ())) == b""


def test_files_of_the_build_are_passed_over(folder: Path, tmp_path: Path) -> None:
    add(folder / NAME.format(1), "built\n")
    add(folder / NAME.format(2), "new\n")
    assert lines_of(Tail(tmp_path, {("web", NAME.format(1))})) == b"new\n"


def test_files_of_others_are_passed_over(folder: Path, tmp_path: Path) -> None:
    add(folder / "export.ndjson", "other\n")
    add(folder / f"{NAME.format(1)}.gz", "other\n")
    assert lines_of(Tail(tmp_path, ())) == b""


CHANGES: dict[str, Callable[[Path], object]] = {
    "shorter": lambda path: path.write_text("1\n"),
    "shorter, and longer again": lambda path: path.write_text("1\nother\nlines\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_lines_that_were_taken_back_are_noticed(folder: Path, tmp_path: Path, change: str) -> None:
    tail, path = Tail(tmp_path, ()), add(folder / f"{NAME.format(1)}.open", "1\n2\n")
    assert lines_of(tail) == b"1\n2\n"
    CHANGES[change](path)
    with pytest.raises(TailChanged):
        lines_of(tail)


def test_a_line_longer_than_a_read_is_whole(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail_module, "_BYTES_AT_ONCE", 4)
    add(folder / NAME.format(1), "0123456789\n1\n2\n3")
    assert lines_of(Tail(tmp_path, ())) == b"0123456789\n1\n2\n"


def test_more_lines_than_are_kept_are_too_many(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail_module, "MOST_LINES", 3)
    path = add(folder / NAME.format(1), "1\n2\n3\n")
    tail = Tail(tmp_path, ())
    assert lines_of(tail) == b"1\n2\n3\n"
    add(path, "4\n")
    with pytest.raises(TailTooLong):
        lines_of(tail)
