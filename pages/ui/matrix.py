"""A table whose cells are shaded by their share: what leads to what. Never computes a metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from pages.ui.theme import css_colors

# A cell, by its row and column: what it shows, the share that it is shaded by, and its hint.
Cells = Mapping[tuple[str, str], tuple[str, float, str]]


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Cells,
    *,
    corner: str,
    alt: str,
    link: Callable[[str], str | None] = lambda row: None,
) -> str:
    """The table in HTML; a cell that is not there is empty. `link` is where a row leads."""
    heads = "".join(
        f'<th scope="col" class="dwell-figure" title="{escape(name)}"><span>{escape(name)}</span>'
        "</th>"
        for name in columns
    )
    strongest = max((share for _, share, _ in cells.values()), default=1) or 1
    lines = []
    for row in rows:
        name = escape(row)
        if address := link(row):
            name = f'<a class="dwell-link dwell-row" href="{escape(address)}">{name}</a>'
        line = "".join(_cell(cells.get((row, column)), strongest) for column in columns)
        lines.append(
            f'<tr><th scope="row" class="dwell-text dwell-name" title="{escape(row)}">{name}</th>'
            f"{line}</tr>"
        )
    return (
        f'<div class="dwell-table dwell-matrix" style="{css_colors()}" role="region" tabindex="0" '
        f'aria-label="{escape(alt)}"><table><thead><tr><th scope="col" class="dwell-text">'
        f"{escape(corner)}</th>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cell(cell: tuple[str, float, str] | None, strongest: float) -> str:
    if cell is None:
        return '<td class="dwell-figure"></td>'
    text, share, hint = cell
    # At most so strong that the text upon it stays legible.
    strength = share / strongest * 45
    return (
        f'<td class="dwell-figure" title="{escape(hint)}" style="background:color-mix(in srgb, '
        f'var(--dwell-series) {strength:.0f}%, transparent)">{escape(text)}</td>'
    )
