"""The shapes that a column of times may have: what each looks like, and the SQL that reads it.

A shape is of a whole column, and settled in etl/formats/time_decision.py unless it is said. The
SQL calls macros of etl/normalise/sql/times.sql, and yields naive UTC, null for what does not fit.
"""

import re
from dataclasses import dataclass

_DAY = 86_400
# Year 1, and the year after the one in which numbers that mean nothing lie.
_ALWAYS, _FROM_1971 = -62_135_596_800, 365 * _DAY


@dataclass(frozen=True)
class Shape:
    """One shape.

    name   as `--time-format` takes it and `dwell load` tells it
    looks  what it looks like, for people
    sql    reads the text {0}; of shapes that count, {1} is the first second since 1970 that fits
    unit   of shapes that count: seconds per unit; `zero`: the second since 1970 that 0 stands for
    digits of shapes that are digits of a date: their pattern for strptime, and `width`
    told   whether it is only believed when told: its numbers mean something else as well
    """

    name: str
    looks: str
    sql: str
    unit: float = 0.0
    zero: int = 0
    digits: str = ""
    width: int = 0
    told: bool = False

    @property
    def is_epoch(self) -> bool:
        """Whether it counts from 1970."""
        return self.unit > 0 and self.zero == 0

    def reads(self, text: str, *, is_late: bool = False) -> str:
        """SQL of the time that SQL of a text tells. `is_late`: from 1971 on."""
        return self.sql.format(text, _FROM_1971 if is_late else _ALWAYS)


def _count(name: str, looks: str, per_second: int, zero: int = 0, *, told: bool = False) -> Shape:
    is_fine = per_second > 10**6
    sql = f"finely_counted_time({{0}}, {per_second // 10**6}, {zero}, {{1}})"
    sql = sql if is_fine else f"counted_time({{0}}, {per_second}, {zero}, {{1}})"
    return Shape(name, looks, sql, 1 / per_second, zero, told=told)


def _days(name: str, looks: str, zero: int, *, in_zone: bool = False, told: bool = False) -> Shape:
    sql = f"days_time({{0}}, {zero})"
    sql = f"timezone('UTC', {sql}::timestamptz)" if in_zone else sql
    return Shape(name, looks, sql, _DAY, zero, told=told)


def _digits(name: str, looks: str, pattern: str, width: int) -> Shape:
    sql = f"digits_time({{0}}, {width}, '{pattern}')"
    return Shape(name, looks, sql, digits=pattern, width=width)


WRITTEN = Shape("written", "2026-03-10 10:00, 10 Mar 2026, … (year first or month by name)",
                "written_time({0})")  # fmt: skip
DAY_FIRST = Shape("day_first", "10/03/2026 10:00, 10.3.26", "written_time(day_first_as_iso({0}))")
MONTH_FIRST = Shape(
    "month_first", "3/10/2026 10:00 AM, 03-10-26", "written_time(month_first_as_iso({0}))"
)
YEAR_FIRST = Shape("year_first", "26/03/10 10:00", "written_time(year_first_as_iso({0}))")
# What has digits and no year that can be told: seconds of an experiment, of an archive that hides
# its dates.
SECONDS = Shape(
    "seconds", "0, 86400, 69459254: from a beginning that is not told; read as from 1970",
    "counted_time({0}, 1, 0, {1})", 1.0,
)  # fmt: skip

EPOCHS = (
    _count("epoch_s", "1773136800, 1773136800.5: seconds since 1970", 1),
    _count("epoch_ms", "1773136800000: milliseconds since 1970", 10**3),
    _count("epoch_us", "1773136800000000: microseconds since 1970", 10**6),
    _count("epoch_ns", "1773136800000000000: nanoseconds since 1970", 10**9),
)
NUMBERS = (
    *EPOCHS,
    _digits("yyyymmdd", "20260310", "%Y%m%d", 8),
    _digits("yyyymmddhh", "2026031010", "%Y%m%d%H", 10),
    _digits("yyyymmddhhmm", "202603101000", "%Y%m%d%H%M", 12),
    _digits("yyyymmddhhmmss", "20260310100000", "%Y%m%d%H%M%S", 14),
    _digits("yyyymmddhhmmssms", "20260310100000123", "%Y%m%d%H%M%S%g", 17),
    _digits("yyyyddd", "2026069: year and day of the year", "%Y%j", 7),
    _days("excel", "46091.416667: days since 1899-12-30", -25_569 * _DAY, in_zone=True),
    _days("julian", "2461109.916667: days since noon 4713 BC", -210_866_760_000),
    _count("ticks", ".NET, 639087336000000000: 100 ns since year 1", 10**7, -62_135_596_800),
    _count("filetime", "Windows, 134176104000000000: 100 ns since 1601", 10**7, -11_644_473_600),
    _count("webkit", "Chrome, 13417610400000000: µs since 1601", 10**6, -11_644_473_600),
    _count("cocoa", "Apple, 794829600: seconds since 2001", 1, 978_307_200, told=True),
    _days("excel_1904", "44629.416667: days since 1904", -2_082_844_800, in_zone=True, told=True),
    _days("modified_julian", "61109.416667: days since 1858-11-17", -3_506_716_800, told=True),
)
SHAPES = (WRITTEN, DAY_FIRST, MONTH_FIRST, YEAR_FIRST, *NUMBERS, SECONDS)
BY_NAME = {shape.name: shape for shape in SHAPES}

# Short names of zones that mean one thing, in hours. BST, CST, CDT, IST, AST, ADT, SST, GST, … mean
# several: they are read where the source's own zone is called so.
ZONE_WORDS: dict[str, float] = {
    **dict.fromkeys(("UTC", "GMT", "UT", "Z", "WET"), 0.0),
    **{"EST": -5, "EDT": -4, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8},
    **{"HST": -10, "NST": -3.5, "NDT": -2.5, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3},
    **{"MSK": 3, "SAST": 2, "PKT": 5, "HKT": 8, "JST": 9, "KST": 9, "AWST": 8, "ACST": 9.5},
    **{"ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13},
}


def shape_of(time_format: str) -> Shape:
    """The shape of a time format: a name of the table, or a strptime pattern."""
    if shape := BY_NAME.get(time_format):
        return shape
    pattern = time_format.replace("'", "''").replace("{", "{{").replace("}", "}}")
    sql = f"timezone('UTC', try_strptime(trim({{0}}), '{pattern}')::timestamptz)"
    return Shape(time_format, "as told", sql, told=True)


def offset_text(hours: float) -> str:
    """-3.5 → -03:30"""
    minutes = round(abs(hours) * 60)
    return f"{'-' if hours < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def check_pattern(pattern: str) -> None:
    """ValueError unless the strptime pattern reads year, month and day."""
    words = set(re.findall(r"%-?([A-Za-z])", pattern))
    has_day = bool(words & {"c", "x"}) or (
        bool(words & {"Y", "y"}) and ("j" in words or ("d" in words and words & {"m", "b", "B"}))
    )
    # Words of strptime that the engine knows as well.
    if not has_day or words - set("aAbBcdfgHIjmMnpSxXyYzZ"):
        raise ValueError(pattern)
