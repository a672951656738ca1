"""Blocks of whole lines: nothing of a file is lost or doubled, wherever the blocks are cut."""

import codecs
import gzip
from pathlib import Path

import pyarrow as pa
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import SourceError
from etl.file_hash import file_hash
from etl.read import lines as module
from etl.read.decode import clean_copy
from etl.read.lines import blocks


def lines_of(path: Path, compression: str = "none", size: int = 64) -> list[tuple[int, str]]:
    """Number and text of every line, as read in blocks of the size."""
    rows = []
    for block in blocks(path, compression, size):
        found = [(row["line"], row["text"]) for row in block.lines.to_pylist()]
        assert block.shortest == min(len(text.encode()) for _, text in found)
        for sign in "a{":
            assert block.all_begin_with(sign) == all(text.startswith(sign) for _, text in found)
        rows += found
    return rows


@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
        | st.text("a{", min_size=1, max_size=2)
    ),
    size=st.integers(1, 200),
    ends_with_break=st.booleans(),
)
def test_the_lines_of_all_blocks_are_those_of_the_file(
    tmp_path: Path, texts: list[str], size: int, ends_with_break: bool
) -> None:
    lines = [text.replace("\n", " ") + "\n" for text in texts]
    content = "".join(lines)
    if not ends_with_break:
        content = content[:-1]
    path = tmp_path / "text"
    path.write_bytes(content.encode())
    wanted = content.removeprefix("\ufeff").split("\n")
    last = wanted.pop()
    wanted = [line + "\n" for line in wanted] + ([last] if last else [])
    assert lines_of(path, size=size) == list(enumerate(wanted, start=1))


@pytest.mark.parametrize(
    ("encoding", "mark"),
    {
        "utf-8": ("utf-8", codecs.BOM_UTF8),
        "utf-16-le": ("utf-16-le", codecs.BOM_UTF16_LE),
        "utf-16-be": ("utf-16-be", codecs.BOM_UTF16_BE),
        "utf-32-le": ("utf-32-le", codecs.BOM_UTF32_LE),
    }.values(),
    ids=["utf-8", "utf-16-le", "utf-16-be", "utf-32-le"],
)
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str, mark: bytes) -> None:
    path = tmp_path / "text"
    path.write_bytes(mark + "größe\n語\nend".encode(encoding))
    assert lines_of(path, size=16) == [(1, "größe\n"), (2, "語\n"), (3, "end")]
    clean_copy(path, "none", tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "größe\n語\nend"


def test_bytes_that_are_no_text_are_kept_as_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"good\nb\xe9d\n\xff\n")
    assert lines_of(path) == [(1, "good\n"), (2, "b\\xe9d\n"), (3, "\\xff\n")]


def test_a_line_longer_than_a_block_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"a\n" + b"x" * 100_000 + b"\nb\n")
    assert [(number, len(text)) for number, text in lines_of(path, size=10)] == [
        (1, 2),
        (2, 100_001),
        (3, 2),
    ]


def test_a_line_without_end_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE", 1000)
    path = tmp_path / "text"
    path.write_bytes(b"a\n" + b"x" * 5000)
    with pytest.raises(SourceError, match="line 2 is longer than"):
        lines_of(path)


def test_compressed_files_are_unpacked_and_hashed_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "text.gz"
    path.write_bytes(gzip.compress(b"a\nb\n") + gzip.compress(b"c\n"))
    seen = xxhash.xxh3_128()
    texts = [
        row["text"]
        for block in blocks(path, "gzip", 64, seen.update)
        for row in block.lines.to_pylist()
    ]
    assert texts == ["a\n", "b\n", "c\n"]
    assert seen.hexdigest() == file_hash(path) == xxhash.xxh3_128(path.read_bytes()).hexdigest()


def test_a_compressed_file_that_ends_too_soon_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "text.gz"
    path.write_bytes(gzip.compress(bytes(range(256)) * 100)[:-20])
    with pytest.raises(SourceError, match="cannot be unpacked to its end"):
        lines_of(path, "gzip")


def test_a_block_is_good_until_the_one_after_the_next(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"".join(b"%06d\n" % number for number in range(100)))
    before: pa.Table | None = None
    texts: list[str] = []
    for block in blocks(path, size=64):
        if before is not None:
            texts += before.column("text").to_pylist()
        before = block.lines
    assert before is not None
    texts += before.column("text").to_pylist()
    assert texts == [f"{number:06d}\n" for number in range(100)]
