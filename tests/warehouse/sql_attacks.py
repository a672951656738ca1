"""Texts that try to do more than read a build: a name, the text, and what refuses it."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from warehouse import current_build
from warehouse.limited_process import held, said_of
from warehouse.limited_sql import Limits, Question

# What the message says that refuses it.
READ_ONLY = "The warehouse is only read"
NAMES = "which is refused"
BY_PATH = "Leave out what stands before it"
NO_TABLE = "Catalog Error"
NO_FILES = "file system operations are disabled"
PARSER = "Parser Error"


class Attack(NamedTuple):
    """One text."""

    name: str
    text: str
    refused_by: str


_COPY = "copy (select 1) to '/tmp/stolen.csv'"
_STATEMENTS = {
    "copy a table to a file": "copy user_sessions to '/tmp/stolen.csv'",
    "copy a query to a file": _COPY,
    "copy over the build": "copy (select 1) to 'wh-000001.duckdb' (format csv)",
    "copy to standard output": "copy user_sessions to '/dev/stdout'",
    "copy to parquet": "copy users to '/tmp/stolen.parquet' (format parquet)",
    "copy from a file": "copy users from '/etc/passwd'",
    "copy a database": "copy from database memory to x",
    "copy in a cte": f"with x as ({_COPY}) select * from x",
    "copy in a subquery": f"select (with x as ({_COPY}) select count(*) from x)",
    "copy in a union": f"select 1 union all (with x as ({_COPY}) select 1 from x)",
    "copy in a lateral join": f"from range(1) r, lateral (with x as ({_COPY}) select 1 from x)",
    "copy explained": f"explain analyze {_COPY}",
    "copy explained in a cte": f"/**/ explain analyze with x as ({_COPY}) select 1",
    "export": "export database '/tmp/stolen'",
    "import": "import database '/tmp/stolen'",
    "attach": "attach '/tmp/other.duckdb'",
    "attach for reading": "attach '/tmp/other.duckdb' as o (read_only)",
    "attach of memory": "attach ':memory:' as m",
    "attach of sqlite": "attach '/tmp/other.sqlite' (type sqlite)",
    "attach of postgres": "attach 'host=127.0.0.1' as p (type postgres)",
    "detach": "detach in_parts",
    "use": "use memory",
    "install": "install httpfs",
    "install from a place": "install spatial from 'http://127.0.0.1/x'",
    "force install": "force install httpfs",
    "load": "load httpfs",
    "load of a path": "load '/tmp/evil.duckdb_extension'",
    "update extensions": "update extensions",
    "set": "set memory_limit = '100GB'",
    "set global": "set global threads = 1000",
    "set external access": "set enable_external_access = true",
    "set the lock": "set lock_configuration = false",
    "set a directory": "set temp_directory = '/tmp'",
    "set a search path": "set search_path = 'main'",
    "set a variable": "set variable x = 1",
    "reset": "reset memory_limit",
    "create a table": "create table x as select 1",
    "create a temp table": "create temp table x as from range(1000)",
    "create a view": "create temp view users as select 1",
    "create a macro": "create temp macro f(x) as x",
    "create a secret": "create secret s (type s3, key_id 'k', secret 's')",
    "create a type": "create type t as enum ('a')",
    "create a sequence": "create temp sequence s",
    "create a schema": "create schema s",
    "create an index": "create index i on users (user_id)",
    "drop": "drop table settings",
    "drop a view": "drop view user_sessions",
    "alter": "alter table settings add column x int",
    "insert": "insert into settings values ('a', 'b', 'c', 'd')",
    "insert in a cte": "with x as (insert into settings select 1 returning *) from x",
    "update": "update settings set value = 'x'",
    "update in a cte": "with x as (update settings set value = 'x' returning *) from x",
    "delete": "delete from settings",
    "delete in a cte": "with x as (delete from settings returning *) from x",
    "truncate": "truncate settings",
    "merge": "merge into settings using users on true when matched then delete",
    "comment": "comment on table settings is 'x'",
    "begin": "begin transaction",
    "commit": "commit",
    "checkpoint": "force checkpoint",
    "vacuum": "vacuum",
    "analyze": "analyze",
    "call": "call pragma_version()",
    "call of logging": "call enable_logging()",
    "prepare": "prepare p as select 1",
    "execute": "execute p",
    "deallocate": "deallocate p",
    "a query as text": "from query('select 1')",
    "a query as tree": "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "pivot without values": "pivot user_sessions on user_id using count(*)",
    "pragma of databases": "pragma database_list",
    "pragma of profiling": "pragma enable_profiling",
    "pragma of verification": "pragma enable_verification",
    "pragma of a setting": "pragma memory_limit = '100GB'",
    "pragma of storage": "pragma storage_info('settings')",
    "pragma of the platform": "pragma platform",
}
_SECOND = {
    "a second statement": f"select 1; {_COPY}",
    "a second statement behind a comment": f"select 1 /* ; */; {_COPY} --",
    "many statements": ";".join(["drop table settings"] * 1000),
}
_NAMES = {
    f"the function {call.partition('(')[0]}": f"from {call}"
    for call in (
        *("read_text('/etc/passwd')", "read_blob('/etc/passwd')", "read_csv('/etc/passwd')"),
        *(
            "READ_CSV('/etc/passwd')",
            "\"read_csv_auto\"('/etc/passwd')",
            "sniff_csv('/etc/passwd')",
        ),
        *("read_json('/etc/passwd')", "read_ndjson('/etc/passwd')", "read_json_auto('/x')"),
        *("read_json_objects('/x')", "read_parquet('/x')", "parquet_scan('/x')"),
        *("parquet_metadata('/x')", "parquet_schema('/x')", "parquet_kv_metadata('/x')"),
        *("read_duckdb('/tmp/other.duckdb')", "glob('/etc/*')", "system.main.glob('/*')"),
        *("duckdb_secrets()", "duckdb_settings()", "duckdb_databases()", "duckdb_extensions()"),
        *("duckdb_memory()", "duckdb_temporary_files()", "duckdb_logs()", "duckdb_views()"),
        *("duckdb_variables()", "which_secret('s3://x', 's3')", "pragma_database_size()"),
        *("pragma_storage_info('settings')", "pragma_platform()", "pragma_user_agent()"),
        *("histogram('duckdb_settings', name)", "histogram_values('session_events', properties)"),
        *("query_table('duckdb_settings')", "query_table(['users'])", "enable_logging()"),
        *("truncate_duckdb_logs()", "checkpoint()", "force_checkpoint()", "test_all_types()"),
        *("arrow_scan(1, 2, 3)", "pandas_scan(1)", "python_map_function(1)", "seq_scan('users')"),
        *("read_xlsx('/x.xlsx')", "sqlite_scan('/x', 'y')", "postgres_query('x', 'y')"),
    )
}
_VALUES = {
    f"the value of {call.partition('(')[0]}": f"select {call}"
    for call in (
        *("getenv('HOME')", "GetEnv('DWELL_APP_PASSWORD')", "'HOME'.getenv()"),
        *("current_setting('temp_directory')", "getvariable('x')", "current_query()"),
        *("sleep_ms(100000)", "pg_sleep(1000)", "write_log('x')", "current_database()"),
        *("version()", "inet_server_addr()", "pg_postmaster_start_time()", "setseed(0.5)"),
        *("pg_get_viewdef(1)", "stats(1)", "inet_client_port()", "current_user()"),
        *("current_catalog()", "Current_Catalog", "session_user", "current_role"),
    )
}
# Wherever a query can hold another, or a value: a function that is refused.
_PLACES = {
    "in a condition": "from users where user_id in (select file from glob('/*'))",
    "in an order": "from users order by getenv('HOME')",
    "in a limit": "from users limit (select length(getenv('HOME')))",
    "in a filter": "select count(*) filter (where getenv('HOME') = '') from users",
    "in a window": "select row_number() over (partition by getenv('HOME')) from users",
    "behind qualify": "from users qualify row_number() over (order by getenv('HOME')) = 1",
    "in a group": "select count(*) from users group by getenv('HOME')",
    "behind having": "select 1 from users group by all having getenv('HOME') = ''",
    "in a lambda": "select list_transform([1], lambda x: getenv('HOME'))",
    "in a list": "select [x for x in [getenv('HOME')]]",
    "in a star": "select * replace (getenv('HOME') as user_id) from users",
    "in columns": "select columns(lambda c: c = getenv('HOME')) from users",
    "in a case": "select case when true then getenv('HOME') end",
    "in a cast": "select getenv('HOME')::varchar[]",
    "in values": "values (getenv('HOME'))",
    "in a join": "from users join read_text('/etc/passwd') on true",
    "in an asof join": "from users u asof join glob('/*') g on u.user_id >= g.file",
    "in a lateral join": "from users, lateral (from glob('/*'))",
    "in a positional join": "from users positional join glob('/*')",
    "in an except": "select 'x' except select file from glob('/*')",
    "in a recursion": "with recursive r as (select 1 union all (select 2 from glob('/*'))) from r",
    "in a pivot": "pivot (from glob('/*')) on file in ('a') using count(*)",
    "in an unpivot": "unpivot (from glob('/*')) on file",
    "described": "describe select * from glob('/*')",
    "summarised": "summarize select * from glob('/*')",
    "explained": "explain select getenv('HOME')",
    "explained and run": "explain analyze from glob('/*')",
    "in an exists": "select exists (from glob('/*'))",
    "compared with any": "select 'x' = any (select file from glob('/*'))",
    "in an argument": "from range((select length(getenv('HOME'))))",
    "in brackets": "((from glob('/*')))",
    "as a table": "table duckdb_settings",
}
_TABLES = {
    f"the table {name}": f"from {name}"
    for name in (
        *("duckdb_settings", "duckdb_databases", "duckdb_logs", "DUCKDB_VIEWS", "sqlite_master"),
        *("pg_settings", "pg_views", "pg_tables", "pragma_database_list", '"duckdb_settings"'),
        *("information_schema.views", "(show databases)", "(show tables from main)"),
    )
}
_PATHS = {
    f"by path {path}": f"from {path}"
    for path in (
        *("main.session_events", "in_parts.session_events", 'memory.main."x"'),
        *('"wh-000001".main.settings', "pg_catalog.pg_settings", "system.main.duckdb_settings"),
        *("temp.main.x", "system.information_schema.tables"),
    )
}
_SCANS = {
    f"a replacement scan of {name}": f"from {name}"
    for name in (
        *("'/etc/passwd'", "'/proc/self/environ'", '"/etc/passwd"'),
        *("wh", "question", "rows", "RELATIONS"),
    )
}
_FILES = {
    f"a replacement scan of {name}": f"from {name}"
    for name in (
        *("'events.csv'", "'*.parquet'", "'/tmp/other.duckdb'", "'wh-000001.duckdb'"),
        *("'http://127.0.0.1/x.parquet'", "'s3://bucket/x.parquet'", "'/tmp/x.json'"),
    )
}
_TEXTS = {
    "an unclosed text": ("select '", PARSER),
    "an unclosed comment": ("select 1 /*", PARSER),
    "a shell command": (".shell ls", PARSER),
    "a dot command": (".read /etc/passwd", PARSER),
    "deep brackets": ("select " + "(" * 5_000 + "1" + ")" * 5_000, "rror"),
    "deep lists": ("select " + "[" * 5_000 + "]" * 5_000, "rror"),
    "deep negation": ("select " + "not " * 20_000 + "true", "rror"),
    "deep queries": ("from (" * 5_000 + "select 1" + ")" * 5_000, "too deeply"),
    "a zero byte": ("select 1\0; drop table settings", READ_ONLY),
    "half a sign": ("select '\udcff'", "half a sign"),
    "a text of 10 MB": ("select '" + "x" * 10_000_000 + "'", "has 10,000,009 characters"),
    "a list of 10 MB": ("select [" + "1," * 5_000_000 + "1]", "characters"),
    "a million statements": ("select 1;" * 1_000_000, "characters"),
    "an end of our own brackets": ("from filtered_sessions) select * from (select 1", PARSER),
    "nothing": ("", "Met: 0 queries"),
    "a comment alone": ("-- nothing", "Met: 0 queries"),
}

ATTACKS = (
    *(Attack(name, text, READ_ONLY) for name, text in _STATEMENTS.items()),
    *(Attack(name, text, READ_ONLY) for name, text in _SECOND.items()),
    *(Attack(name, text, NAMES) for name, text in (_NAMES | _VALUES | _PLACES | _TABLES).items()),
    *(Attack(name, text, BY_PATH) for name, text in _PATHS.items()),
    *(Attack(name, text, NO_TABLE) for name, text in _SCANS.items()),
    *(Attack(name, text, NO_FILES) for name, text in _FILES.items()),
    *(Attack(name, *given) for name, given in _TEXTS.items()),
)

# What would hold the server by its time or its memory: a name, and the text.
ENDLESS = {
    "an endless recursion": "with recursive r as (select 1 i union all select i + 1 from r) "
    "select count(*) from r",
    "a long computation of one value": "select levenshtein(repeat('a', 200000), "
    "repeat('b', 200000))",
    "a slow filling": "select length(rpad('x', 2000000000, 'yz'))",
}
BOMBS = {
    "a recursion that doubles": "with recursive r as (select repeat('x', 1000) s union all "
    "select s || s from r) select max(length(s)) from r",
    "a list of a thousand million": "select list(range) from range(1000000000)",
    "a range in a value": "select range(1000000000)",
    "a long text": "select length(repeat('x', 4000000000))",
    "a wide number": "select length(printf('%2000000000d', 1))",
    "a text put together": "select length(string_agg(range::varchar, ',')) from range(1000000000)",
    "a sort of everything": "select * from range(100000000) order by hash(range) limit 1 "
    "offset 50000000",
    "groups without end": "select count(*) from (select distinct a.range, b.range "
    "from range(100000) a, range(100000) b)",
    "rows without end": "select a.range, b.range from range(100000) a, range(100000) b",
    "long rows": "select repeat('x', 1000000) || range from range(100000)",
    "windows over everything": "select sum(range) over (order by hash(range)) "
    "from range(1000000000)",
    "a map of everything": "select map_from_entries(list((range, repeat('x', 100)))) "
    "from range(100000000)",
}


def main() -> None:
    """Tries all that one process lives through, as limited_process does; prints what was said.

    With the home as its argument. Last, Python itself tries what no SQL should have got to.
    """
    home = Path(sys.argv[1])
    text = "select count(*) from filtered_sessions"
    question = Question(home, current_build(home), text, Limits(20, 100_000_000))
    build = held(question)
    tried = {attack.name: attack.text for attack in ATTACKS} | BOMBS | {"itself": text}
    said = {}
    for name, text in tried.items():
        kind, words = said_of(build, replace(question, text=text))
        said[name] = (kind.decode(), bytes(words).decode("utf-8", "replace"))
    try:
        Path(__file__).open().close()
    except OSError as error:
        said["a file"] = ("R", str(error))
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
