"""A report as PDF, and its line as PNG, both by typst. Computes nothing.

typst comes with `make pdf`. It is given a source that never changes, and the report as data: no
text of a reader's data can be read as its markup.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.errors import ConfigError
from warehouse.reports import svg
from warehouse.reports.shapes import Chart, Number, Report, Table

if TYPE_CHECKING:
    from types import ModuleType

_SOURCE = Path(__file__).with_name("report.typ")
_FONTS = Path(__file__).with_name("fonts")
_PICTURE = (
    b"#set page(width: auto, height: auto, margin: 12pt, fill: white)\n"
    b'#image(bytes(sys.inputs.chart), format: "svg", width: 552pt)'
)
# Of a long word without a break, so many signs stay together.
_LONGEST = 14


def has_typst() -> bool:
    """Whether typst is installed."""
    try:
        _typst()
    except ConfigError:
        return False
    return True


def refuse_without_typst() -> None:
    """ConfigError where typst is not installed."""
    _typst()


def pdf_of(report: Report) -> bytes:
    """The whole file: A4, tagged. ConfigError without typst."""
    made: bytes = _typst().compile(
        _SOURCE.read_bytes(),
        format="pdf",
        font_paths=[_FONTS],
        sys_inputs={"report": json.dumps(_document(report))},
    )
    return made


def png_of(chart: Chart) -> bytes:
    """The line in light colours, twice as dense as a page. ConfigError without typst."""
    drawn = svg.line_chart(chart, 460, 230, svg.LIGHT)
    made: bytes = _typst().compile(
        _PICTURE, format="png", ppi=144, font_paths=[_FONTS], sys_inputs={"chart": drawn}
    )
    return made


def _typst() -> ModuleType:
    try:
        import typst
    except ImportError:
        msg = "PDF needs typst, which is not installed. Run 'make pdf', or ask for html or xlsx."
        raise ConfigError(msg) from None
    return typst


def _document(report: Report) -> dict[str, Any]:
    facts = report.page_facts
    chart = report.chart
    return {
        **{name: getattr(report, name) for name in ("title", "days", "lead", "note", "link")},
        "head": report.head,
        "foot": f"{report.title}, {report.days} \u00b7 build {facts['Build']}",
        "sentences": report.sentences,
        "doubts": report.doubts,
        "doubts_link": report.faults_link,
        "numbers": [_number(number) for number in report.numbers],
        "chart": svg.line_chart(chart, 760, 200, svg.LIGHT) if chart else "",
        "chart_title": chart.title if chart else "",
        "chart_link": chart.link if chart else "",
        "chart_told": chart.told if chart else "",
        "why": _table(report.why) | {"note": report.why_text} if report.why else None,
        "tables": [_table(table) for table in report.tables],
        "tables_title": report.tables_title,
        "facts": [[name, _breakable(text)] for name, text in facts.items()],
    }


def _number(number: Number) -> dict[str, str]:
    return {
        "label": number.label,
        "value": number.text,
        "change": f"{number.arrow} {number.changed}".strip(),
        "tone": number.colour,
        "was": f"from {number.was}" if number.was else "",
        "normal": number.judged,
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "link": table.link,
        "note": table.note,
        "columns": [{"label": each.label, "text": each.is_text} for each in table.columns],
        "rows": [[_breakable(row[0]), *row[1:]] for row in table.texts()],
        "links": table.links or [""] * len(table.rows),
        "bars": table.bars(),
    }


def _breakable(text: str) -> str:
    """The text with places where a line may end, as addresses have none of their own."""
    text = re.sub(r"([/?&=_.-])", "\\1\u200b", text)
    return re.sub(rf"([^\s\u200b]{{{_LONGEST}}})(?=[^\s\u200b])", "\\1\u200b", text)
