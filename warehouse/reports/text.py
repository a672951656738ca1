"""A report as plain text, for mail that shows no HTML. Computes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from warehouse.reports.shapes import Number, Report, Table, bounded

_WIDEST = 44


def text_of(report: Report) -> str:
    """The whole report in lines of text."""
    blocks = [
        f"{report.title}, {report.days}",
        report.lead,
        "\n".join(f"- {text}" for text in report.sentences),
        _block("Not to be trusted", [f"- {text}" for text in report.doubts]),
        _block("Numbers", _aligned([_number(number) for number in report.numbers])),
        *(_table(table) for table in (*([report.why] if report.why else []), *report.tables)),
        "\n".join(f"{name}: {text}" for name, text in report.page_facts.items()),
        report.note,
        f"Open it: {report.link}" if report.link else "",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _block(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *lines]) if lines else ""


def _number(number: Number) -> list[str]:
    was = f"from {number.was}" if number.was else ""
    return [number.label, number.text, number.changed, was, number.judged]


def _table(table: Table) -> str:
    head = [column.label for column in table.columns]
    lines = _aligned([head, *([bounded(row[0], _WIDEST), *row[1:]] for row in table.texts())])
    return _block(table.title, [*lines, *([table.note] if table.note else [])])


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows with their cells below each other: the first ones left, the others right."""
    plain = [[_on_a_line(cell) for cell in row] for row in rows]
    if not plain:
        return []
    widths = [max(len(row[at]) for row in plain) for at in range(len(plain[0]))]
    return [
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in plain
    ]


def _on_a_line(text: str) -> str:
    """A text of the data, without what would break the line or turn it round."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
