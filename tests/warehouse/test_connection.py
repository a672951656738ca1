import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Timer

import duckdb
import pytest

import warehouse
from etl.errors import BeyondLimit, BuildError, ConfigError
from tests.warehouse.small_builds import NOON, at, session, write_build
from warehouse.timed_relation import ended_after


def test_without_a_build_the_error_tells_what_to_run(tmp_path):
    with pytest.raises(warehouse.NoBuild, match=r"current\.json is not there\. Run 'dwell load'"):
        warehouse.open(tmp_path)
    with pytest.raises(warehouse.NoBuild):
        warehouse.current_build(tmp_path)


def test_a_broken_pointer_tells_how_to_mend_it(tmp_path):
    (tmp_path / "builds").mkdir()
    (tmp_path / "builds" / "current.json").write_text("{")
    with pytest.raises(BuildError, match="dwell build --full"):
        warehouse.open(tmp_path)


def test_the_newest_build_is_opened_by_default(tmp_path):
    write_build(tmp_path, [session("ann")], build=41)
    write_build(tmp_path, [session("ann"), session("bob")], build=42)
    assert warehouse.current_build(tmp_path) == 42
    with warehouse.open(tmp_path) as wh:
        assert wh.build == 42
        assert wh.path == tmp_path / "builds" / "wh-000042.duckdb"
        assert wh.home == tmp_path
        assert wh.sql("select count(*) from user_sessions").fetchall() == [(2,)]


def test_an_older_build_tells_its_own_as_of_and_time_zone(tmp_path):
    write_build(tmp_path, [session("ann")], build=41, time_zone="Asia/Tokyo")
    write_build(tmp_path, [session("bob", at("2026-04-01"))], build=42)
    with warehouse.open(tmp_path, build=41) as wh:
        assert wh.as_of == at("2026-03-10 12:01")
        assert wh.time_zone == "Asia/Tokyo"
        assert wh.built_at.tzinfo is not None


def test_a_build_that_is_not_kept_is_refused_with_those_that_are(tmp_path):
    write_build(tmp_path, [], build=41)
    write_build(tmp_path, [], build=42)
    with pytest.raises(warehouse.NoBuild, match=r"No build 7 is there. Builds kept: 41, 42\."):
        warehouse.open(tmp_path, build=7)


def test_the_running_day_is_local(open_build):
    row = session("ann", at("2026-03-10 15:30"), seconds=0)
    wh = open_build([row], time_zone="Asia/Tokyo")
    assert wh.as_of_date == date(2026, 3, 11)


def test_an_empty_build_has_no_as_of(open_build):
    wh = open_build([])
    assert wh.as_of is None
    assert wh.as_of_date is None


def test_a_file_swept_while_opening_is_looked_for_again(tmp_path, monkeypatch):
    swept = write_build(tmp_path, [session("ann")], build=1)

    def publish_another(_seconds):
        write_build(tmp_path, [session("bob")], build=2)

    monkeypatch.setattr("warehouse.connection.time.sleep", publish_another)
    swept.unlink()
    with warehouse.open(tmp_path) as wh:
        assert wh.build == 2


def test_a_pointer_to_nowhere_is_given_up_with_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.connection.time.sleep", lambda _seconds: None)
    write_build(tmp_path, []).unlink()
    with pytest.raises(warehouse.NoBuild, match=r"names wh-000001\.duckdb, which is not there"):
        warehouse.open(tmp_path)


def test_a_file_that_is_no_build_is_told_with_a_way_out(tmp_path):
    write_build(tmp_path, []).write_text("not a database, however one looks at it")
    with pytest.raises(BuildError, match=r"wh-000001\.duckdb cannot be opened"):
        warehouse.open(tmp_path)


def test_a_reader_keeps_its_build_when_the_file_is_swept(tmp_path):
    path = write_build(tmp_path, [session("ann")])
    with warehouse.open(tmp_path) as wh:
        path.unlink()
        assert wh.sql("select user_id from user_sessions").fetchall() == [("ann",)]


def test_parameters_are_bound(open_build):
    wh = open_build([session("ann"), session("o'neil")])
    relation = wh.sql("select user_id from user_sessions where user_id = $u", {"u": "o'neil"})
    assert relation.fetchall() == [("o'neil",)]


def test_a_relation_can_be_read_in_every_way_after_the_call(open_build):
    relation = open_build([session("ann")]).sql("select user_id from user_sessions")
    assert relation.fetchall() == [("ann",)]
    assert relation.pl()["user_id"].to_list() == ["ann"]
    assert relation.to_arrow_table().num_rows == 1


def test_a_text_without_a_query_is_refused(open_build):
    with pytest.raises(ConfigError, match="holds no query"):
        open_build([]).sql("")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("select * from read_csv('/etc/passwd')", id="another file"),
        pytest.param("from glob('*')", id="a folder"),
    ],
)
def test_queries_reach_this_build_alone(open_build, text):
    wh = open_build([session("ann")])
    with pytest.raises(duckdb.Error):
        wh.sql(text).fetchall()


COPY = "copy (select 1) to '$path' (format csv, use_tmp_file false, return_files true)"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("copy user_sessions to '/tmp/leak.csv'", id="a copy to another file"),
        pytest.param(COPY, id="a copy over the build"),
        pytest.param(f"with x as ({COPY}) select * from x", id="in a CTE"),
        pytest.param(f"select (with x as ({COPY}) select count(*) from x)", id="in a subquery"),
        pytest.param(f"select 1; {COPY}", id="behind a query"),
        pytest.param(f"explain analyze {COPY}", id="explained"),
        pytest.param(f"/* */ explain analyze with x as ({COPY}) select 1", id="explained CTE"),
        pytest.param(
            f"""from query('{(f"with x as ({COPY}) from x").replace("'", "''")}')""", id="as a text"
        ),
        pytest.param(
            "from json_execute_serialized_sql(json_serialize_sql('select 1'))", id="as a tree"
        ),
        pytest.param(f"prepare p as {COPY}", id="prepared"),
        pytest.param("with x as (delete from user_sessions returning *) from x", id="a deletion"),
        pytest.param("attach '/tmp/other.duckdb'", id="another database"),
        pytest.param("delete from user_sessions", id="a change"),
        pytest.param("create temp table x as select 1", id="a table"),
        pytest.param("set enable_external_access = true", id="the lock itself"),
        pytest.param("pivot user_sessions on user_id using count(*)", id="more than one statement"),
    ],
)
def test_queries_write_nothing_not_even_over_the_build(open_build, text):
    wh = open_build([session("ann")])
    before = wh.path.read_bytes()
    with pytest.raises(ConfigError, match="only read"):
        wh.sql(text.replace("$path", str(wh.path))).fetchall()
    assert wh.path.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        "from user_sessions",
        "describe user_sessions",
        "show tables",
        "summarize user_sessions",
        "explain select 1",
        "explain analyze select 1",
        "pragma table_info('user_sessions')",
        "pivot user_sessions on user_id in ('ann') using count(*) group by stream",
        "with recursive r(i) as (select 1 union all select i + 1 from r where i < 3) from r",
        "select list_transform([1], lambda x: x + 1), 'COPY_QUERY_NODE' as text",
        "values (1), (2)",
        "select 1 union by name select 2",
    ],
)
def test_queries_that_read_are_free(open_build, text):
    assert open_build([session("ann")]).sql(text).fetchall()


def test_two_openings_of_one_build_live_side_by_side(tmp_path):
    write_build(tmp_path, [session("ann")])
    with warehouse.open(tmp_path) as first, warehouse.open(tmp_path) as second:
        assert first.sql("select 1").fetchall() == second.sql("select 1").fetchall()
    with warehouse.open(tmp_path) as again, pytest.raises(duckdb.Error):
        again.sql("select * from glob('*')").fetchall()


def test_a_time_limit_ends_a_long_query(tmp_path):
    write_build(tmp_path, [session("ann")])
    endless = "select count(*) from range(1000000) a, range(1000000) b where a.range > b.range"
    with warehouse.open(tmp_path, max_seconds=0.2) as wh:
        with pytest.raises(duckdb.Error, match="maximum execution time"):
            wh.sql(endless).fetchall()
        with pytest.raises(ConfigError, match="same one"):
            warehouse.open(tmp_path)


def test_a_limit_that_passes_between_two_statements_ends_the_second() -> None:
    slow = "select count(*) from range(10000000) a, range(100000) b where a.range > b.range"

    def asked() -> None:
        with duckdb.connect() as con, ended_after(con, 0.05, "Wait."):
            time.sleep(0.1)
            con.execute(slow)

    with pytest.raises(BeyondLimit):
        asked()


def test_a_time_limit_of_one_query_holds_at_each_read(open_build):
    wh = open_build([session("ann")])
    endless = "with recursive r as (select 1 as i union all select i + 1 from r) select i from r"
    relation = wh.sql(endless, timeout=0.2)
    for read in (relation.fetchall, relation.pl, lambda: len(relation), lambda: relation.shape):
        with pytest.raises(BeyondLimit, match=r"longer than 0\.2 s"):
            read()
    with pytest.raises(BeyondLimit):
        relation.aggregate("count(*)").fetchall()
    # Others of the same build have none, and one that is quick is read as ever.
    quick = wh.sql("select 1 as n union all select 2 order by n", timeout=30)
    assert quick.columns == ["n"]
    assert (quick.fetchall(), len(quick), "int32" in repr(quick)) == ([(1,), (2,)], 2, True)
    second = quick.filter("n = 2").set_alias("second")
    assert quick.join(second, "n").fetchall() == [(2,)]
    with pytest.raises(AttributeError):
        quick.nothing()


def test_a_query_that_somebody_else_ends_is_not_beyond_its_time(open_build):
    wh = open_build([session("ann")])
    slow = wh.sql("select count(*) from range(10000000) a, range(100000) b where a > b", timeout=60)
    ends = Timer(0.2, slow._con.interrupt)
    ends.start()
    with pytest.raises(duckdb.InterruptException):
        slow.fetchall()


def test_queries_spill_into_a_folder_of_this_process_outside_the_home(open_build):
    wh = open_build([])
    folder = wh.sql("select current_setting('temp_directory')").fetchall()[0][0]
    assert str(os.getpid()) in folder
    assert str(wh.home) not in folder


def test_many_threads_share_one_warehouse(open_build):
    wh = open_build([session(f"user{n}") for n in range(20)])

    def ask(n):
        text = "select count(*) + $n from user_sessions, range(2000)"
        return wh.sql(text, {"n": n}).fetchall()[0][0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(400))) == [40_000 + n for n in range(400)]


def test_opening_brings_in_the_engine_and_the_reading_half_alone(tmp_path):
    write_build(tmp_path, [session("ann", NOON)])
    code = (
        f"import sys, warehouse; warehouse.open({str(tmp_path)!r});"
        "print(*(name for name in sys.modules if name.partition('.')[0] not in"
        " sys.stdlib_module_names))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = run.stdout.split()
    ours = {name for name in names if name.startswith("etl.")}
    assert {"streamlit", "plotly", "polars", "pandas", "pyarrow", "numpy"}.isdisjoint(names)
    # What it takes is in `benchmarks.opening`, beside the engine alone.
    assert {name.split(".")[1] for name in ours} == {
        *("config", "duck", "durable", "errors", "home_files", "privacy")
    }


def test_no_progress_of_the_engine_is_printed_where_commands_have_their_results(open_build) -> None:  # type: ignore[no-untyped-def]
    ((shown,),) = open_build([]).sql("select current_setting('enable_progress_bar')").fetchall()
    assert shown is False
