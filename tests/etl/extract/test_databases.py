"""Databases in dwell.toml: what may be written there, and a load of two servers in one go."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.config.settings import load_settings
from etl.errors import ConfigError
from tests.etl.extract.conftest import PASSWORD, Loads, Server

DWELL = Path(sys.executable).parent / "dwell"
TABLES = '[sources.app.tables]\nposts = { user = "author_id", time = "created_at" }'
COLUMNS = "id int primary key, author_id int, created_at timestamp null"

REFUSED = [
    ('database = "mysql://u@h/d"\npath = "x.csv"', "has database and path"),
    ('database = "mysql://u@h/d"\nmap = "user=u"', "has database and map"),
    ('database = "mysql://u@h/d"\nformat = "events"', "Wanted: tables"),
    ('database = "mysqll://u@h/d"', "Did you mean 'mysql'?"),
    ('database = "host=h dbname=d"', "Wanted: postgresql://user@host:5432/name"),
    ('database = "mysql://h/d"', "has no user"),
    ('database = "mysql://u@h"', "has no name of the database"),
    ('database = "mysql://u@h:x/d"', "a port that is no number"),
    ('database = "mysql://u@a,b/d"', "names 2 hosts"),
    ('database = "mysql://u@h/d?ssl_cz=x"', "Did you mean 'ssl_ca'?"),
    ('database = "mysql://u@h/d"\npasword_env = "X"', "Did you mean 'password_env'?"),
    ('database = "mysql://u@h/d"\npassword_env = "X"\npassword_file = "y"', "Keep one of them"),
    ('database = "mysql://u@h/d"\nstatement_timeout = "soon"', 'a duration such as "30 min"'),
    ('database = "mysql://u@h/d"\nlookback_ids = "many"', "Wanted: a whole number"),
    ('path = "x.csv"\nlookback = "1 h"', "has lookback but no database"),
]


@pytest.mark.parametrize(("lines", "wanted"), REFUSED, ids=[wanted for _, wanted in REFUSED])
def test_a_source_that_cannot_be_meant_is_refused(tmp_path: Path, lines: str, wanted: str) -> None:
    config = tmp_path / "dwell.toml"
    config.write_text(f"[sources.app]\n{lines}\n{TABLES}", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_settings(tmp_path / "home", config)
    assert wanted in str(refused.value)


WATERMARKS = [
    ('database = "mysql://u@h/d"', "watermark = 7", "a list of columns, or false"),
    ('database = "mysql://u@h/d"', "watermark = []", "a list of columns, or false"),
    ('database = "mysql://u@h/d"', 'watermrk = "x"', "Did you mean 'watermark'?"),
    ('path = "x.csv"', 'watermark = "x"', "Unknown key 'watermark'"),
]


@pytest.mark.parametrize(("place", "key", "wanted"), WATERMARKS, ids=[w[1] for w in WATERMARKS])
def test_a_table_that_cannot_be_meant_is_refused(
    tmp_path: Path, place: str, key: str, wanted: str
) -> None:
    config = tmp_path / "dwell.toml"
    config.write_text(
        f"[sources.app]\n{place}\n{TABLES.replace(' }', f', {key} }}')}", encoding="utf-8"
    )
    with pytest.raises(ConfigError) as refused:
        load_settings(tmp_path / "home", config)
    assert wanted in str(refused.value)


def test_a_database_without_tables_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "dwell.toml"
    config.write_text('[sources.app]\ndatabase = "mysql://u@h/d"', encoding="utf-8")
    with pytest.raises(ConfigError, match="names no tables"):
        load_settings(tmp_path / "home", config)


SHOWN = [
    ("postgres://u:p@h/d", "postgres://u@h/d", "", ""),
    ("postgresql://u@[::1]:5433/d?sslmode=require", None, "::1", "5433"),
    ("postgresql://u@a:1,b:2/d", None, "a,b", "1,2"),
    ("mariadb://u@h:3307/d", None, "h", "3307"),
]


@pytest.mark.parametrize(("url", "shown", "host", "port"), SHOWN, ids=[case[0] for case in SHOWN])
def test_an_address_is_taken_apart(
    tmp_path: Path, url: str, shown: str | None, host: str, port: str
) -> None:
    config = tmp_path / "dwell.toml"
    config.write_text(f'[sources.app]\ndatabase = "{url}"\n{TABLES}', encoding="utf-8")
    database = load_settings(tmp_path / "home", config).sources[0].database
    assert database is not None
    assert database.shown == (shown or url)
    assert (database.host, database.port) == (host or "h", port)


def dwell(app: Loads, *command: str) -> dict[str, object]:
    """What a command says with --json."""
    said = subprocess.run(
        [DWELL, *command, "--json", "--home", app.home, "--config", app.config],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert isinstance(found, dict)
    return found


def test_one_load_takes_both_servers_into_one_build(
    postgres: Server, mysql: Server, loads: Callable[..., Loads], monkeypatch: pytest.MonkeyPatch
) -> None:
    for server in (postgres, mysql):
        server.table("posts", COLUMNS)
        server.run(
            "insert into posts values (1, 7, '2026-03-10 12:00:00'), "
            "(2, 7, '2026-03-10 12:01:00'), (3, 8, '2026-03-10 14:00:00'), "
            "(4, null, '2026-03-10 14:00:00')"
        )
    posts = 'posts = { user = "author_id", time = "created_at" }'
    app = loads(postgres, posts)
    monkeypatch.setenv("DWELL_SHOP_PASSWORD", PASSWORD)
    first = app.config.read_text(encoding="utf-8")
    second = f'[sources.shop]\ndatabase = "{mysql.url}"\n[sources.shop.tables]\n{posts}'
    app.config.write_text(f"{first}\n{second}", encoding="utf-8")
    made = dwell(app, "load")
    # A user of both is one user.
    assert (made["events"], made["sessions"]) == (6, 2)
    again = dwell(app, "load")
    assert (again["build"], again["events"]) == (made["build"], 6)
    found = dwell(app, "sources")["sources"]
    assert isinstance(found, list)
    assert [(one["database"], one["health"]) for one in found] == [
        (postgres.url, "ok"),
        (mysql.url, "ok"),
    ]
    assert [
        (one["rows_read"], one["rows_loaded"] + one["rows_duplicate"] + one["rows_rejected"])
        for one in found
    ] == [(4, 4), (4, 4)]


def test_sources_tells_which_tables_can_be_read(
    server: Server, loads: Callable[..., Loads]
) -> None:
    server.table("posts", COLUMNS)
    app = loads(
        server,
        'posts = { user = "author_id", time = "created_at" }',
        'comments = { user = "author_id", time = "created_at" }',
    )
    said = subprocess.run(
        [DWELL, "sources", "--home", app.home, "--config", app.config],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert "cannot be read" in said.stdout
    assert f"{server.url}, table 'posts': readable" in said.stdout
    assert f"{server.url}, table 'comments': no such table" in said.stdout
    assert not (app.home / "landing").exists()


PEAK = """
import resource, sys
from etl.extract.tables import extract
from etl.config.settings import load_settings
settings = load_settings(*sys.argv[1:3])
print(next(iter(extract(settings.sources[0], settings.home))).rows_landed)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_table(server: Server, loads: Callable[..., Loads]) -> None:
    server.table("digits", "n int")
    server.run("insert into digits values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
    server.table("posts", f"{COLUMNS}, body text")
    digits = " cross join ".join(f"digits d{n}" for n in range(5))
    number = " + ".join(f"{10**n} * d{n}.n" for n in range(5))
    app = loads(server, 'posts = { user = "author_id", time = "created_at" }')
    peaks = []
    for first, last in ((0, 29_999), (30_000, 99_999)):
        server.run(
            f"insert into posts select {number}, 7, timestamp '2026-03-10 12:00:00', "
            f"repeat('x', 2000) from {digits} where {number} between {first} and {last}"
        )
        said = subprocess.run(
            [sys.executable, "-c", PEAK, app.home / str(last), app.config],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        assert said.returncode == 0, said.stderr
        landed, peak = map(int, said.stdout.split())
        assert landed == last + 1
        peaks.append(peak)
    # In MB; the rows of the second are 140 MB of text more.
    assert peaks[1] - peaks[0] < 50
