"""A report as one HTML file: no script, nothing fetched, light and dark. Computes nothing."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from pathlib import Path

from warehouse.reports import svg
from warehouse.reports.shapes import Chart, Number, Report, Table

_CSS = Path(__file__).with_name("report.css")
_FONT = Path(__file__).parents[2] / "static" / "inter-latin-variable.woff2"


def html_of(report: Report) -> bytes:
    """The whole file."""
    title = f"{report.title}, {report.days}"
    parts = [
        f'<p class="what">{_linked("Dwell", report.link)} \u00b7 {escape(report.head)}</p>',
        f"<h1>{escape(report.title)}<span>{escape(report.days)}</span></h1>",
        f'<p class="lead">{escape(report.lead)}</p>',
        _list(report.sentences),
        _doubts(report),
        _numbers(report.numbers),
        _chart(report.chart),
        _why(report),
        _tables(report),
        _footer(report),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)} \u00b7 Dwell</title><style>{_font()}"
        f"{_CSS.read_text(encoding='utf-8')}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    ).encode()


def _font() -> str:
    """The font of the pages, within the file; without it the reader's own."""
    if not _FONT.exists():
        return ""
    content = b64encode(_FONT.read_bytes()).decode()
    return (
        "@font-face{font-family:Inter;font-weight:100 900;"
        f"src:url(data:font/woff2;base64,{content}) format('woff2')}}"
    )


def _linked(text: str, link: str) -> str:
    """The text, as a link where there is one."""
    if not link:
        return escape(text)
    return f'<a href="{escape(link)}">{escape(text)}</a>'


def _list(sentences: tuple[str, ...]) -> str:
    entries = "".join(f"<li>{escape(text)}</li>" for text in sentences)
    return f'<ul class="told">{entries}</ul>' if entries else ""


def _doubts(report: Report) -> str:
    if not report.doubts:
        return ""
    title = _linked("Not to be trusted", report.faults_link)
    return f'<section class="doubts"><h2>{title}</h2>{_list(report.doubts)}</section>'


def _numbers(numbers: tuple[Number, ...]) -> str:
    # Four stand side by side: what is left of a row is paper.
    fill = '<div class="fill"></div>' * (-len(numbers) % 4)
    cards = "".join(map(_number, numbers))
    return f'<section class="numbers">{cards}{fill}</section>' if cards else ""


def _number(number: Number) -> str:
    change = ""
    if number.changed:
        # What is within normal is neither better nor worse.
        tone = number.colour or "still"
        change = (
            f'<span class="{tone}">{number.arrow} {escape(number.changed)}</span> '
            f'<span class="still nw">from {escape(number.was)}</span>'
        )
    return (
        f'<div class="number"><div class="label">{escape(number.label)}</div>'
        f'<div class="value">{escape(number.text)}</div><div class="change">{change}</div>'
        f'{svg.spark(number)}<div class="normal">{escape(number.judged)}</div></div>'
    )


def _chart(chart: Chart | None) -> str:
    if chart is None:
        return ""
    return (
        f"<section><h2>{_linked(chart.title, chart.link)}</h2>"
        f'<div class="wide-chart">{svg.line_chart(chart, 832, 260)}</div>'
        f'<div class="narrow">{svg.line_chart(chart, 358, 220)}</div></section>'
    )


def _why(report: Report) -> str:
    if report.why is None:
        return ""
    note = f'<p class="note">{escape(report.why_text)}</p>' if report.why_text else ""
    title = _linked(report.why.title, report.why.link)
    return f'<section class="one"><h2>{title}</h2>{_table(report.why)}{note}</section>'


def _tables(report: Report) -> str:
    if not report.tables:
        return ""
    each = "".join(
        f"<section><h3>{_linked(table.title, table.link)}</h3>{_table(table)}{_note(table)}"
        "</section>"
        for table in report.tables
    )
    return f'<h2>{escape(report.tables_title)}</h2><div class="tables">{each}</div>'


def _note(table: Table) -> str:
    return f'<p class="note">{escape(table.note)}</p>' if table.note else ""


def _table(table: Table) -> str:
    """The rows; a bar below the first cell tells the size of a number."""
    head = "".join(
        f'<th scope="col"{_text_class(column.is_text)}>{escape(column.label)}</th>'
        for column in table.columns
    )
    links = table.links or ("",) * len(table.rows)
    body = ""
    for cells, link, bar in zip(table.texts(), links, table.bars(), strict=True):
        first = f'<bdi dir="auto">{_linked(cells[0], link)}</bdi>'
        if bar:
            down = " down" if bar < 0 else ""
            first += f'<span class="bar{down}" style="width:{abs(bar):.1%}"></span>'
        rest = "".join(
            f"<td{_text_class(column.is_text)}>{escape(cell)}</td>"
            for column, cell in zip(table.columns[1:], cells[1:], strict=True)
        )
        body += f'<tr><td class="text">{first}</td>{rest}</tr>'
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text_class(is_text: bool) -> str:
    return ' class="text"' if is_text else ""


def _footer(report: Report) -> str:
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>"
        for name, text in report.page_facts.items()
    )
    note = f'<p class="note">{escape(report.note)}</p>' if report.note else ""
    return f"<footer><dl>{facts}</dl>{note}</footer>"
