"""Finding files and looking at their beginning."""

import gzip
import json
import sqlite3
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from etl.errors import SourceError
from etl.read.find import expand, name_of_rows, stem_of
from etl.read.sample import look_at


@pytest.mark.parametrize(
    ("text", "delimiter", "columns"),
    [
        ("user,time,event\na,1,b\n", ",", ("user", "time", "event")),
        ("user\ttime\na\t1\n", "\t", ("user", "time")),
        ("user;time\na;1,5\n", ";", ("user", "time")),
        ("user|time\na|1\n", "|", ("user", "time")),
        ("1 16 1254271421\n1 2 1254272026\n", " ", ("1", "16", "1254271421")),
        ('user,note\na,"one, two"\nb,"x"\n', ",", ("user", "note")),
        ("user,note\na,with some words\nb,with some more\n", ",", ("user", "note")),
        ("\ufeffuser,time\na,1\n", ",", ("user", "time")),
        ("user,,user\na,1,2\n", ",", ("user", "column2", "user_2")),
    ],
)
def test_the_delimiter_is_the_one_that_cuts_lines_alike(
    tmp_path: Path, text: str, delimiter: str, columns: tuple[str, ...]
) -> None:
    file = tmp_path / "rows.txt"
    file.write_text(text, encoding="utf-8")
    sample = look_at(file)
    assert (sample.kind, sample.delimiter, sample.columns) == ("delimited", delimiter, columns)


def test_columns_of_a_file_without_header_are_numbered(tmp_path: Path) -> None:
    file = tmp_path / "rows.txt"
    file.write_text("1 16 1254271421\n", encoding="utf-8")
    assert look_at(file, header=False).columns == ("column1", "column2", "column3")


@pytest.mark.parametrize(
    ("text", "kind", "columns"),
    [
        ('{"a": 1}\n{"b": 2}\n', "ndjson", ("a", "b")),
        ('\n  {"a": 1}\n', "ndjson", ("a",)),
        ('{broken\n{"b": 2}\n', "ndjson", ("b",)),
        ('[{"a": 1}, {"b": 2}]', "json_array", ("a", "b")),
        ('[\n  {"a": {"b": [1]}}\n]\n', "json_array", ("a",)),
        ("[]", "json_array", ()),
        ('{"a": 1}\n\n \t{"b": 2} \r\n', "ndjson", ("a", "b")),
        ('{"a": 1}\n{broken\n{"b": 2}\n', "ndjson", ("a", "b")),
        ('{"a": 1}\n{"b": 2}{"c": 3}\n', "json_objects", ("a", "b", "c")),
        ('{"a":\n{"b": 2}\n}\n', "json_objects", ("a",)),
        (r'{"a": "half a sign, \ud83d"}' '\n{"b": 2}\n', "ndjson", ("b",)),
        (r'{"a": "a whole one, \ud83d\ude00"}' '\n{"b": 2}\n', "ndjson", ("a", "b")),
        (r'{"a": "none, \\ud83d"}' '\n{"b": 2}\n', "ndjson", ("a", "b")),
        ('[{"a": 1}, 7, [{"b": 2}], "{", {"c": 3}]', "json_array", ("a", "c")),
        ('[{"a": 1}, {"b": 2', "json_array", ("a",)),
        ('[{"a": 1},, {broken}, {"b": 2}]', "json_array", ("a", "b")),
        ('[{"a": 1}]\n[{"b": 2}], {"c": 3}', "json_array", ("a", "b", "c")),
        (r'[{"a": "\uD83D"}, {"b": 2}]', "json_array", ("b",)),
    ],
)
def test_json_is_told_from_its_first_sign(
    tmp_path: Path, text: str, kind: str, columns: tuple[str, ...]
) -> None:
    file = tmp_path / "no suffix needed"
    file.write_text(text, encoding="utf-8")
    sample = look_at(file)
    assert (sample.kind, sample.columns) == (kind, columns)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_compression_is_told_from_the_bytes_not_the_name(tmp_path: Path, compression: str) -> None:
    file = tmp_path / "events.ndjson"
    with pa.CompressedOutputStream(str(file), compression) as stream:
        stream.write(b'{"user": "a"}\n')
    sample = look_at(file)
    assert (sample.kind, sample.compression, sample.columns) == ("ndjson", compression, ("user",))


def test_parquet_and_sqlite_are_told_from_their_bytes(tmp_path: Path) -> None:
    parquet, database = tmp_path / "one", tmp_path / "other"
    pl.DataFrame({"user": ["a"], "time": [1]}).write_parquet(parquet)
    con = sqlite3.connect(database)
    con.execute("create table posts (id, author_id)")
    con.close()
    assert (look_at(parquet).kind, look_at(parquet).columns) == ("parquet", ("user", "time"))
    sample = look_at(database)
    assert (sample.kind, sample.tables) == ("sqlite", {"posts": ("id", "author_id")})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\n \n\n", "blank lines only", id="blank lines"),
        pytest.param(
            gzip.compress(b'{"user": "a"}\n', mtime=0)[:-9], "cannot be unpacked", id="cut gzip"
        ),
        pytest.param(b"PAR1 and nothing of Parquet", "cannot be read", id="no Parquet"),
        pytest.param(
            b"SQLite format 3\0 and nothing else", "cannot be read as SQLite", id="no SQLite"
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=said) as raised:
        look_at(file)
    assert str(file) in str(raised.value)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        look_at(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("posts.csv", "posts"),
        ("events-2026-11-20.csv.gz", "events"),
        ("events_003.ndjson.zst", "events"),
        ("sx-mathoverflow-a2q.txt.gz", "sx-mathoverflow-a2q"),
        ("2026-11-20.log", "2026-11-20"),
        ("dots.in.name.csv", "dots.in.name"),
        ("2026-11-20-orders.csv", "orders"),
        ("20261120_orders.csv", "orders"),
        ("20.11.2026 orders.csv", "orders"),
        ("orders_2026-11-20_final.csv", "orders_final"),
        ("2026-11-20T09-00-00Z_orders.json.GZ", "orders"),
        ("orders-2026-11.pq", "orders"),
        ("3d_models.csv", "3d_models"),
        ("404s.csv", "404s"),
        ("part-00000-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f-c000.snappy.parquet", "part"),
    ],
)
def test_the_stem_is_the_name_without_suffixes_and_dates(name: str, stem: str) -> None:
    assert stem_of(Path(name)) == stem


def test_folders_globs_and_files_become_sorted_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.ndjson", "sub/c.csv.gz", "sub/.hidden.csv", "readme.md", "x.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = expand([str(tmp_path)])
    assert [file.relative_to(tmp_path).as_posix() for file in found.files] == [
        *("a.ndjson", "b.csv", "sub/c.csv.gz"),
    ]
    assert found.left_out == {str(tmp_path): ["readme.md", "sub/.hidden.csv", "x.py"]}
    found = expand([f"{tmp_path}/*.csv", f"{tmp_path}/readme.md", f"{tmp_path}/*.tsv"])
    assert [file.name for file in found.files] == ["b.csv", "readme.md"]
    assert (found.missing, found.left_out) == ([f"{tmp_path}/*.tsv"], {})
    found = expand([f"{tmp_path}/*"])
    assert [file.name for file in found.files] == ["a.ndjson", "b.csv"]
    assert list(found.left_out.values()) == [["readme.md", "x.py"]]


def test_a_file_named_twice_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    assert len(expand([str(tmp_path / "a.csv"), str(tmp_path)]).files) == 1


def test_a_file_whose_name_has_the_signs_of_a_pattern_is_found(tmp_path: Path) -> None:
    (tmp_path / "report[1].csv").write_text("x")
    assert expand([str(tmp_path / "report[1].csv")]).missing == []


def test_the_sample_stops_at_two_hundred_records(tmp_path: Path) -> None:
    file = tmp_path / "many.ndjson"
    file.write_text("".join(json.dumps({"n": n}) + "\n" for n in range(500)))
    assert len(look_at(file).records) == 200


def test_rotated_logs_and_packed_files_in_a_folder_are_data(tmp_path: Path) -> None:
    names = ["access.log", "access.log.1", "access.log.2.gz", "access.log-20261121"]
    names += ["apache_logs.gz", "events.2026.zst", "events.json.gz"]
    names += ["part-00000", "e.pq", "e.jsonlines", "e.CSV.GZ", "e.ndjson.bz2", "e.json.xz", "e.zip"]
    unsure = ["access_log", "backup.1", "apache_logs.gz", "events.2026.zst", "stream-1-2026-11-20"]
    others = ["notes.md", ".access.log.1", "notes.md.gz", ".old.gz", "_SUCCESS", "README",
              "e.csv.crc", "SHA256SUMS", "checksums.txt", "Thumbs.db", "README.txt"]  # fmt: skip
    for name in {*names, *unsure, *others}:
        (tmp_path / name).touch()
    found = expand([str(tmp_path)])
    assert [path.name for path, is_sure in found.files.items() if is_sure] == sorted(
        {*names} - {*unsure}
    )
    assert [path.name for path, is_sure in found.files.items() if not is_sure] == sorted(unsure)
    assert found.left_out == {str(tmp_path): sorted(others)}


@pytest.mark.parametrize("name", ["2026-11-20.csv", "20261120.csv", "0001.csv", "11-2026.csv"])
def test_a_date_names_no_rows(name: str) -> None:
    assert name_of_rows(Path(name)) == "row"
