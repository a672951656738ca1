"""The cells of cohorts as a table: a row a cohort, a column a period. Never computes a metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from pages.ui import format
from pages.ui.html_table import SMALL
from pages.ui.theme import Palette, css_colors, palette

# How far the strongest cell goes from the background to the colour of the first series.
_STRONGEST = 0.9
# The contrast of small text, as WCAG 2 wants it.
_READ = 4.5
Cell = Mapping[str, Any]


@dataclass(frozen=True)
class Triangle:
    """What the table shows, and how its parts are called and written.

    rows     cohort → its cells by the number of the period
    mean     the row of means, by number: rate, low, high
    numbers  the columns
    named    what a cohort, and a period, is called
    told     what the hover says of a cell
    link     where a cell leads to
    """

    rows: Mapping[date, Mapping[int, Cell]]
    mean: Mapping[int, Cell]
    numbers: Sequence[int]
    named: Callable[[date], str]
    headed: Callable[[int], str]
    told: Callable[[Cell], str]
    link: Callable[[Cell], str]
    heading: str
    counts: bool = False
    chosen: tuple[date, int] | None = None


def table(shown: Triangle, alt: str) -> str:
    """The table in HTML; every text is escaped."""
    look = palette()
    top = _top(shown)
    heads = "".join(
        f'<th scope="col" class="dwell-figure">{escape(shown.headed(number))}</th>'
        for number in shown.numbers
    )
    body = "".join(_row(shown, cohort, cells, top, look) for cohort, cells in shown.rows.items())
    return (
        f'<div class="dwell-table dwell-triangle" style="max-height:640px;{css_colors()}" '
        f'role="region" tabindex="0" aria-label="{escape(alt)}"><table><thead><tr>'
        f'<th scope="col">{escape(shown.heading)}</th>'
        f'<th scope="col" class="dwell-figure">Users</th>{heads}</tr></thead>'
        f"<tbody>{_mean(shown)}{body}</tbody></table></div>"
    )


def _top(shown: Triangle) -> float:
    """The rate of the strongest colour: the period of the entry is nearly all of them."""
    rates = [
        cell["retention_rate"]
        for cells in shown.rows.values()
        for number, cell in cells.items()
        if number or len(shown.numbers) == 1
    ]
    return max(rates, default=1) or 1


def _mean(shown: Triangle) -> str:
    cells = []
    for number in shown.numbers:
        mean = shown.mean.get(number)
        if mean is None:
            cells.append(
                f'<td class="dwell-figure" title="No cohort is old enough">{format.NULL}</td>'
            )
            continue
        ends = f"{_percent(mean['low'])}\u2013{_percent(mean['high'])}"
        told = (
            f"{format.share(mean['retention_rate'])}, 95 % from {format.share(mean['low'])} to "
            f"{format.share(mean['high'])}; {format.plural(mean['cohort_count'], 'cohort')}"
        )
        cells.append(
            f'<td class="dwell-figure" title="{escape(told)}">'
            f"<b>{format.share(mean['retention_rate'])}</b><small>{ends}</small></td>"
        )
    return (
        '<tr class="dwell-mean"><th scope="row" title="Of the cohorts that are old enough, each by '
        f'its users; below, the interval of 95 %">Weighted mean</th><td></td>{"".join(cells)}</tr>'
    )


def _percent(rate: float) -> str:
    return f"{rate * 100:.0f}"


def _row(
    shown: Triangle, cohort: date, cells: Mapping[int, Cell], top: float, look: Palette
) -> str:
    size = next(iter(cells.values()))["cohort_size"]
    few = f' class="dwell-quiet" title="n below {SMALL}"' if size < SMALL else ""
    drawn = "".join(
        _cell(shown, cells[number], top, look) if number in cells else "<td></td>"
        for number in shown.numbers
    )
    name = escape(shown.named(cohort))
    return (
        f'<tr><th scope="row"{few}>{name}</th>'
        f'<td class="dwell-figure{" dwell-quiet" if few else ""}">{format.count(size)}</td>'
        f"{drawn}</tr>"
    )


def _cell(shown: Triangle, cell: Cell, top: float, look: Palette) -> str:
    rate = cell["retention_rate"]
    text = format.count(cell["user_count"]) if shown.counts else format.share(rate)
    fill, ink = colors(min(rate / top, 1), look)
    kind = "dwell-figure" + ("" if cell["is_complete"] else " dwell-hatched")
    if shown.chosen == (cell["cohort_start"], cell["period_number"]):
        kind += " dwell-chosen"
    told = escape(shown.told(cell))
    return (
        f'<td class="{kind}" style="--dwell-fill:{fill};color:{ink}" title="{told}">'
        f'<a class="dwell-link" href="{escape(shown.link(cell))}" aria-label="{told}">{text}</a>'
        "</td>"
    )


def colors(strength: float, look: Palette) -> tuple[str, str]:
    """The colour of a cell from 0 to 1, and that of text which is read on it."""
    low, high = _channels(look.background), _channels(look.series[0])
    share = strength * _STRONGEST
    mixed = tuple(round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    inks = (look.text, look.background, "#000000", "#FFFFFF")
    # The house's own where they are read, in the middle black or white.
    read = [one for one in inks if contrast(mixed, _channels(one)) >= _READ]
    ink = read[0] if read else max(inks, key=lambda one: contrast(mixed, _channels(one)))
    return "#" + "".join(f"{channel:02X}" for channel in mixed), ink


def contrast(one: Sequence[int], other: Sequence[int]) -> float:
    """The contrast of two colours, from 1 to 21, as WCAG 2 has it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(channels: Sequence[int]) -> float:
    shares = [channel / 255 for channel in channels]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
