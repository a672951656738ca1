"""Each shape of times reads what others write: Python's own clock is the oracle."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.config import time_shapes
from etl.config.time_shapes import BY_NAME, shape_of
from etl.duck import sql_beside
from etl.formats.time_decision import settle
from etl.normalise import normaliser, time_columns

NOW = datetime(2026, 11, 28, tzinfo=UTC)
YEAR_1, YEAR_1601, YEAR_2001 = (datetime(year, 1, 1, tzinfo=UTC) for year in (1, 1601, 2001))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMES = st.datetimes(datetime(2001, 1, 1), datetime(2026, 11, 27), timezones=st.just(UTC))  # noqa: DTZ001
SECOND, MILLISECOND, MICROSECOND = (timedelta(microseconds=n) for n in (10**6, 1000, 1))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def days_since(start: datetime) -> Callable[[datetime], str]:
    return lambda at: f"{(at - start) / DAY:.10f}"


def pattern(text: str) -> Callable[[datetime], str]:
    return lambda at: at.strftime(text)


# Shape → how others write a time, and how fine that is.
WRITERS: dict[str, tuple[Callable[[datetime], str], timedelta]] = {
    "epoch_s": (lambda at: str((at - EPOCH) // SECOND), SECOND),
    "epoch_ms": (lambda at: str((at - EPOCH) // MILLISECOND), MILLISECOND),
    "epoch_us": (lambda at: str((at - EPOCH) // MICROSECOND), MICROSECOND),
    "epoch_ns": (lambda at: str((at - EPOCH) // MICROSECOND * 1000 + 123), MICROSECOND),
    "yyyymmdd": (pattern("%Y%m%d"), DAY),
    "yyyymmddhh": (pattern("%Y%m%d%H"), HOUR),
    "yyyymmddhhmm": (pattern("%Y%m%d%H%M"), timedelta(minutes=1)),
    "yyyymmddhhmmss": (pattern("%Y%m%d%H%M%S"), SECOND),
    "yyyymmddhhmmssms": (lambda at: at.strftime("%Y%m%d%H%M%S%f")[:-3], MILLISECOND),
    "yyyyddd": (pattern("%Y%j"), DAY),
    "excel": (days_since(datetime(1899, 12, 30, tzinfo=UTC)), SECOND),
    "julian": (
        lambda at: f"{(at - datetime(2000, 1, 1, 12, tzinfo=UTC)) / DAY + 2451545:.8f}",
        SECOND,
    ),
    "ticks": (lambda at: str((at - YEAR_1) // MICROSECOND * 10), MICROSECOND),
    "filetime": (lambda at: str((at - YEAR_1601) // MICROSECOND * 10), MICROSECOND),
    "webkit": (lambda at: str((at - YEAR_1601) // MICROSECOND), MICROSECOND),
    "cocoa": (lambda at: str((at - YEAR_2001) // SECOND), SECOND),
    "excel_1904": (days_since(datetime(1904, 1, 1, tzinfo=UTC)), SECOND),
    "modified_julian": (days_since(datetime(1858, 11, 17, tzinfo=UTC)), SECOND),
    "seconds": (lambda at: str((at - EPOCH) // SECOND), SECOND),
    "written": (lambda at: at.isoformat(" "), MICROSECOND),
    "day_first": (pattern("%d/%m/%Y %H:%M:%S"), SECOND),
    "month_first": (pattern("%m/%d/%y, %I:%M:%S %p"), SECOND),
    "year_first": (pattern("%y/%m/%d %H:%M:%S.%f"), MICROSECOND),
    "%d.%b.%Y %H-%M": (pattern("%d.%b.%Y %H-%M"), timedelta(minutes=1)),
}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        words = ", ".join(f"'{w}': {round(h * 60)}" for w, h in time_shapes.ZONE_WORDS.items())
        con.execute(f"set variable zone_offsets = map {{{words}}}")
        con.execute(sql_beside(normaliser.__file__, "times"))
        con.execute("set TimeZone = 'UTC'")
        yield con


def read(con: duckdb.DuckDBPyConnection, shape: str, texts: list[str]) -> list[datetime | None]:
    sql = shape_of(shape).reads("text")
    return [
        at and at.replace(tzinfo=UTC)
        for (at,) in con.execute(
            f"select {sql} from (select unnest(?::varchar[]) as text)", [texts]
        ).fetchall()
    ]


def cut(at: datetime, grain: timedelta) -> datetime:
    return EPOCH + (at - EPOCH) // grain * grain


def test_every_shape_has_a_writer() -> None:
    assert BY_NAME.keys() <= WRITERS.keys()


@pytest.mark.parametrize("shape", WRITERS)
@settings(max_examples=15, deadline=None)
@given(times=st.lists(TIMES, min_size=1, max_size=30))
def test_what_others_write_is_read(
    con: duckdb.DuckDBPyConnection, shape: str, times: list[datetime]
) -> None:
    write, grain = WRITERS[shape]
    times = [cut(at, grain) for at in times]
    assert read(con, shape, list(map(write, times))) == times


ALONE = [
    name
    for name in WRITERS
    if name in BY_NAME
    and not BY_NAME[name].told
    and name not in ("seconds", "day_first", "month_first", "year_first")
]


@pytest.mark.parametrize("shape", ALONE)
@settings(max_examples=50, deadline=None)
@given(times=st.lists(TIMES, min_size=1, max_size=30))
def test_a_column_is_told_by_its_values(shape: str, times: list[datetime]) -> None:
    met = settle(list(map(WRITERS[shape][0], times)), NOW)
    assert met
    assert met.shape is BY_NAME[shape]


ORDERS = ("day_first", "month_first")


@pytest.mark.parametrize("shape", ORDERS)
@settings(max_examples=50, deadline=None)
@given(times=st.lists(TIMES, min_size=1, max_size=30))
def test_an_order_of_days_is_told_or_in_doubt_but_never_another(
    shape: str, times: list[datetime]
) -> None:
    met = settle([at.strftime("%d/%m/%Y" if shape == ORDERS[0] else "%m/%d/%Y") for at in times],
                 NOW)  # fmt: skip
    assert met
    if any(at.day > 12 for at in times):
        assert met.shape is BY_NAME[shape]
    else:
        # In another order some may lie ahead of the present, which none does.
        assert met.shape in (None, BY_NAME[shape])


NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SPELLINGS = {
    "2026-03-10T12:00:00Z": NOON,
    "2026-03-10t12:00:00z": NOON,
    "2026-03-10 04:00:00.000 -0800": NOON,
    "2026-03-10 12:00:00 +0000": NOON,
    "2026-03-10 13:00:00 +01:00": NOON,
    "2026-03-10 06:30:00 -05:30": NOON,
    "2026-03-10 12:00:00,250": NOON + timedelta(milliseconds=250),
    "2026-03-10T13:00:00,250+01:00": NOON + timedelta(milliseconds=250),
    "2026-03-10 12:00:00 +0000 UTC": NOON,
    "2026-03-10 12:00:00.25 +0000 UTC m=+0.0012": NOON + timedelta(milliseconds=250),
    "2026-03-10 13:00:00 +0100 CET": NOON,
    "2026-03-10T12:00Z[UTC]": NOON,
    "2026-03-10T13:00:00+01:00[Europe/Berlin]": NOON,
    "2026-03-10T13:00:00[Europe/Berlin]": NOON,
    "2026-03-10 13:00:00 Europe/Berlin": NOON,
    "2026-03-10 12:00:00 PM": NOON,
    "2026-03-11 12:00 AM": NOON + timedelta(hours=12),
    "2026-03-10 9:05 p.m.": NOON + timedelta(hours=9, minutes=5),
    "2026-03-10 12:00:00 UTC": NOON,
    "2026-03-10 04:00:00 PST": NOON,
    "2026-03-10 07:00:00 EST": NOON,
    "2026-03-10 13:00 GMT+1": NOON,
    "Tue, 10 Mar 2026 12:00:00 GMT": NOON,
    "10/Mar/2026:13:00:00 +0100": NOON,
    "10/Mar/2026:12:00:00.123 +0000": NOON + timedelta(milliseconds=123),
    "Tue Mar 10 2026 13:00:00 GMT+0100 (Central European Standard Time)": NOON,
    "Tue Mar 10 12:00:00 UTC 2026": NOON,
    "Tue Mar 10 12:00:00 2026": NOON,
    "Mar 10, 2026, 12:00:00\u202fPM": NOON,
    "March 10, 2026 at 12:00 PM": NOON,
    "10-Mar-2026 12:00": NOON,
    "20260310T120000Z": NOON,
    "20260310T130000+0100": NOON,
    "2026.03.10 12:00": NOON,
    "2026/3/10 12:00": NOON,
    " 2026-03-10T12:00:00Z ": NOON,
    "2016-12-31T23:59:60Z": datetime(2017, 1, 1, tzinfo=UTC),
    # In doubt, or no time: never guessed.
    "2026-07-10 10:00:00 BST": None,
    "2026-07-10 10:00:00 CST": None,
    "2026-07-10 10:00:00 XYZ": None,
    "26/11/20 09:00": None,
    "03/04/2026": None,
    "12:00:00": None,
    "1773144000": None,
    "2026-02-30 10:00:00 +0000": None,
    "infinity": None,
    "epoch": None,
    "yesterday": None,
}


@pytest.mark.parametrize(("text", "wanted"), SPELLINGS.items())
def test_a_time_that_is_written_out_is_read_or_nothing(
    con: duckdb.DuckDBPyConnection, text: str, wanted: datetime | None
) -> None:
    assert read(con, "written", [text]) == [wanted]


@settings(max_examples=60, deadline=None)
@given(
    at=TIMES,
    minutes=st.integers(-12 * 60, 14 * 60),
    date=st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d %b %Y", "%B %d, %Y"]),
    clock=st.sampled_from(["%H:%M:%S", "%H:%M:%S.%f", "%H:%M:%S,%f", "%I:%M:%S %p"]),
    blank=st.sampled_from(["", " "]),
    colon=st.booleans(),
)
def test_any_spelling_of_date_clock_and_offset_is_the_same_time(
    con: duckdb.DuckDBPyConnection,
    at: datetime,
    minutes: int,
    date: str,
    clock: str,
    blank: str,
    *,
    colon: bool,
) -> None:
    local = at + timedelta(minutes=minutes)
    offset = time_shapes.offset_text(minutes / 60)
    text = (
        local.strftime(f"{date} {clock}") + blank + (offset if colon else offset.replace(":", ""))
    )
    assert read(con, "written", [text]) == [at if "%f" in clock else cut(at, SECOND)]


def test_words_of_zones_are_of_one_meaning_or_of_the_sources_zone() -> None:
    assert "BST" not in time_columns.zone_offsets("UTC")
    assert time_columns.zone_offsets("Europe/London")["BST"] == 1
    assert time_columns.zone_offsets("America/Chicago")["CST"] == -6
    assert time_columns.zone_offsets("Asia/Shanghai")["CST"] == 8
