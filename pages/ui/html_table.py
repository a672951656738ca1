"""Small tables as plain HTML: links in heads and rows, figures that are never cut.

A canvas would draw them too, but it cannot tell a click on a head from one on a row, is silent to
screen readers, and cuts numbers at their first digit. Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.theme import css_colors

if TYPE_CHECKING:
    import polars as pl

    from pages.ui.ordering import Order
    from pages.ui.tables import Column

SMALL = 100
Row = dict[str, Any]


def table(
    frame: pl.DataFrame,
    columns: Mapping[str, Column],
    *,
    alt: str,
    small: str | None = None,
    rest: str | None = None,
    mark: Callable[[Row], str | None] | None = None,
    link: Callable[[Row], str | None] | None = None,
    more: Callable[[Row], Mapping[tuple[str, str], str]] | None = None,
    order: Order | None = None,
    height: int | None = None,
) -> str:
    """The table in HTML; every value is escaped.

    `small` names the column of n, `rest` one that is true for rows that are no value of their
    own: both are grey. `mark` may give a row's colour, `link` its address, if it has one, `more`
    the addresses of what else it leads to by an icon's name and the words for it.
    """
    texts = _text_columns(frame, columns)
    # Only what a row is called grows and shrinks with the screen, if no sentence needs the room.
    has_room = not any(column.wraps for column in columns.values())
    named = next((name for name in list(columns)[:1] if name in texts and has_room), None)
    kinds = {name: _kind(name, column, texts, named) for name, column in columns.items()}
    rows = list(frame.iter_rows(named=True))
    few = [small is not None and (row[small] or 0) < SMALL for row in rows]
    all_few = any(few) and all(
        is_few or bool(rest and row[rest]) for row, is_few in zip(rows, few, strict=True)
    )
    body = "".join(
        _row(
            row,
            columns,
            kinds,
            _look(row, is_few and not all_few, rest, mark),
            link,
            more,
            rest,
            is_few,
        )
        for row, is_few in zip(rows, few, strict=True)
    )
    head = "".join(
        _head(name, column, kinds[name], order, text=name in texts)
        for name, column in columns.items()
    )
    note = f'<p class="dwell-note">All rows have n below {SMALL}.</p>' if all_few else ""
    limit = f"max-height:{height}px;" if height else ""
    return (
        f'<div class="dwell-table" style="{limit}{css_colors()}" role="region" tabindex="0" '
        f'aria-label="{escape(alt)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{note}"
    )


def _text_columns(frame: pl.DataFrame, columns: Mapping[str, Column]) -> set[str]:
    import polars as pl

    return {name for name in columns if frame.schema[name] == pl.String}


def _kind(name: str, column: Column, texts: set[str], named: str | None) -> str:
    """The class of a column's cells."""
    kind = "dwell-text" if name in texts else "dwell-figure"
    if name == named:
        kind += " dwell-name"
    kind += " dwell-wraps" if column.wraps else ""
    return kind + (" dwell-wide" if column.wide else "")


def _head(name: str, column: Column, kind: str, order: Order | None, *, text: bool) -> str:
    label = escape(column.label)
    hint = f' title="{escape(column.help)}"' if column.help else ""
    if order is None or name not in order.columns:
        return f'<th scope="col" class="{kind}"{hint}>{label}</th>'
    arrow, state = "", ""
    if name == order.column:
        arrow = f'<span aria-hidden="true">{"↓" if order.descending else "↑"}</span>'
        state = f' aria-sort="{order.aria}"'
    address = escape(order.link(name, text=text))
    return (
        f'<th scope="col" class="{kind}"{state}{hint}>'
        f'<a class="dwell-link" href="{address}">{label}{arrow}</a></th>'
    )


def _look(
    row: Row, is_few: bool, rest: str | None, mark: Callable[[Row], str | None] | None
) -> str:
    """The attributes of a row: its colour, and why it is grey."""
    color = mark(row) if mark else None
    if color:
        return f' style="color:{color}"'
    if rest and row[rest]:
        return ' class="dwell-quiet"'
    return f' class="dwell-quiet" title="n below {SMALL}"' if is_few else ""


def _row(
    row: Row,
    columns: Mapping[str, Column],
    kinds: Mapping[str, str],
    look: str,
    link: Callable[[Row], str | None] | None,
    more: Callable[[Row], Mapping[tuple[str, str], str]] | None,
    rest: str | None,
    is_few: bool,
) -> str:
    cells = []
    for at, (name, column) in enumerate(columns.items()):
        text = escape(written(column, row[name]))
        hint = escape(column.hint(row)) if column.hint else text
        full = f' title="{hint}"' if column.hint or "dwell-text" in kinds[name] else ""
        if at == 0 and (address := link(row) if link else None):
            # links.js takes a click on any cell of the row for one on it.
            text = f'<a class="dwell-link dwell-row" href="{escape(address)}">{text}</a>'
        if at == 0 and more:
            text += _more(more(row))
        if column.bar and not (rest and row[rest]):
            text = _bar(row[name]) + text
        if column.under and (below := column.under(row)):
            text += f"<small>{escape(below)}</small>"
        tag = 'th scope="row"' if at == 0 else "td"
        # Few sessions are neither better nor worse.
        has_tone = column.tone and row[name] is not None and not is_few
        tone = column.tone(row[name]) if column.tone and has_tone else ""
        kind = f"{kinds[name]} dwell-{tone}" if tone else kinds[name]
        cells.append(f'<{tag} class="{kind}"{full}>{text}</{tag[:2]}>')
    return f"<tr{look}>{''.join(cells)}</tr>"


def _more(links: Mapping[tuple[str, str], str]) -> str:
    """Small signs that lead on; their words are for those who hear them, or wait for the hint."""
    signs = "".join(
        f'<a class="dwell-link" href="{escape(address)}" data-sign="{escape(sign)}" '
        f'title="{escape(words)}" aria-label="{escape(words)}"></a>'
        for (sign, words), address in links.items()
    )
    # A tap gives it focus, as a pointer would hover; keys go from link to link.
    return f'<span class="dwell-more" tabindex="-1"><span>{signs}</span></span>' if signs else ""


def written(column: Column, value: Any) -> str:
    """A value as its column writes it; a dash when there is none."""
    if value is None or value != value:
        return format.NULL
    if column.write:
        return column.write(value)
    return format.share(value) if column.bar else str(value)


def _bar(share: float | None) -> str:
    """A bar of a share of one, on a track that is the whole."""
    width = min(max(share or 0, 0), 1) * 100
    return f'<i class="dwell-bar" aria-hidden="true"><b style="width:{width:.1f}%"></b></i>'
