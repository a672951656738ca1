"""Real servers for the tests of live databases: a database of each test's own, dropped after it.

They are looked for on 127.0.0.1 at the usual ports, with a user who may create databases: root,
without a password. DWELL_TEST_POSTGRES and DWELL_TEST_MYSQL name others (host, port, user and
password as key=value). Where none answers the tests are skipped and say so.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from etl.config.settings import load_settings
from etl.formats.registry import requests_of
from etl.lake import locked
from etl.load.outcome import Outcome
from etl.load.run import load
from tests.make import lake_table

PASSWORD = "s3cr'et \\pä%ss"
KINDS = ("postgresql", "mysql")


@dataclass
class Server:
    """A database of one test on a real server, and a user with a password who may only read."""

    kind: str
    admin: Any
    place: str
    name: str
    reader: str
    opened: list[Any] = field(default_factory=list)

    def run(self, *statements: str) -> None:
        """Runs statements as the owner, each at once."""
        cursor = self.admin.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()

    def one(self, query: str) -> Any:
        """The one value that a query yields."""
        cursor = self.admin.cursor()
        cursor.execute(query)
        row = cursor.fetchone()
        cursor.close()
        return row[0]

    def table(self, name: str, columns: str) -> None:
        """Creates a table that the reader may read."""
        self.run(f"create table {name} ({columns})", f"grant select on {name} to {self.grantee}")

    @property
    def grantee(self) -> str:
        """The reader as grants name it."""
        return self.reader if self.kind == "postgresql" else f"'{self.reader}'@'%'"

    @property
    def url(self) -> str:
        """The database for dwell.toml, without a password."""
        return f"{self.kind}://{self.reader}@{self.place}/{self.name}"


def _postgres(name: str, reader: str) -> Iterator[Server]:
    driver = pytest.importorskip("adbc_driver_postgresql.dbapi")
    given = dict(part.split("=") for part in os.environ.get("DWELL_TEST_POSTGRES", "").split())
    to = {"host": "127.0.0.1", "port": "5432", "user": "root", "connect_timeout": "3"} | given

    def connect(database: str) -> Any:
        text = " ".join(f"{key}={value}" for key, value in {**to, "dbname": database}.items())
        return driver.connect(text, autocommit=True)

    try:
        main = connect("postgres")
    except driver.Error as error:
        pytest.skip(f"no PostgreSQL server answers: {str(error).splitlines()[0]}")
    quoted = PASSWORD.replace("'", "''")
    with main, main.cursor() as cursor:
        cursor.execute(f"create database {name}")
        cursor.execute(f"create role {reader} login password '{quoted}'")
        admin = connect(name)
        try:
            yield Server("postgresql", admin, f"{to['host']}:{to['port']}", name, reader)
        finally:
            admin.close()
            cursor.execute(f"drop database {name} with (force)")
            cursor.execute(f"drop role {reader}")


def _mysql(name: str, reader: str) -> Iterator[Server]:
    driver = pytest.importorskip("pymysql")
    given = dict(part.split("=") for part in os.environ.get("DWELL_TEST_MYSQL", "").split())
    to = {"host": "127.0.0.1", "port": "3306", "user": "root", "password": ""} | given
    port = int(to["port"])
    try:
        main = driver.connect(**to | {"port": port}, autocommit=True, connect_timeout=3)
    except driver.MySQLError as error:
        pytest.skip(f"no MySQL server answers: {error}")
    with main, main.cursor() as cursor:
        cursor.execute("set names utf8mb4")
        cursor.execute(f"create database {name} character set utf8mb4")
        cursor.execute(f"create user '{reader}'@'%%' identified by %s", [PASSWORD])
        main.select_db(name)
        # Zero dates are what old servers hold: ours must let them in.
        cursor.execute("set sql_mode = ''")
        try:
            yield Server("mysql", main, f"{to['host']}:{port}", name, reader)
        finally:
            cursor.execute(f"drop database {name}")
            cursor.execute(f"drop user '{reader}'@'%%'", [])


@pytest.fixture
def postgres() -> Iterator[Server]:
    """A PostgreSQL database of the test's own."""
    mark = secrets.token_hex(4)
    yield from _postgres(f"dwell_test_{mark}", f"dwell_reader_{mark}")


@pytest.fixture
def mysql() -> Iterator[Server]:
    """A MySQL database of the test's own."""
    mark = secrets.token_hex(4)
    yield from _mysql(f"dwell_test_{mark}", f"dwell_reader_{mark}")


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Server:
    """Both, one after the other."""
    name = "postgres" if request.param == "postgresql" else "mysql"
    found = request.getfixturevalue(name)
    assert isinstance(found, Server)
    return found


@dataclass
class Loads:
    """A home and its dwell.toml with the one source `app`, loaded again and again."""

    home: Path
    config: Path

    def __call__(self) -> list[Outcome]:
        """One load, without a build: what became of each file that was not loaded before."""
        settings = load_settings(self.home, self.config)
        inputs = [one for source in settings.sources for one in requests_of(source)]
        with locked(self.home):
            outcomes = load(settings, inputs)
        return [outcome for outcome in outcomes if outcome.status != "unchanged"]

    @property
    def landed(self) -> list[Path]:
        """All landed files."""
        return sorted(self.home.glob("landing/*/*/*.parquet"))

    def events(self) -> list[dict[str, Any]]:
        """The lake's events by time and id."""
        rows = lake_table(self.home, "events")
        return sorted(rows, key=lambda row: (row["event_time"], row["event_id"]))

    def rejected(self) -> list[dict[str, Any]]:
        """The rejected rows."""
        return lake_table(self.home, "rejected")


@pytest.fixture
def loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Loads]:
    """Loads of one database's tables, given as lines of [sources.app.tables]."""

    def configured(server: Server, *tables: str, **keys: str) -> Loads:
        monkeypatch.setenv("DWELL_APP_PASSWORD", PASSWORD)
        lines = ["[sources.app]", f'database = "{server.url}"']
        lines += [f"{key} = {value}" for key, value in keys.items()]
        config = tmp_path / "dwell.toml"
        config.write_text("\n".join([*lines, "[sources.app.tables]", *tables]), encoding="utf-8")
        return Loads(tmp_path / "home", config)

    return configured
