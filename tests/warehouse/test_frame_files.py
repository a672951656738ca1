"""Files that readers save: opened again, and compared with what they were made of."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO

import polars as pl
import pytest

from tests.pages.opened import opened_csv, opened_xlsx
from warehouse import frame_files

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
    assert sheets["About"] == [["Page", "Overview"], ["Build", "7"]]


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
    monkeypatch.setattr(frame_files, "MOST_ROWS", 3)
    sheets = opened_xlsx(frame_files.xlsx_of(pl.DataFrame({"n": range(7)})))
    assert [sheet for sheet in sheets if sheet != "About"] == ["Rows", "Rows 2", "Rows 3"]
    numbers = [row[0] for name, rows in sheets.items() if name != "About" for row in rows[1:]]
    assert numbers == list(range(7))


def test_a_frame_without_rows_has_its_head():
    empty = FRAME.clear()
    assert opened_xlsx(frame_files.xlsx_of(empty))["Rows"][0] == FRAME.columns
    assert frame_files.csv_of(empty).decode().startswith('"value","session_count"')
    assert BytesIO(frame_files.xlsx_of(empty)).read(2) == b"PK"
