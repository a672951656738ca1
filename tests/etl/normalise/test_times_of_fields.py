"""Whole files whose times were told wrongly once: inputs of the field, and small ones like them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.formats.format import Request
from etl.formats.registry import requests_of
from etl.lake import Lake
from etl.load.outcome import Listener, Outcome
from etl.load.run import load
from tests.make import lake_events, lake_table, settings_of, write_csv, write_ndjson

Load = Callable[..., "Loaded"]  # noqa: F821
FIELD = Path(__file__).parents[4] / "shared" / "data" / "field"
at = datetime.fromisoformat
TEN = [at("2026-03-10 10:00"), at("2026-03-10 10:01"), at("2026-03-10 10:02")]
MOODLE = {"user": "User full name", "time": "Time", "type": "Event name"}

OF_THE_FIELD: dict[str, tuple[dict[str, Any], list[datetime], int]] = {
    "18-time-bst": ({}, [at("2026-07-10 09:05")], 1),
    "19-time-ast-pst": (
        {},
        [at("2026-01-10 14:05"), at("2026-07-10 18:00"), at("2026-07-10 18:05")],
        1,
    ),
    "20-date-and-time-of-day": ({}, TEN, 0),
    "21-time-is-time-spent": ({}, TEN, 0),
    "22-date-and-clock": ({}, TEN, 0),
    "23-date-hour-minute": ({}, TEN, 0),
    "24-excel-serial-date": ({}, TEN, 0),
    "25-dotnet-ticks": ({}, TEN, 0),
    "32-offset-after-a-blank": ({}, TEN, 0),
    "33-comma-before-fraction": ({}, [t + timedelta(milliseconds=123) for t in TEN], 0),
    "41-day-first-times": (
        {"map": MOODLE},
        [at("2025-12-03 18:40"), at("2026-11-20 09:00"), at("2026-11-20 09:12")],
        0,
    ),
    "42-two-digit-year": ({}, [], 3),
}


def rows(*times: str, column: str = "timestamp") -> str:
    return f"user_id;{column};event\n" + "".join(f"u{n};{t};open\n" for n, t in enumerate(times))


BY_ITSELF: dict[str, tuple[str, dict[str, Any], list[str | None]]] = {
    "the zone of the source calls itself so": (
        rows("2026-07-10 10:00:00 BST", "2026-01-10 10:00:00 GMT"),
        {"time_zone": "Europe/London"},
        ["2026-07-10 09:00", "2026-01-10 10:00"],
    ),
    "a doubtful zone": (rows("2026-07-10 10:00 CST", "2026-07-10 10:00 CEST"), {},
                        [None, "2026-07-10 08:00"]),
    "hours of a report": (rows("2026031009", "2026031010"), {},
                          ["2026-03-10 09:00", "2026-03-10 10:00"]),
    "digits are of the zone": (rows("202603101000"), {"time_zone": "Europe/Berlin"},
                               ["2026-03-10 09:00"]),
    "an archive without its dates": (rows("0", "69459254", "20260310", "34000000", "86399"), {},
        ["1970-01-01", "1972-03-14 22:14:14", "1970-08-23 11:51:50", "1971-01-29 12:26:40",
         "1970-01-01 23:59:59"]),
    "a value of another unit": (rows("1773136800000", "1773136860000", "1773136920"), {},
                                ["2026-03-10 10:00", "2026-03-10 10:01", None]),
    "0 is nothing": (rows("1773136800", "0"), {}, ["2026-03-10 10:00", None]),
    "a date among seconds": (rows("1773136800", "1773136860", "2026-03-10T10:02:00Z"), {},
                             ["2026-03-10 10:00", "2026-03-10 10:01", "2026-03-10 10:02"]),
    "told: milliseconds": (rows("0", "60000"), {"time_format": "epoch_ms"},
                           ["1970-01-01", "1970-01-01 00:01"]),
    "told: Apple's": (rows("794829600"), {"time_format": "cocoa"}, ["2026-03-10 10:00"]),
    "told: year first": (rows("26/11/20 09:00"), {"time_format": "year_first"},
                         ["2026-11-20 09:00"]),
    "told: month first": (rows("03/04/2026 9:00 PM"), {"time_format": "month_first"},
                          ["2026-03-04 21:00"]),
    "told: a pattern": (rows("10. 03. 2026 at 10h00"), {"time_format": "%d. %m. %Y at %Hh%M"},
                        ["2026-03-10 10:00"]),
    "told: a pattern, of the zone": (
        rows("10-Mar-26 10:00"),
        {"time_format": "%d-%b-%y %H:%M", "time_zone": "Europe/Berlin"},
        ["2026-03-10 09:00"],
    ),
    "month first, a day above twelve": (rows("3/4/2026 9:00", "3/13/2026 9:00"), {},
                                        ["2026-03-04 09:00", "2026-03-13 09:00"]),
    "day or month": (rows("03/04/2026", "05/06/2026"), {}, [None, None]),
    "the doubled hour is the later one": (rows("2025-10-26 02:30:00"),
                                          {"time_zone": "Europe/Berlin"}, ["2025-10-26 01:30"]),
    "the missing hour is an hour on": (rows("2026-03-29 02:30:00"),
                                       {"time_zone": "Europe/Berlin"}, ["2026-03-29 01:30"]),
}  # fmt: skip


TWO_COLUMNS = {
    "clocks beside days": "user,date,time,event\na,2026-03-10,10:00:00,x\n",
    "without colons": "user,date,time,event\na,2026-03-10,1000,x\na,2026-03-10,1001,x\n",
    "day first": "user,date,time,event\na,13/03/2026,10:00,x\n",
    "half days": "user,date,time,event\na,2026-03-10,9:05:00 PM,x\n",
    "days as digits": "user,date,time,event\na,20260310,10:00,x\n",
    "a clock with offset": "user,date,time,event\na,2026-03-10,10:00:00+02:00,x\n",
    "seconds spent": "user,date,time,event\na,2026-03-10T10:00:00Z,12,x\n",
    "clocks beside times": "user,date,time,event\na,2026-03-10T10:00:00Z,03:00,x\n",
}
FIRST_OF_TWO = {
    "clocks beside days": "2026-03-10 10:00",
    "without colons": "2026-03-10 10:00",
    "day first": "2026-03-13 10:00",
    "half days": "2026-03-10 21:05",
    "days as digits": "2026-03-10 10:00",
    "a clock with offset": "2026-03-10 08:00",
    "seconds spent": "2026-03-10 10:00",
    "clocks beside times": "2026-03-10 10:00",
}


Read = dict[str, tuple[Outcome, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Outcome and events of all files of the tables above, loaded in one go: a source each."""
    folder = tmp_path_factory.mktemp("times")
    inputs = []
    for name in OF_THE_FIELD:
        for path in (FIELD / name).glob("*.csv"):
            inputs.append((str(path), Request(name, **OF_THE_FIELD[name][0])))
    texts = BY_ITSELF | {name: (text, {}, []) for name, text in TWO_COLUMNS.items()}
    for number, (name, (text, request, _)) in enumerate(texts.items()):
        file = folder / str(number) / "visits.csv"
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
        inputs.append((str(file), Request(name, **request)))
    home = folder / "home"
    outcomes = load(settings_of(home), inputs)
    events = lake_events(home)
    return {
        outcome.source: (outcome, [one for one in events if one["source"] == outcome.source])
        for outcome in outcomes
    }


@pytest.mark.parametrize("name", OF_THE_FIELD)
def test_an_input_of_the_field_is_right(read: Read, name: str) -> None:
    if name not in read:
        pytest.skip(f"no {name} beside the project")
    outcome, events = read[name]
    _, times, rejected = OF_THE_FIELD[name]
    assert [event["event_time"] for event in events] == times
    assert (outcome.rows_loaded, outcome.rows_rejected) == (len(times), rejected)


@pytest.mark.parametrize("name", BY_ITSELF)
def test_a_file_is_read_as_its_column_means_it(read: Read, name: str) -> None:
    outcome, events = read[name]
    times = BY_ITSELF[name][2]
    found = {event["user_id"]: event["event_time"] for event in events}
    assert found == {f"u{number}": at(time) for number, time in enumerate(times) if time}
    assert outcome.rows_rejected == times.count(None)


@pytest.mark.parametrize("name", TWO_COLUMNS)
def test_a_column_called_time_does_not_hide_the_date(read: Read, name: str) -> None:
    outcome, events = read[name]
    assert events[0]["event_time"] == at(FIRST_OF_TWO[name])
    assert outcome.rows_rejected == 0


def test_time_spent_stays_in_the_properties(read: Read) -> None:
    _, (event,) = read["seconds spent"]
    assert event["properties"]["time"] == "12"


def test_map_joins_two_columns(load_text: Load) -> None:
    text = "who,day,clock\na,13.3.2026,10.00\nb,14.3.2026,1130\n".replace("10.00", "10:00")
    loaded = load_text(text, "visits.csv", map={"user": "who", "time": "day+clock"})
    assert loaded.column("event_time") == [at("2026-03-13 10:00"), at("2026-03-14 11:30")]
    assert loaded.outcome.times == ("day=day_first",)
    assert loaded.events()[0]["properties"] == {}


def test_map_that_joins_a_column_that_is_not_there_says_so(load_text: Load) -> None:
    text = "who,day,clock\na,13.3.2026,10:00\n"
    outcome = load_text(text, "visits.csv", map={"user": "who", "time": "day+hour"}).outcome
    assert "names no column of it. Columns: who, day, clock" in str(outcome.message)


class Told(Listener):
    """Keeps what is warned of."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def on_warning(self, message: str) -> None:
        self.warnings.append(message)


def load_all(
    tmp_path: Path, *files: Path, config: str | None = None
) -> tuple[list[Any], list[str]]:
    settings, told = settings_of(tmp_path / "home", config), Told()
    (source,) = settings.sources
    (_, request) = requests_of(source)[0]
    outcomes = load(settings, [(str(file), request) for file in files], listener=told)
    return outcomes, told.warnings


CONFIG = '[sources.shop]\nformat = "events"\npath = "*.csv"\n'


def file_of(tmp_path: Path, name: str, *times: str) -> Path:
    table = [("user", "timestamp", "event"), *((f"u{n}", t, "x") for n, t in enumerate(times))]
    return write_csv(tmp_path / "in" / name, table)


EPOCHS = ("1773136800000", "1773136801000", "1773136802000")
WRITTEN = ("2026-03-10T10:00:00", "2026-03-10T10:00:01", "2026-03-10T10:00:02")
# Times, --time-format, and what is said of those that are rejected: nothing where none is.
MISFITS: dict[str, tuple[tuple[str, ...], str | None, str | None]] = {
    "all fit": (WRITTEN, None, None),
    "one does not": (
        (*WRITTEN, "yesterday"),
        None,
        "1 of 4 rows are rejected for their time: the first is 'yesterday' in 'timestamp' (line 5: "
        "no readable time) (it is read as written). Mend them, or say with --time-format",
    ),
    "one lies ahead": (
        (*WRITTEN, "2226-03-10T10:00:00"),
        None,
        "'2226-03-10T10:00:00' in 'timestamp' (line 5: time over 24 h ahead)",
    ),
    "one says nothing": ((*WRITTEN, ""), None, None),
    "one says so in a word": ((*WRITTEN, "null"), None, None),
    "a wrong format is given": (
        WRITTEN,
        "%d.%m.%Y",
        "--time-format %d.%m.%Y fits few of the times: 3 of 3 rows are rejected for theirs, the "
        "first is '2026-03-10T10:00:00' in 'timestamp' (line 2: no readable time). Say another one",
    ),
    "a wrong unit is given": (EPOCHS, "epoch_s", "--time-format epoch_s fits few of the times"),
    "one does not fit what is given": (
        (*EPOCHS, "today"),
        "epoch_ms",
        "1 of 4 rows are rejected for their time: the first is 'today'",
    ),
    "the order is in doubt, which is told": (("03/04/2026 10:00",), None, None),
}


@pytest.mark.parametrize(("times", "given", "said"), MISFITS.values(), ids=MISFITS)
def test_rows_that_are_rejected_for_their_time_are_told_with_one_and_what_to_do(
    tmp_path: Path, times: tuple[str, ...], given: str | None, said: str | None
) -> None:
    config = CONFIG + (f'time_format = "{given}"\n' if given else "")
    _, warnings = load_all(tmp_path, file_of(tmp_path, "visits.csv", *times), config=config)
    about = [text for text in warnings if "are rejected for their" in text]
    assert len(about) == (said is not None), warnings
    assert said is None or said in about[0]


def test_each_of_files_that_are_read_together_tells_its_own_misfits(tmp_path: Path) -> None:
    rows = [{"user": "a", "time": time, "event": "x"} for time in (*WRITTEN, "never")]
    files = [write_ndjson(tmp_path / "in" / f"{n}.ndjson", rows[n:]) for n in range(3)]
    _, warnings = load_all(tmp_path, *files, config=CONFIG)
    assert [text.partition(": ")[2].partition(" rows")[0] for text in warnings] == [
        *("1 of 4", "1 of 3", "1 of 2"),
    ]


def test_a_misfit_shows_its_time_and_nothing_else_of_a_line(tmp_path: Path) -> None:
    line = '203.0.113.9 - - [{}] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
    file = tmp_path / "access.log"
    file.write_text("".join(map(line.format, ["10/Mar/2026:10:00:00 +0100"] * 3 + ["soon"])))
    told = Told()
    load(settings_of(tmp_path / "home"), [(str(file), Request())], listener=told)
    (warning,) = told.warnings
    assert "'soon'" in warning
    assert "203.0" not in warning


def test_the_sources_shape_decides_where_several_fit(tmp_path: Path) -> None:
    first = file_of(tmp_path, "visits-1.csv", "13/03/2026 10:00")
    second = file_of(tmp_path, "visits-2.csv", "03/04/2026 10:00")
    load_all(tmp_path, first, config=CONFIG)
    (outcome,), warnings = load_all(tmp_path, second, config=CONFIG)
    assert (outcome.rows_loaded, outcome.times) == (1, ("timestamp=day_first",))
    assert any("would fit several shapes: read as day_first" in text for text in warnings)
    times = [event["event_time"] for event in lake_events(tmp_path / "home")]
    assert times == [at("2026-03-13 10:00"), at("2026-04-03 10:00")]


def test_another_shape_is_read_as_that_and_told_as_drift(tmp_path: Path) -> None:
    first = file_of(tmp_path, "visits-1.csv", "1773136800")
    second = file_of(tmp_path, "visits-2.csv", "1773136860000")
    load_all(tmp_path, first, config=CONFIG)
    (outcome,), _ = load_all(tmp_path, second, config=CONFIG)
    assert outcome.schema_changes == ("Times in timestamp are epoch_ms now and were epoch_s.",)
    assert [e["event_time"] for e in lake_events(tmp_path / "home")] == TEN[:2]


def test_small_files_that_are_loaded_together_are_told_each_by_itself(tmp_path: Path) -> None:
    numbers = {"a": "1773136800", "b": "1773136860000", "c": "639087337200000000"}
    files = [file_of(tmp_path, f"{name}.csv", time) for name, time in numbers.items()]
    outcomes, _ = load_all(tmp_path, *files, config=CONFIG)
    assert [outcome.times for outcome in outcomes] == [
        ("timestamp=epoch_s",), ("timestamp=epoch_ms",), ("timestamp=ticks",)
    ]  # fmt: skip
    assert [e["event_time"] for e in lake_events(tmp_path / "home")] == TEN


def test_what_is_in_doubt_is_warned_of_with_the_way_out(tmp_path: Path) -> None:
    file = file_of(tmp_path, "visits.csv", "03/04/2026 10:00")
    (outcome,), (warning,) = load_all(tmp_path, file, config=CONFIG)
    assert (outcome.status, outcome.rows_rejected, outcome.times) == ("loaded", 1, ())
    assert "'timestamp' holds dates such as '03/04/2026 10:00'" in warning
    assert "--time-format day_first or --time-format month_first" in warning


def test_a_file_that_is_told_another_shape_replaces_what_it_was(tmp_path: Path) -> None:
    file = file_of(tmp_path, "visits.csv", "03/04/2026 10:00", "04/04/2026 10:00")
    load_all(tmp_path, file, config=CONFIG)
    for shape, month in (("day_first", 4), ("month_first", 3), ("month_first", 3)):
        config = CONFIG + f'time_format = "{shape}"\n'
        (outcome,), _ = load_all(tmp_path, file, config=config)
        first = lake_events(tmp_path / "home")[0]
        assert first["event_time"].month == month
        assert len(lake_table(tmp_path / "home", "events")) == 2
    assert outcome.status == "unchanged"
    (batch,) = Lake(tmp_path / "home").batches()
    assert batch.times == ("timestamp=month_first",)


def test_a_late_column_of_times_is_settled_when_it_comes(load_text: Load) -> None:
    lines = ['{"user":"a","event":"x","created_at":"2026-03-10T10:00:00Z"}'] * 60
    lines += ['{"user":"a","event":"x","timestamp":1773136860000}']
    loaded = load_text("\n".join(lines) + "\n")
    assert set(loaded.column("event_time")) == set(TEN[:2])
    assert loaded.counts[3] == 0


def test_ready_sessions_have_their_times_settled_by_column(load_text: Load) -> None:
    text = "session_id,user_id,start_time,end_time\ns1,a,202603101000,1773136920000\n"
    loaded = load_text(text, "user_sessions.csv")
    assert [event["event_time"] for event in loaded.events()] == [TEN[0], TEN[2]]


@pytest.mark.parametrize("unit", [1, 1_000], ids=["seconds", "ms"])
def test_words_and_numbers_in_one_column_are_each_read_as_what_they_are(
    load_text: Load, unit: int
) -> None:
    times = [f"{1773136800 * unit}" if n % 2 else "2026-03-10T10:00:00Z" for n in range(20)]
    loaded = load_text(rows(*times), "events.csv")
    assert loaded.counts == (20, 20, 0, 0)
    assert set(loaded.column("event_time")) == {TEN[0]}
