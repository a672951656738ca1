"""What can go wrong with a live database: told in words, one table at a time, nothing written."""

import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.etl.extract.conftest import PASSWORD, Loads, Server

POSTS = 'posts = { user = "author_id", time = "created_at" }'
COLUMNS = "id int primary key, author_id int, created_at timestamp null"
MarkedLoads = Callable[..., Loads]


def a_post(server: Server) -> None:
    """The table posts with one row."""
    server.table("posts", COLUMNS)
    server.run("insert into posts values (1, 7, '2026-03-10 12:00:00')")


def problems(app: Loads) -> list[str]:
    """What the failed tables of one load say."""
    return [str(outcome.message) for outcome in app() if outcome.status == "failed"]


def test_a_query_that_would_write_fails_and_writes_nothing(
    server: Server, loads: MarkedLoads
) -> None:
    a_post(server)
    server.run("create table written (id int)")
    if server.kind == "postgresql":
        server.run(
            "create function sly() returns int language sql volatile security definer "
            "as 'insert into written values (1) returning id'"
        )
    else:
        server.run(
            "create function sly() returns int modifies sql data begin "
            "insert into written values (1); return 1; end"
        )
    server.run(
        "create view trap as select id, author_id, created_at, sly() as x from posts",
        f"grant select on trap to {server.grantee}",
    )
    if server.kind == "mysql":
        server.run(f"grant execute on *.* to {server.grantee}")
    # Without a read-only transaction the view does write.
    server.one("select x from trap")
    assert server.one("select count(*) from written") == 1
    (problem,) = problems(loads(server, 'trap = { user = "author_id", time = "created_at" }'))
    assert "reading it would write" in problem
    assert server.one("select count(*) from written") == 1


def test_a_slow_table_is_stopped_and_the_others_are_loaded(
    server: Server, loads: MarkedLoads
) -> None:
    a_post(server)
    sleep = "pg_sleep(20)::text" if server.kind == "postgresql" else "sleep(20)"
    server.run(
        f"create view slow as select id, author_id, created_at, {sleep} as x from posts",
        f"grant select on slow to {server.grantee}",
    )
    slow = 'slow = { user = "author_id", time = "created_at" }'
    app = loads(server, slow, POSTS, statement_timeout='"300 ms"')
    failed, loaded = sorted(app(), key=lambda outcome: outcome.status)
    assert "took longer than 300 ms" in str(failed.message)
    assert "statement_timeout" in str(failed.message)
    assert loaded.rows_loaded == 1


TABLES = {
    "a table that is not there": (
        'postz = { user = "author_id", time = "created_at" }',
        "no such table that the user may see. Did you mean posts?",
    ),
    "a column that is not there": (
        'posts = { user = "author", time = "created_at" }',
        "no column 'author' that the user may read. Did you mean 'author_id'?",
    ),
    "a watermark that is not there": (
        'posts = { user = "author_id", time = "created_at", watermark = "updated_at" }',
        "no column 'updated_at' that the user may read. Did you mean 'created_at'?",
    ),
    "a watermark of a type that cannot grow": (
        'posts = { user = "author_id", time = "created_at", watermark = "title" }',
        "cannot be a watermark. Wanted: a time or a whole number",
    ),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_table_that_cannot_be_read_says_why_and_stops_no_other(
    server: Server, loads: MarkedLoads, case: str
) -> None:
    table, wanted = TABLES[case]
    for name in ("posts", "comments"):
        server.table(name, f"{COLUMNS}, title varchar(10)")
        server.run(f"insert into {name} values (1, 7, '2026-03-10 12:00:00', 'a')")
    app = loads(server, table, 'comments = { user = "author_id", time = "created_at" }')
    failed, loaded = sorted(app(), key=lambda outcome: outcome.status)
    assert wanted in str(failed.message)
    assert str(failed.message).startswith(server.url)
    assert loaded.rows_loaded == 1
    server.run("insert into comments values (2, 7, '2026-03-10 12:00:00', 'b')")
    assert [outcome.rows_loaded for outcome in app()] == [0, 1]


def test_a_table_without_permission_says_what_to_grant(server: Server, loads: MarkedLoads) -> None:
    server.run(f"create table posts ({COLUMNS})")
    if server.kind == "mysql":
        # MySQL hides what may not be read; a user with no table may not even enter.
        server.table("comments", COLUMNS)
    (problem,) = problems(loads(server, POSTS))
    wanted = "grant select" if server.kind == "postgresql" else "no such table that the user may"
    assert wanted in problem


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_server_that_is_not_there_is_told_for_each_table(
    server: Server, loads: MarkedLoads
) -> None:
    server.place = f"127.0.0.1:{free_port()}"
    told = problems(loads(server, POSTS, POSTS.replace("posts", "comments")))
    assert [problem.partition(":")[2].count("no connection") for problem in told] == [1, 1]
    assert all("Check that the server runs" in problem for problem in told)


def test_a_database_that_is_not_there_is_told(server: Server, loads: MarkedLoads) -> None:
    app = loads(server, POSTS)
    text = app.config.read_text(encoding="utf-8")
    app.config.write_text(text.replace(server.name, "no_such_database"), encoding="utf-8")
    (problem,) = problems(app)
    assert "no_such_database" in problem


def test_a_landed_file_is_loaded_while_its_server_is_away(
    server: Server, loads: MarkedLoads, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_post(server)
    app = loads(server, POSTS)
    monkeypatch.setattr("etl.load.run.Loader", lambda *given, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        app()
    monkeypatch.undo()
    text = app.config.read_text(encoding="utf-8")
    app.config.write_text(text.replace(server.place, f"127.0.0.1:{free_port()}"), encoding="utf-8")
    failed, loaded = sorted(app(), key=lambda outcome: outcome.status)
    assert "no connection" in str(failed.message)
    assert loaded.rows_loaded == 1


@pytest.mark.parametrize(
    ("kind", "driver", "extra"),
    [
        pytest.param("postgresql", "adbc_driver_postgresql.dbapi", "postgres", id="postgresql"),
        pytest.param("mysql", "pymysql", "mysql", id="mysql"),
    ],
)
def test_without_a_driver_the_extra_to_install_is_named(
    monkeypatch: pytest.MonkeyPatch, loads: MarkedLoads, kind: str, driver: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)
    nowhere = Server(kind, None, "127.0.0.1", "app", "reader")
    (problem,) = problems(loads(nowhere, POSTS))
    assert f"'dwell[{extra}]'" in problem
    assert "make databases" in problem


def test_mysql_refuses_a_wrong_password(
    mysql: Server, loads: MarkedLoads, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_post(mysql)
    app = loads(mysql, POSTS)
    monkeypatch.setenv("DWELL_APP_PASSWORD", "an0ther")
    (problem,) = problems(app)
    assert "refuses the user or the password" in problem
    assert "DWELL_APP_PASSWORD" in problem
    assert "an0ther" not in problem


@pytest.fixture
def guarded() -> Iterator[Server]:
    """A PostgreSQL server of the test's own, which asks for the password."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries or not shutil.which("runuser"):
        pytest.skip("no initdb or no runuser: a server that asks for passwords cannot be made")
    # Not below pytest's folders: the server's own user may not enter them.
    folder = Path("/var/tmp") / f"dwell-test-{secrets.token_hex(4)}"
    port = free_port()
    as_owner = ["runuser", "-u", "postgres", "--"]
    made = subprocess.run(
        [*as_owner, binaries[-1] / "initdb", "-D", folder, "-U", "root", "-A", "trust", "-N"],
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("initdb does not run as the user postgres")
    rule = "host all reader 127.0.0.1/32 scram-sha-256\nhost all root 127.0.0.1/32 trust\n"
    (folder / "pg_hba.conf").write_text(rule, encoding="utf-8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    control = [*as_owner, binaries[-1] / "pg_ctl", "-D", folder]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run([*control, "-w", "-o", options, "start"], **quiet)  # type: ignore[call-overload]
    try:
        from adbc_driver_postgresql.dbapi import connect

        with connect(f"host=127.0.0.1 port={port} user=root dbname=postgres", autocommit=True) as c:
            server = Server("postgresql", c, f"127.0.0.1:{port}", "postgres", "reader")
            server.run("create role reader login password '" + PASSWORD.replace("'", "''") + "'")
            yield server
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)  # type: ignore[call-overload]
        shutil.rmtree(folder)


def test_postgresql_takes_the_password_and_refuses_a_wrong_one(
    guarded: Server, loads: MarkedLoads, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_post(guarded)
    app = loads(guarded, POSTS)
    assert [outcome.rows_loaded for outcome in app()] == [1]
    for wrong in ("an0ther", ""):
        monkeypatch.setenv("DWELL_APP_PASSWORD", wrong)
        (problem,) = problems(app)
        assert "refuses the user or the password" in problem
        assert not wrong or wrong not in problem
