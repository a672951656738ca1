"""Messages in a file: whole lines, each once, whatever was killed."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import DeliveryError
from warehouse.delivery.appended_file import append
from warehouse.delivery.message import Message

FIRST = Message("a-1", "ü", "two\nlines", {"n": 1})
SECOND = Message("a-2", "b", "c", {"n": 2})


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_a_message_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "new" / "alerts.ndjson"
    append(path, FIRST, is_repeat=False)
    append(path, SECOND, is_repeat=True)
    assert list(map(json.loads, lines(path))) == [FIRST.document(), SECOND.document()]


@settings(max_examples=30)
@given(st.integers(0, 60), st.booleans())
def test_a_repeat_after_any_part_of_a_write_is_one_line(written: int, is_second: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "alerts.ndjson"
        if is_second:
            append(path, SECOND, is_repeat=False)
        before = path.read_bytes() if is_second else b""
        append(path, FIRST, is_repeat=False)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(before) + written])
        append(path, FIRST, is_repeat=True)
        assert path.read_bytes() == whole
        append(path, FIRST, is_repeat=True)
        assert path.read_bytes() == whole


def test_half_a_line_of_others_stays_on_its_own(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text('{"other": 1}\n{"oth', encoding="utf-8")
    append(path, FIRST, is_repeat=False)
    assert lines(path)[:2] == ['{"other": 1}', '{"oth']
    assert json.loads(lines(path)[2]) == FIRST.document()


def test_only_the_whole_line_is_the_message(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text('{"seen": "a-1"}\n', encoding="utf-8")
    append(path, FIRST, is_repeat=True)
    assert len(lines(path)) == 2


@pytest.mark.parametrize("kind", ["a folder", "a pipe", "below a file"])
def test_what_is_no_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "it"
    if kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    else:
        path.write_text("", encoding="utf-8")
        path = path / "log"
    with pytest.raises(DeliveryError, match="it") as failed:
        append(path, FIRST, is_repeat=False)
    assert failed.value.at_fault == "receiver"


def test_a_full_disk_keeps_no_half_line(small_disk: Path) -> None:
    path = small_disk / "alerts.ndjson"
    append(path, FIRST, is_repeat=False)
    before = path.read_bytes()
    (small_disk / "ballast").write_bytes(b"x" * 1_900_000)
    large = Message("a-3", "b", "c" * 500_000)
    with pytest.raises(DeliveryError, match="No space left on device"):
        append(path, large, is_repeat=False)
    assert path.read_bytes() == before
    (small_disk / "ballast").unlink()
    append(path, large, is_repeat=True)
    assert len(lines(path)) == 2
