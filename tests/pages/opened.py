"""Files opened as a spreadsheet opens them: without the library that wrote them."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import polars as pl

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def opened_csv(file: bytes) -> tuple[list[str], pl.DataFrame]:
    """The lines on the file, and its rows."""
    lines = file.decode().splitlines()
    about = [line for line in lines if line.startswith("#")]
    rows = pl.read_csv(file, comment_prefix="#", infer_schema_length=None)
    return about, rows


def opened_xlsx(file: bytes) -> dict[str, list[list[Any]]]:
    """The rows of each sheet by its name: numbers, texts and truths; None where nothing is."""
    with ZipFile(BytesIO(file)) as parts:
        texts = []
        if "xl/sharedStrings.xml" in parts.namelist():
            root = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
            texts = ["".join(part.text or "" for part in one.iter(f"{_MAIN}t")) for one in root]
        names = [
            sheet.attrib["name"]
            for sheet in ElementTree.fromstring(parts.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
        ]
        return {
            name: _rows(parts.read(f"xl/worksheets/sheet{number}.xml"), texts)
            for number, name in enumerate(names, start=1)
        }


def _rows(sheet: bytes, texts: list[str]) -> list[list[Any]]:
    rows = []
    for row in ElementTree.fromstring(sheet).iter(f"{_MAIN}row"):
        cells: dict[int, Any] = {}
        for cell in row.iter(f"{_MAIN}c"):
            letters = re.sub(r"\d", "", cell.attrib["r"])
            at = 0
            for letter in letters:
                at = at * 26 + ord(letter) - ord("A") + 1
            cells[at] = _value(cell, texts)
        rows.append(cells)
    # What is not known has no cell.
    width = max((max(cells, default=0) for cells in rows), default=0)
    return [[cells.get(at) for at in range(1, width + 1)] for cells in rows]


def _value(cell: ElementTree.Element, texts: list[str]) -> Any:
    value = cell.find(f"{_MAIN}v")
    if value is None or value.text is None:
        return None
    kind = cell.attrib.get("t", "n")
    if kind == "s":
        return re.sub(r"_x([0-9A-F]{4})_", _character, texts[int(value.text)])
    if kind == "b":
        return value.text == "1"
    return float(value.text) if kind == "n" else value.text


def _character(code: re.Match[str]) -> str:
    """What XML cannot hold, such as a carriage return, stands there by its number."""
    return chr(int(code[1], 16))
