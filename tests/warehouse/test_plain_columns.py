"""Columns of any query: each is read by polars, and written into every file."""

from __future__ import annotations

from datetime import UTC, date

import polars as pl
import pytest

from etl.duck import connect
from tests.warehouse.small_builds import NOON
from warehouse.frame_files import WRITERS
from warehouse.plain_columns import readable

# What is asked, and what is read of it: as it is, and flat.
VALUES = {
    "1::hugeint": 1,
    "interval 1 day": "1 day",
    "[interval 1 day]": "[1 day]",
    "'101'::bit": "101",
    "'a'::blob": "a",
    "1::variant": "1",
    "union_value(x := 1)": "1",
    "123456789012345678901234567890123456789012::bignum": "1234567890123456789012345678901234567890"
    "12",
    "'12:00:00+01'::timetz": "12:00:00+01",
    "date 'infinity'": None,
    "'-infinity'::timestamp": None,
    "'infinity'::timestamptz": None,
    "date '290000-01-01'": None,
    "'nan'::double is null": False,
    "['a', 'b']": ["a", "b"],
    "null": None,
}
FLAT = {
    "[1, 2]": "[1, 2]",
    "{'a': 1}": "{'a': 1}",
    "map {'a': 1}": "{a=1}",
    "array_value(1, 2)": "[1, 2]",
    "[['a']]": "[[a]]",
    "[date 'infinity']": "[infinity]",
    "[timestamp '2026-03-10 12:00:00']": "['2026-03-10 12:00:00']",
    "[timestamptz '2026-03-10 12:00:00Z'] is null": False,
}


def read(query: str, *, naive: bool = False, flat: bool = True) -> pl.DataFrame:
    with connect() as con:
        return pl.DataFrame(readable(con.sql(query), flat=flat, naive=naive).to_arrow_table())


@pytest.mark.parametrize("value", VALUES | FLAT)
def test_a_value_is_read(value: str) -> None:
    ((found,),) = read(f"select {value} as x").rows()
    assert found == (VALUES | FLAT)[value]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("{'a': [1]}", {"a": [1]}),
        ("[timestamp '2026-03-10 12:00:00']", [NOON]),
        ("[[timestamptz '2026-03-10 12:00:00Z']]", [[NOON.replace(tzinfo=UTC)]]),
        ("array_value(date '2026-03-10')", [date(2026, 3, 10)]),
        ("[date 'infinity', date '2026-03-10']", [None, date(2026, 3, 10)]),
        ("[['-infinity'::timestamptz], null]", [[None], None]),
    ],
)
def test_what_holds_others_stays_so_unless_it_is_to_be_flat(value: str, wanted: object) -> None:
    ((found,),) = read(f"select {value} as x", flat=False).rows()
    assert found == wanted


@pytest.mark.parametrize("form", WRITERS)
def test_any_answer_is_written(form: str) -> None:
    kinds = ", ".join(f"{value} as c{n}" for n, value in enumerate([*VALUES, *FLAT, "now()"]))
    frame = read(f"select {kinds}", naive=form == "xlsx")
    assert WRITERS[form](frame, {"Build": "1"})


def test_each_name_is_there_once() -> None:
    frame = read('select 1 as a, 2 as "A", 3 as a_1, 4 as "b""c", 5 as "b""c"')
    assert frame.rows() == [(1, 2, 3, 4, 5)]
    assert len({name.lower() for name in frame.columns}) == 5
    assert frame.columns[0] == "a"
