"""What becomes of each type of value, and tables whose names are odd, on real servers."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.etl.extract.conftest import Loads, Server

POSTS = 'posts = { user = "author_id", time = "created_at" }'

# Column type, value as SQL writes it, what the event's properties hold.
POSTGRES_VALUES = [
    ("smallint", "-7", -7),
    ("bigint", "9007199254740993", 9007199254740993),
    ("boolean", "true", True),
    ("numeric", "1234567890123456789.000001", "1234567890123456789.000001"),
    ("real", "0.1", "0.1"),
    ("double precision", "'NaN'", "NaN"),
    ("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("json", """'{"a": [1, null]}'""", '{"a": [1, null]}'),
    ("jsonb", """'{"b":{"c":"ä"}}'""", '{"b": {"c": "ä"}}'),
    ("text[]", """array['a,b', null, '"']""", '["a,b", null, "\\""]'),
    ("int[]", "'{{1,2},{3,4}}'", "[[1, 2], [3, 4]]"),
    ("bytea", r"'\x00ff'", "00ff"),
    ("timestamp", "'infinity'", "infinity"),
    ("timestamptz", "'2026-03-10 12:00:00+05:30'", "2026-03-10 06:30:00+00"),
    ("date", "'0044-03-15 BC'", "0044-03-15 BC"),
    ("time", "'23:59:59.5'", "23:59:59.5"),
    ("interval", "'1 day 02:03'", "1 day 02:03:00"),
    ("inet", "'10.0.0.1/8'", "10.0.0.1/8"),
    ("int4range", "'[1,5)'", "[1,5)"),
    ("char(5)", "'ab'", "ab"),
    ("text", "e'tab\\t \"quote\" \\\\ 😀'", 'tab\t "quote" \\ 😀'),
    ("mood", "'so so'", "so so"),
    ("positive", "12", 12),
    ("pair", "row(1, 'x')", "(1,x)"),
]
MYSQL_VALUES = [
    ("tinyint(1)", "1", 1),
    ("tinyint(1)", "-2", -2),
    ("bigint unsigned", "18446744073709551615", 18446744073709551615),
    ("decimal(30,6)", "123456789012345678.000001", "123456789012345678.000001"),
    ("float", "0.1", "0.1"),
    ("double", "1e300", "1e300"),
    ("bit(10)", "b'1000000001'", 513),
    ("json", """'{"a": [1, null]}'""", '{"a": [1, null]}'),
    ("binary(4)", "x'00ff'", "00ff0000"),
    ("blob", "x'00ff'", "00ff"),
    ("datetime", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
    ("datetime(3)", "'2026-03-10 12:00:00.5'", "2026-03-10 12:00:00.500"),
    ("timestamp", "'2026-03-10 12:00:00'", "2026-03-10 12:00:00+00:00"),
    ("date", "'2026-00-00'", "2026-00-00"),
    ("time", "'-838:59:59'", "-838:59:59"),
    ("year", "2026", "2026"),
    ("enum('so so', 'good')", "'so so'", "so so"),
    ("set('a', 'b')", "'a,b'", "a,b"),
    ("varchar(20)", "'tab\\t \"q\" \\\\ 😀'", 'tab\t "q" \\ 😀'),
    ("point", "point(1, 2)", "POINT(1 2)"),
]


def properties(
    server: Server, loads: Callable[..., Loads], values: list[tuple[str, str, object]]
) -> dict[str, object]:
    """The properties of one event whose row holds the values in columns v0, v1, …"""
    columns = ", ".join(f"v{n} {kind} null" for n, (kind, _, _) in enumerate(values))
    server.table("posts", f"author_id int, created_at timestamp null, {columns}")
    written = ", ".join(value for _, value, _ in values)
    server.run(f"insert into posts values (7, '2026-03-10 12:00:00', {written})")
    app = loads(server, POSTS)
    (outcome,) = app()
    assert (outcome.rows_read, outcome.rows_loaded, outcome.message) == (1, 1, None)
    found = json.loads(app.events()[0]["properties"])
    assert isinstance(found, dict)
    return found


def test_values_of_postgresql_come_as_the_server_writes_them(
    postgres: Server, loads: Callable[..., Loads]
) -> None:
    postgres.run(
        "create type mood as enum ('so so', 'good')",
        "create domain positive as int check (value > 0)",
        "create type pair as (a int, b text)",
    )
    wanted = {f"v{n}": value for n, (_, _, value) in enumerate(POSTGRES_VALUES)}
    assert properties(postgres, loads, POSTGRES_VALUES) == wanted


def test_values_of_mysql_come_as_the_server_writes_them(
    mysql: Server, loads: Callable[..., Loads]
) -> None:
    wanted = {f"v{n}": value for n, (_, _, value) in enumerate(MYSQL_VALUES)}
    assert properties(mysql, loads, MYSQL_VALUES) == wanted


TIMES = [
    ("postgresql", "timestamp", "2026-03-10 12:00:00", 11, "a naive time is of the source's zone"),
    ("postgresql", "timestamptz", "2026-03-10 12:00:00-02", 14, "a time with offset keeps it"),
    ("postgresql", "date", "2026-03-10", 23, "a date is the zone's midnight"),
    ("mysql", "datetime", "2026-03-10 12:00:00", 11, "a datetime is of the source's zone"),
    ("mysql", "timestamp", "2026-03-10 12:00:00", 12, "a timestamp is what the server holds"),
]


@pytest.mark.parametrize(
    ("kind", "type_name", "value", "hour"),
    [pytest.param(*case[:4], id=case[4]) for case in TIMES],
)
def test_the_hour_of_an_event_is_in_utc(
    request: pytest.FixtureRequest,
    loads: Callable[..., Loads],
    kind: str,
    type_name: str,
    value: str,
    hour: int,
) -> None:
    server = request.getfixturevalue("postgres" if kind == "postgresql" else kind)
    if kind == "mysql":
        server.run("set time_zone = '+00:00'")
    server.table("posts", f"author_id int, created_at {type_name} null")
    server.run(f"insert into posts values (7, '{value}')")
    app = loads(server, POSTS, time_zone='"Europe/Berlin"')
    app()
    (event,) = app.events()
    day = 9 if type_name == "date" else 10
    assert event["event_time"] == datetime(2026, 3, day, hour)  # noqa: DTZ001


def test_a_row_with_a_zero_date_is_rejected_as_received(
    mysql: Server, loads: Callable[..., Loads]
) -> None:
    mysql.table("posts", "id int primary key, author_id int, created_at datetime")
    mysql.run("insert into posts values (1, 7, '0000-00-00'), (2, 7, '2026-03-10 12:00:00')")
    app = loads(mysql, POSTS)
    (outcome,) = app()
    assert (outcome.rows_loaded, outcome.rows_rejected) == (1, 1)
    assert "0000-00-00 00:00:00" in app.rejected()[0]["raw"]
    mysql.run("insert into posts values (3, 7, '2026-03-10 12:00:00')")
    assert [outcome.rows_loaded for outcome in app()] == [1]


ODD_NAMES = ["Posts", "my posts", "po'sts", 'po"sts', "po`sts", "a.b", "../up", "naïve/ü", "100%"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_table_and_its_columns_may_have_odd_names(
    server: Server, loads: Callable[..., Loads], name: str
) -> None:
    sign = '"' if server.kind == "postgresql" else "`"
    quoted = sign + name.replace(sign, sign * 2) + sign
    server.table(quoted, f"id int primary key, {quoted} int, created_at timestamp null")
    server.run(f"insert into {quoted} values (1, 7, '2026-03-10 12:00:00')")
    key = json.dumps(name, ensure_ascii=False)
    app = loads(server, f'{key} = {{ user = {key}, time = "created_at", type = "post" }}')
    assert [(o.rows_loaded, o.message) for o in app()] == [(1, None)]
    assert [file.parent.parent for file in app.landed] == [app.home / "landing" / "app"]
    assert app.events()[0]["event_id"] == f"{name}:post:1"
    assert app() == []


def test_a_table_of_another_schema_is_named_with_it(
    postgres: Server, loads: Callable[..., Loads]
) -> None:
    postgres.run('create schema "Shop"', f'grant usage on schema "Shop" to {postgres.reader}')
    postgres.table('"Shop".posts', "id int primary key, author_id int, created_at timestamp")
    postgres.run("insert into \"Shop\".posts values (1, 7, '2026-03-10 12:00:00')")
    app = loads(postgres, POSTS.replace("posts", '"Shop.posts"'))
    app()
    assert [event["event_type"] for event in app.events()] == ["post_created"]


def test_columns_that_the_user_may_not_read_are_left_out(
    server: Server, loads: Callable[..., Loads]
) -> None:
    server.run(
        "create table posts (id int primary key, author_id int, created_at timestamp null, "
        "mail text)",
        f"grant select (id, author_id, created_at) on posts to {server.grantee}",
        "insert into posts values (1, 7, '2026-03-10 12:00:00', 'ann@example.com')",
    )
    app = loads(server, POSTS)
    app()
    assert [json.loads(event["properties"]) for event in app.events()] == [{"id": 1}]
