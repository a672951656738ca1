"""Files that readers save: opened again, and compared with what they were made of."""

from __future__ import annotations

import json
from datetime import date, datetime
from io import BytesIO

import openpyxl
import polars as pl
import pytest

from tests.pages.opened import opened_csv, opened_xlsx
from warehouse import frame_files, xlsx_file
from warehouse.xlsx_file import Sheet, workbook_of

FRAME = pl.DataFrame(
    {
        "value": ["#tag", "/a, b", None, "x" * 40_000],
        "session_count": [-1, 2, 3, 1_234_567],
        "bounce_rate": [0.5, None, 0.25, 1.0],
        "median_duration_seconds": [61.5, 0.0, None, 86_400.0],
        "start_date": [date(2026, 11, 3), None, date(1970, 1, 1), date(2026, 2, 28)],
        "start_time": [datetime.fromisoformat("2026-11-03T09:41:12")] * 4,
        "tags": [["a", "b"], [], None, ["c"]],
        "is_other": [False, True, False, False],
    }
)


def test_a_csv_opened_again_has_all_rows():
    lines, rows = opened_csv(frame_files.csv_of(FRAME, {"Page": "Overview"}))
    assert lines == ["# Page: Overview"]
    assert rows.columns == FRAME.columns
    plain = ["value", "session_count", "bounce_rate", "median_duration_seconds", "is_other"]
    assert rows.select(plain).equals(FRAME.select(plain))
    assert rows["start_date"].str.to_date().equals(FRAME["start_date"])
    assert rows["tags"].to_list()[0] == "a | b"


def test_an_xlsx_opened_again_has_numbers_dates_and_whole_texts():
    sheets = opened_xlsx(frame_files.xlsx_of(FRAME, {"Page": "Overview", "Build": "7"}))
    assert list(sheets) == ["Rows", "About"]
    head, *rows = sheets["Rows"]
    assert head == FRAME.columns
    first = dict(zip(head, rows[0], strict=True))
    assert first == {
        "value": "#tag",
        "session_count": -1,
        "bounce_rate": 0.5,
        "median_duration_seconds": 61.5,
        "start_date": (date(2026, 11, 3) - date(1899, 12, 30)).days,
        "start_time": pytest.approx(first["start_date"] + (9 * 60 + 41.2) / 24 / 60),
        "tags": "a | b",
        "is_other": False,
    }
    # What Excel can hold in a cell: one more character, and it repairs the file.
    assert rows[3][0] == "x" * 32_767
    assert sheets["About"] == [
        ["Page", "Overview"],
        ["Build", "7"],
        ["Texts cut", "1, to the 32,767 characters that a cell holds"],
    ]


def test_a_workbook_counts_the_texts_that_are_cut_of_all_its_sheets():
    texts = pl.DataFrame({"a": ["x" * 32_767, "x" * 32_768], "b": ["y" * 50_000, None]})
    sheets = [xlsx_file.Sheet("One", texts), xlsx_file.Sheet("Two", texts)]
    told = opened_xlsx(xlsx_file.workbook_of(sheets, {}))["About"]
    assert told == [["Texts cut", "4, to the 32,767 characters that a cell holds"]]
    whole = xlsx_file.Sheet("One", texts.head(1).select("a"))
    assert opened_xlsx(xlsx_file.workbook_of([whole], {"Build": "7"}))["About"] == [["Build", "7"]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "=cmd|' /C'!A0"])
def test_no_cell_is_a_formula(text):
    frame = pl.DataFrame({"value": [text]})
    _, rows = opened_csv(frame_files.csv_of(frame))
    assert rows["value"][0] == f"'{text}"
    # A text is one there, whatever it begins with.
    file = frame_files.xlsx_of(frame, {"Filters": text})
    assert opened_xlsx(file)["Rows"][1][0] == text
    assert b"<f>" not in file


def test_a_line_about_a_csv_keeps_its_numbers():
    told = frame_files.csv_of(pl.DataFrame({"n": [1]}), {"Page": "Sessions: 644 of 6,150, by day"})
    assert told.decode().splitlines()[0] == "# Page: Sessions: 644 of 6150 \u00b7 by day"


@pytest.mark.parametrize("end", [",", ";", "\t", "|", "\n", "\r\n", '"'])
def test_a_line_about_a_csv_is_one_cell(end):
    lines, rows = opened_csv(
        frame_files.csv_of(pl.DataFrame({"n": [1]}), {"Filters": f"entry page /a{end}=1+1"})
    )
    assert lines == ["# Filters: entry page /a \u00b7 =1+1"]
    assert rows["n"].to_list() == [1]


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch):
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 3)
    sheets = opened_xlsx(frame_files.xlsx_of(pl.DataFrame({"n": range(7)})))
    assert [sheet for sheet in sheets if sheet != "About"] == ["Rows", "Rows 2", "Rows 3"]
    numbers = [row[0] for name, rows in sheets.items() if name != "About" for row in rows[1:]]
    assert numbers == list(range(7))


def test_a_frame_without_rows_has_its_head():
    empty = FRAME.clear()
    assert opened_xlsx(frame_files.xlsx_of(empty))["Rows"][0] == FRAME.columns
    assert frame_files.csv_of(empty).decode().startswith('"value","session_count"')
    assert BytesIO(frame_files.xlsx_of(empty)).read(2) == b"PK"


def written(frames, form, facts=None):
    out = BytesIO()
    frame_files.write_frames(frames, form, facts or {}, out)
    return out.getvalue()


@pytest.mark.parametrize("form", ["csv", "json", "ndjson"])
@pytest.mark.parametrize("sizes", [(4,), (1, 3), (0, 2, 0, 2), (4, 0)])
def test_rows_in_several_frames_are_those_of_one(form, sizes):
    parts, start = [], 0
    for size in sizes:
        parts.append(FRAME.slice(start, size))
        start += size
    assert written(parts, form, {"Build": "7"}) == written([FRAME], form, {"Build": "7"})


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
def test_rows_in_several_frames_are_read_as_those_of_one(form):
    def read(file):
        return pl.read_parquet(file).rows() if form == "parquet" else opened_xlsx(file)

    parts = [FRAME.head(0), FRAME.head(3), FRAME.tail(1)]
    assert read(written(parts, form)) == read(written([FRAME], form))


def test_json_is_an_array_with_a_row_on_each_line():
    frame = pl.DataFrame({"text": ["a\nb", '"', None], "n": [1, 2, 3], "tags": [["x"], [], None]})
    told = written([frame], "json").decode()
    assert json.loads(told) == frame.to_dicts()
    assert len(told.splitlines()) == 3 + 2
    lines = written([frame], "ndjson").decode().splitlines()
    assert list(map(json.loads, lines)) == frame.to_dicts()
    assert json.loads(written([frame.clear()], "json")) == []
    assert json.loads(written([frame.clear(), frame, frame.clear()], "json")) == frame.to_dicts()


def test_a_sheet_loses_no_digit_and_knows_times_that_excel_does_not():
    zone = datetime.fromisoformat("2026-03-10T12:00:00+02:00")
    frame = pl.DataFrame(
        {
            "small": [999_999_999_999_999, -5],
            "large": [1_234_567_890_123_456_789, 5],
            "old": [date(1815, 6, 18), date(1900, 1, 1)],
            "zoned": pl.Series([zone, None]).dt.convert_time_zone("Europe/Berlin"),
        }
    )
    _, first, second = opened_xlsx(frame_files.xlsx_of(frame))["Rows"]
    noon = (date(2026, 3, 10) - date(1899, 12, 30)).days
    assert first == [
        999_999_999_999_999,
        "1234567890123456789",
        "1815-06-18",
        pytest.approx(noon + 10 / 24),
    ]
    assert second == [-5, 5, 1, None]


def test_names_that_a_spreadsheet_would_run_are_guarded_and_stay_apart():
    frame = pl.DataFrame({"=a": [1], "'=a": [2], "plain": [3]})
    _, rows = opened_csv(frame_files.csv_of(frame))
    assert rows.rows() == [(1, 2, 3)]
    assert not [name for name in rows.columns if name[0] in "=+-@"]
    assert len(set(rows.columns)) == 3


def test_a_workbook_has_sheets_of_other_columns_under_names_that_excel_takes():
    days = pl.DataFrame({"event_date": [date(2026, 11, 3)], "session_count": [7]})
    mixed = pl.DataFrame({"metric": ["a", "b", "c"], "value": [0.25, 12.0, 61.5]})
    names = ["Summary", "a/b:c*?[]", "x" * 40, "x" * 40, "SUMMARY", "about", ""]
    file = workbook_of(
        [
            Sheet(names[0], mixed, ("rate", "count", "seconds")),
            *(Sheet(n, days) for n in names[1:]),
        ],
        {"Build": "=7"},
    )
    book = openpyxl.load_workbook(BytesIO(file))
    assert book.sheetnames == [
        *("Summary", "a b c", "x" * 31, "x" * 29 + " 2", "SUMMARY 2", "about 2", "Sheet", "About"),
    ]
    cells = [book["Summary"].cell(row, 2) for row in (2, 3, 4)]
    assert [cell.value for cell in cells] == [0.25, 12, 61.5]
    assert [cell.number_format for cell in cells] == ["0.0%", "0", "0.0##"]
    assert [cell.value for cell in book["a b c"][2]] == [datetime(2026, 11, 3), 7]  # noqa: DTZ001
    assert book["About"]["B1"].value == "=7"
    assert book["About"]["B1"].data_type == "s"
