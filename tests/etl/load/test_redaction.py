"""What is cut of the rows never reaches the home: every byte of it is searched."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from etl.config.settings import load_settings
from etl.errors import ConfigError
from etl.normalise.normaliser import Normaliser
from tests.etl.privacy.secrets import CORES, SECRETS, spellings
from tests.make import write_csv, write_ndjson
from warehouse.cli import main
from warehouse.refresh import wanted_files

KEY = "0123456789abcdef0123456789abcdef"
ALL = 'pseudonymise = ["user_id"]\npatterns = "all"\n'
TIMES = [f"2026-03-10T12:{minute:02d}:00Z" for minute in range(60)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DWELL_PSEUDONYM_KEY", KEY)
    return tmp_path


def configure(folder: Path, redact: str, more: str = "") -> None:
    (folder / "dwell.toml").write_text(f'home = "data"\n{more}\n[redact]\n{redact}\n')


def load(*paths: Path, code: int = 0) -> None:
    assert main(["load", *map(str, paths)]) == code


def rows(folder: Path, kind: str = "events") -> list[dict[str, Any]]:
    """The rows of the lake."""
    files = [str(path) for path in (folder / "data/lake" / kind).rglob("*.parquet")]
    with duckdb.connect() as con:
        relation = con.execute("from read_parquet($files, union_by_name = true)", {"files": files})
        names = [column[0] for column in relation.description]
        return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def texts_of(home: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file of a home as its bytes, and those that are packed once more, unpacked."""
    for path in home.rglob("*"):
        if not path.is_file():
            continue
        yield path, path.read_bytes()
        if path.suffix == ".parquet":
            yield path, json.dumps(pq.read_table(path).to_pylist(), default=str).encode()
        if path.suffix == ".duckdb":
            with duckdb.connect(path, read_only=True) as con:
                tables = con.execute(
                    'select format(\'"{}"."{}"\', schema_name, table_name) '
                    "from duckdb_tables() where not temporary"
                ).fetchall()
                for (table,) in tables:
                    yield path, repr(con.execute(f"from {table}").fetchall()).encode()


def found_in(home: Path, secrets: dict[str, str]) -> set[tuple[str, str]]:
    """Which of the secrets stand where."""
    return {
        (name, path.relative_to(home).as_posix())
        for path, content in texts_of(home)
        for name, secret in secrets.items()
        if secret.encode() in content
    }


def planted() -> list[dict[str, Any] | str]:
    """Rows with each secret in each column and spelling, good ones and bad ones."""
    lines: list[dict[str, Any] | str] = []
    for number, kind in enumerate(SECRETS):
        for name, text in spellings(kind).items():
            row = {
                "user_id": f"u{number}",
                "event_time": TIMES[number],
                "event": f"page_view {text}" if name == "plain" else "page_view",
                "event_id": f"{number}-{name} {SECRETS[kind]}",
                "url": f"https://shop.example/{text.lstrip('/')}",
                "referrer": f"https://a.example/{text}",
                "campaign": text,
                "tags": [text, "x"],
                "properties": {"a": text, text: 1, "in": {"b": [text]}},
            }
            line = json.dumps(row).replace("\\\\u", "\\u")
            lines.append(line)
            secret = SECRETS[kind]
            lines.append(json.dumps({**row, "user_id": secret, "event_id": f"{number} {secret}"}))
            lines.append(json.dumps({**row, "event_time": f"{text} o'clock"}))
            lines.append(json.dumps({**row, "user_id": None}))
            lines.append(f'{{"user_id": "u", broken {text}')
    return lines


def test_secrets_of_twelve_kinds_never_reach_the_home(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(folder, ALL, '[sources.odd]\npath = "in/odd.csv"\nmap = { user = "a", time = "z" }')
    good = write_ndjson(folder / "in/events.ndjson", planted())
    header = ["user", "time", "note", *(f"n {text}" for text in list(CORES.values())[:1])]
    table = [[f"u{n}", TIMES[n], text, ""] for n, text in enumerate(SECRETS.values())]
    bad = [["u", f"at {text}", text, ""] for text in SECRETS.values()]
    short = [[text] for text in SECRETS.values()]
    other = write_csv(folder / "in/table.csv", [header, *table, *bad, *short])
    odd = folder / "in/odd.csv"
    odd.write_text(
        f"a,{SECRETS['email']}\n" + "".join(f"{text},{text}\n" for text in SECRETS.values())
    )
    assert main(["load", "--debug", str(good), str(other), str(odd), "--log", "json"]) == 1
    written = capsys.readouterr()
    assert found_in(folder / "data", CORES) == set()
    assert [name for name, core in CORES.items() if core in written.out + written.err] == []
    for command in (["status"], ["inspect", str(good), str(other)], ["sources"]):
        main(command)
        written = capsys.readouterr()
        assert [n for n, core in CORES.items() if core in written.out + written.err] == []
    kept = rows(folder)
    assert len({row["user_id"] for row in kept}) == 2 * len(SECRETS)
    broken = [row["raw"] for row in rows(folder, "rejected") if row["reason"] == "not valid JSON"]
    assert broken
    # Which word of a broken row is an id nobody can tell: only where they stood is kept.
    assert {word for raw in broken for word in re.findall(r"[^\W_]+", raw)} == {"x"}


def test_the_search_finds_all_of_them_where_nothing_is_cut(folder: Path) -> None:
    load(write_ndjson(folder / "in/events.ndjson", planted()))
    assert {name for name, _ in found_in(folder / "data", CORES)} == set(CORES)


PEOPLE = [
    {"anonymous_id": "v1", "event_time": TIMES[0], "event": "page_view"},
    {"anonymous_id": "v1", "user_id": "ada", "event_time": TIMES[1], "event": "login"},
    {"user_id": "ada", "event_time": "never", "event": "login"},
    {"user_id": "-1", "event_time": TIMES[1], "event": "login"},
]


def test_one_person_is_one_pseudonym_in_all_sources_and_rejected_rows(folder: Path) -> None:
    sources = '[sources.a]\npath = "a.ndjson"\nexclude_users = ["-1"]\n[sources.b]\npath = "b.csv"'
    configure(folder, 'pseudonymise = ["anonymous_id"]', sources)
    write_ndjson(folder / "a.ndjson", PEOPLE)
    write_csv(folder / "b.csv", [("user_id", "time"), ("ada", TIMES[2]), ("ada", "never")])
    load()
    users = {row["user_id"] for row in rows(folder)}
    assert len(users) == 2
    assert all(user.startswith("p_") for user in users)
    assert found_in(folder / "data", {"ada": '"ada', "ada,": "ada,"}) == set()
    raws = [row["raw"] for row in rows(folder, "rejected")]
    assert len(raws) == 3
    assert all("p_" in raw for raw in raws)
    linked = identities(folder / "data")
    configure(folder, "", sources)
    (folder / "data").rename(folder / "cut")
    load()
    assert linked == identities(folder / "data") > 0


def identities(home: Path) -> int:
    """How many visitors are known to be somebody."""
    (path,) = (home / "builds").glob("*.duckdb")
    with duckdb.connect(path, read_only=True) as con:
        found = con.execute("select count(*) from identities where user_id <> anonymous_id")
        return int(found.fetchall()[0][0])


def test_other_rules_are_another_way_of_reading(folder: Path) -> None:
    path = write_ndjson(folder / "e.ndjson", [{**PEOPLE[1], "properties": {"a": "x@y.example"}}])
    load(path)
    configure(folder, 'patterns = ["email"]')
    load(path)
    (row,) = rows_now(folder)
    assert row["properties"] == '{"a":"[email]"}'
    assert row["user_id"] == "ada"


def rows_now(folder: Path) -> list[dict[str, Any]]:
    """The rows that count: those that were replaced may lie there for a while."""
    from etl.lake.schema import EVENT_COLUMNS
    from tests.homes import lake_rows

    names = [column.name for column in EVENT_COLUMNS]
    return [dict(zip(names, row, strict=True)) for row in lake_rows(folder / "data")]


def test_rules_that_cut_nothing_leave_the_way_of_reading_as_it_is(folder: Path) -> None:
    path = write_ndjson(folder / "e.ndjson", PEOPLE[:2])
    load(path)
    before = rows_now(folder)
    configure(folder, 'linking = "2 days"')
    load(path)
    assert rows_now(folder) == before


KEYS = [
    ("no key", None, "there is no key"),
    ("a short key", "short", "too easy to guess"),
    ("another key", "f" * 8 + KEY, "not the one that this home was loaded with"),
]


@pytest.mark.parametrize(("key", "said"), [case[1:] for case in KEYS], ids=[c[0] for c in KEYS])
def test_a_load_without_its_key_is_refused_and_reads_nothing(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str | None,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(folder, 'pseudonymise = ["user_id"]')
    load(write_ndjson(folder / "e.ndjson", PEOPLE[:2]))
    before = rows(folder)
    monkeypatch.delenv("DWELL_PSEUDONYM_KEY")
    if key:
        monkeypatch.setenv("DWELL_PSEUDONYM_KEY", key)
    load(write_ndjson(folder / "f.ndjson", PEOPLE[:1]), code=2)
    assert said in capsys.readouterr().err
    assert rows(folder) == before


def test_a_key_that_stands_where_its_place_is_wanted_is_shown_to_nobody(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("key_file", "key_env"):
        configure(folder, f'pseudonymise = ["user_id"]\n{name} = "{KEY}"')
        load(write_ndjson(folder / "e.ndjson", PEOPLE[:1]), code=2)
        assert KEY not in capsys.readouterr().err


def test_a_file_that_others_may_read_is_no_place_for_a_key(folder: Path) -> None:
    configure(folder, 'pseudonymise = ["user_id"]\nkey_file = "key"')
    (folder / "key").write_text(KEY)
    os.chmod(folder / "key", 0o640)  # noqa: PTH101
    load(write_ndjson(folder / "e.ndjson", PEOPLE[:1]), code=2)
    (folder / "key").chmod(0o600)
    load(folder / "e.ndjson")
    assert KEY.encode() not in b"".join(content for _, content in texts_of(folder / "data"))


@pytest.mark.parametrize("config", ['texts = "drop"', ""])
def test_what_an_engine_quotes_of_a_row_is_shown_and_kept_nowhere(
    folder: Path, config: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = 'Malformed JSON at byte 69 of input: too long.  Input: "{"text": "my "own" words"...'

    def fails(*_: object) -> None:
        raise duckdb.ConversionException(said)

    monkeypatch.setattr(Normaliser, "rows", fails)
    configure(folder, config)
    load(write_ndjson(folder / "e.ndjson", PEOPLE[:1]), code=1)
    told = "".join(capsys.readouterr())
    assert "Malformed JSON at byte 69 of input: too long …. Mend the cause" in told
    assert "own" not in told
    assert all(b"words" not in content for _, content in texts_of(folder / "data"))


LINKING = [("30 days", True), ("1 s", False)]


@pytest.mark.parametrize(("linking", "is_linked"), LINKING)
def test_a_new_key_links_those_who_were_there_for_as_long_as_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, linking: str, is_linked: bool
) -> None:
    from datetime import UTC, datetime, timedelta

    at = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    rules = f'pseudonymise = ["user_id"]\nlinking = "{linking}"\n'
    configure(folder, rules)
    load(write_ndjson(folder / "e.ndjson", [{"user_id": "ada", "event_time": at, "event": "x"}]))
    (before,) = {row["user_id"] for row in rows(folder)}
    monkeypatch.setenv("OLD_KEY", KEY)
    monkeypatch.setenv("DWELL_PSEUDONYM_KEY", KEY[::-1])
    configure(folder, rules + 'old_key_env = "OLD_KEY"')
    later = [{"user_id": user, "event_time": at, "event": "y"} for user in ("ada", "bob")]
    load(write_ndjson(folder / "f.ndjson", later))
    users = [row["user_id"] for row in rows(folder) if row["event_type"] == "y"]
    assert len(set(users)) == 2
    assert (before in users) is is_linked
    # From then on the new key is the home's, and the old one alone is not.
    configure(folder, rules)
    load(folder / "f.ndjson")
    monkeypatch.setenv("DWELL_PSEUDONYM_KEY", KEY)
    load(folder / "f.ndjson", code=2)


REFUSED = [
    'patterns = ["emails"]',
    "own = ['(']",
    "own = ['x*']",
    'urls = "none"',
    'texts = "cut"',
    'properties = { a = "forget" }',
    'pseudonymise = ["email"]',
    'key_env = "A"\nkey_file = "b"',
    "unknown = 1",
]


@pytest.mark.parametrize("redact", REFUSED)
def test_what_cannot_be_a_rule_is_refused(folder: Path, redact: str) -> None:
    configure(folder, redact)
    with pytest.raises(ConfigError, match=r"redact|Wanted"):
        load_settings()


def test_a_source_may_say_some_rules_otherwise(folder: Path) -> None:
    own = '[sources.a]\npath = "a"\n[sources.a.redact]\ntexts = "drop"'
    configure(folder, 'patterns = ["email"]\ntexts = "length"', own)
    settings = load_settings()
    assert (settings.rules_of("a").texts, settings.rules_of("b").texts) == ("drop", "length")
    assert settings.rules_of("a").patterns == ("email",)
    assert wanted_files(settings, ["x"], "a").inputs[0][1].source == "a"
