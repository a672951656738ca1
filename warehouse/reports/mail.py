"""A report as a mail: tables and inline styles, bars as cells, the line as a picture.

Programs for mail show neither SVG nor style sheets of a page; Gmail cuts what is over 102 KB.
Computes nothing.
"""

from __future__ import annotations

from html import escape

from warehouse.reports.shapes import Number, Report, Table

CHART = "sessions"
_INK, _QUIET, _EDGE, _FIRST = "#1B2430", "#5A6675", "#E1E5EA", "#2F5DA8"
_TONES = {"good": "#1F7A4D", "bad": "#B3382C"}
_SANS = "font-family:Inter,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
# For programs that know the dark: these stand above the styles of the cells.
_DARK = (
    "@media (prefers-color-scheme:dark){.p{background:#12161C!important}"
    ".i,.i a{color:#E6EAF0!important}.q,.q a{color:#9FADBD!important}"
    ".e{border-color:#2C3541!important}.d{background:#241D14!important;"
    "border-color:#5A4220!important}.d h2,.d a{color:#F0A95A!important}"
    ".b{background:#7FA7E8!important}.good{color:#6CC497!important}.bad{color:#F0958A!important}}"
    "@media (max-width:480px){.c{padding:20px 14px!important}.n{font-size:19px!important}}"
)


def mail_html(report: Report, *, has_picture: bool) -> str:
    """The HTML of the mail; `has_picture` where the line comes with it, as cid:sessions."""
    parts = [
        _line(_linked("Dwell", report.link, "q") + f" \u00b7 {escape(report.head)}", _QUIET, 13),
        f'<h1 class="i" style="margin:4px 0 0;font-size:24px;line-height:1.25;color:{_INK};'
        f'letter-spacing:-0.3px">{escape(report.title)} <span class="q" style="font-weight:400;'
        f'color:{_QUIET}">{escape(report.days)}</span></h1>',
        _line(escape(report.lead), _INK, 18, "margin:16px 0 8px;line-height:1.4"),
        _list(report.sentences),
        _doubts(report),
        _numbers(report.numbers),
        _picture(report, has_picture=has_picture),
        _section(report.why, report.why_text) if report.why else "",
        *(_section(table, table.note) for table in report.tables),
        _button(report.link),
        _footer(report),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(report.title)}, {escape(report.days)}</title><style>{_DARK}</style></head>"
        f'<body class="p" style="margin:0;padding:0;background:#FFFFFF;{_SANS}">'
        f'<div style="display:none;max-height:0;overflow:hidden">{escape(report.lead)}</div>'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">'
        '<tr><td align="center" class="p"><table role="presentation" width="100%" cellpadding="0" '
        'cellspacing="0" border="0" style="max-width:600px"><tr><td class="c p i" '
        f'style="padding:32px 24px;text-align:left;color:{_INK};font-size:15px;line-height:1.5">'
        f"{''.join(parts)}</td></tr></table></td></tr></table></body></html>\n"
    )


def _linked(text: str, link: str, name: str = "i") -> str:
    if not link:
        return escape(text)
    return f'<a class="{name}" href="{escape(link)}" style="color:inherit">{escape(text)}</a>'


def _line(content: str, colour: str, size: int, more: str = "margin:0") -> str:
    name = "q" if colour == _QUIET else "i"
    return (
        f'<p class="{name}" style="{more};color:{colour};font-size:{size}px;'
        f'overflow-wrap:anywhere;word-break:break-word">{content}</p>'
    )


def _list(sentences: tuple[str, ...]) -> str:
    return "".join(
        _line(f"\u2022\u00a0 {escape(text)}", _INK, 15, "margin:5px 0") for text in sentences
    )


def _doubts(report: Report) -> str:
    if not report.doubts:
        return ""
    title = _linked("Not to be trusted", report.faults_link)
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        'style="margin:18px 0 0"><tr><td class="d" style="background:#FFF7EB;border:1px solid '
        '#F0D2A6;border-radius:8px;padding:12px 16px"><h2 style="margin:0 0 2px;font-size:15px;'
        f'color:#9A4A06">{title}</h2>{_list(report.doubts)}</td></tr></table>'
    )


def _numbers(numbers: tuple[Number, ...]) -> str:
    """Two side by side, at any width."""
    rows = "".join(
        f"<tr>{''.join(_number(number) for number in numbers[at : at + 2])}"
        f"{'<td></td>' if at + 1 == len(numbers) else ''}</tr>"
        for at in range(0, len(numbers), 2)
    )
    if not rows:
        return ""
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="margin:22px 0 0;border-collapse:collapse">{rows}</table>'
    )


def _number(number: Number) -> str:
    change = ""
    if number.changed:
        tone = number.colour
        change = (
            f'<span class="{tone or "q"}" style="color:{_TONES.get(tone, _QUIET)}">{number.arrow}'
            f" {escape(number.changed)}</span> "
            f'<span class="q" style="color:{_QUIET}">from {escape(number.was)}</span>'
        )
    return (
        f'<td class="e" width="50%" valign="top" style="border-top:1px solid {_EDGE};'
        f'padding:10px 8px 12px 0;font-size:13px;line-height:1.45"><span class="q" '
        f'style="color:{_QUIET}">{escape(number.label)}</span><br><b class="i n" style="color:'
        f'{_INK};font-size:22px;letter-spacing:-0.3px">{escape(number.text)}</b><br>{change}'
        f'<br><span class="q" style="color:{_QUIET};font-size:12px">{escape(number.judged)}</span>'
        "</td>"
    )


def _picture(report: Report, *, has_picture: bool) -> str:
    """The line, or where there is no picture of it, its days as bars."""
    chart = report.chart
    if chart is None:
        return ""
    title = _heading(chart.title, chart.link)
    if has_picture:
        told = escape(f"{chart.title}. {chart.told}", quote=True)
        return (
            f'{title}<img src="cid:{CHART}" alt="{told}" width="552" style="display:block;'
            'width:100%;max-width:552px;height:auto;border:0;border-radius:6px">'
        )
    return title + _table(chart.table())


def _heading(text: str, link: str) -> str:
    return (
        f'<h2 class="i" style="margin:30px 0 8px;font-size:16px;color:{_INK}">'
        f"{_linked(text, link)}</h2>"
    )


def _section(table: Table, note: str) -> str:
    told = _line(escape(note), _QUIET, 12, "margin:6px 0 0") if note else ""
    return _heading(table.title, table.link) + _table(table) + told


def _table(table: Table) -> str:
    """The rows: the first cell with its bar, which is a cell as well, then the numbers."""
    head = "".join(
        f'<th class="q e" align="{"left" if at == 0 else "right"}" style="font-weight:400;'
        f"white-space:nowrap;color:{_QUIET};font-size:12px;border-bottom:1px solid {_EDGE};"
        f'padding:2px 0 5px {8 * bool(at)}px">{escape(column.label)}</th>'
        for at, column in enumerate(table.columns)
    )
    rows = ""
    for cells, bar in zip(table.texts(), table.bars(), strict=True):
        rest = "".join(
            f'<td class="i e" align="right" style="{_CELL};white-space:nowrap;padding-left:8px">'
            f"{escape(cell)}</td>"
            for cell in cells[1:]
        )
        rows += (
            f'<tr><td class="i e" width="99%" style="{_CELL};overflow-wrap:anywhere;'
            f'word-break:break-word">{escape(cells[0])}{_bar(bar)}</td>{rest}</tr>'
        )
    return (
        '<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:'
        f'collapse"><tr>{head}</tr>{rows}</table>'
    )


_CELL = f"border-bottom:1px solid {_EDGE};padding:5px 0;font-size:13px;color:{_INK}"


def _bar(size: float) -> str:
    if not size:
        return ""
    name, colour = ("b", _FIRST) if size > 0 else ("f", "#9AA5B1")
    width = max(round(abs(size) * 100), 1)
    return (
        f'<table role="presentation" width="{width}%" cellpadding="0" cellspacing="0" border="0">'
        f'<tr><td class="{name}" height="3" style="height:3px;line-height:3px;font-size:0;'
        f'background:{colour}">&nbsp;</td></tr></table>'
    )


def _button(link: str) -> str:
    if not link:
        return ""
    return (
        '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:30px '
        f'0 0"><tr><td style="background:{_FIRST};border-radius:6px"><a href="{escape(link)}" '
        'style="display:inline-block;padding:10px 18px;color:#FFFFFF;text-decoration:none;'
        'font-size:14px;font-weight:600">Open in Dwell</a></td></tr></table>'
    )


def _footer(report: Report) -> str:
    told = [f"{name}: {text}" for name, text in report.page_facts.items()]
    return (
        f'<div class="e" style="border-top:1px solid {_EDGE};margin:28px 0 0;padding:12px 0 0">'
        + "".join(_line(escape(text), _QUIET, 12) for text in [*told, report.note] if text)
        + "</div>"
    )
