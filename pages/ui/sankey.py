"""Steps as bands from node to node, in HTML: each band as broad as its sessions, each a link.

The same rows as the table beside it, so that the two cannot differ. Figures of a library would
take no click on a band, and draw one name over the other. Never computes a metric.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from pages.ui import format
from pages.ui.theme import css_colors, palette

Row = dict[str, Any]
# What stands last in its column, and is grey.
LAST = ("Other", "Exit")
# Pixels: of all sessions, of what a name needs, between two nodes, of a node's bar.
HIGH, LINE, GAP, BAR = 300, 17, 5, 8
# Points of each edge of a band.
_POINTS = 10


@dataclass
class Node:
    """A node at a step: where it begins, how high it is, and where its bands have got to."""

    name: str
    count: int
    top: float = 0
    left: float = 0
    entered: float = 0


def sankey(
    rows: Sequence[Row],
    *,
    alt: str,
    link: Callable[[Row], str],
    heads: Callable[[int], str],
    arrow: str = "\u2192",
    chosen: Row | None = None,
    named: Callable[[str], str] = str,
) -> str:
    """The steps in HTML. Rows are those of paths.steps; `link` is where a band leads.

    `heads` names the columns by their step, `arrow` stands between two nodes; `chosen` is the row
    that is looked into, `named` what a node is called.
    """
    columns = _columns(rows)
    scale = HIGH / max(sum(node.count for node in column.values()) for column in columns)
    height = max(_place(column, scale) for column in columns)
    width = 100 / len(columns)
    bands = "".join(
        _band(row, columns, scale, width, height, arrow, link(row), named, is_chosen=row == chosen)
        for row in rows
    )
    nodes = "".join(
        _node(node, at, scale, width, named(node.name))
        for at, column in enumerate(columns)
        for node in column.values()
    )
    names = "".join(
        f'<span style="left:{at * width:.3f}%;width:{width:.3f}%">{escape(heads(at + 1))}</span>'
        for at in range(len(columns))
    )
    return (
        f'<div class="dwell-sankey" style="{css_colors()};--dwell-accent:{palette().series[1]}">'
        f'<div role="img" aria-label="{escape(alt)}" '
        f'style="min-width:{110 * len(columns)}px;height:{height + LINE:.0f}px">'
        f"<header>{names}</header>"
        f'<div style="height:{height:.0f}px">{bands}{nodes}</div></div></div>'
    )


def _columns(rows: Sequence[Row]) -> list[dict[str, Node]]:
    """The nodes of each step, most sessions first; where a path ends is one of the step after."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    first = min(row["step_number"] for row in rows)
    for row in rows:
        if row["step_number"] == first:
            counts[first][row["node"]] += row["session_count"]
        counts[row["step_number"] + 1][row["next_node"]] += row["session_count"]
    columns = []
    for step in sorted(counts):
        named = counts[step].items()
        placed = sorted(named, key=lambda each: (_rank(each[0]), -each[1], each[0]))
        columns.append({name: Node(name, count) for name, count in placed})
    return columns


def _rank(name: str) -> int:
    return LAST.index(name) + 1 if name in LAST else 0


def _place(column: dict[str, Node], scale: float) -> float:
    """Sets the nodes below each other, each with room for its name; how high they are together."""
    top = 0.0
    for node in column.values():
        node.top = top
        top += max(node.count * scale, LINE) + GAP
    return top


def _band(
    row: Row,
    columns: Sequence[dict[str, Node]],
    scale: float,
    width: float,
    height: float,
    arrow: str,
    address: str,
    named: Callable[[str], str],
    *,
    is_chosen: bool,
) -> str:
    """One row as a band, which begins and ends below those before it."""
    at = row["step_number"] - 1
    here, there = columns[at][row["node"]], columns[at + 1][row["next_node"]]
    high = row["session_count"] * scale
    left, right = here.top + here.left, there.top + there.entered
    here.left += high
    there.entered += high
    edge = [_curve(left, right, number / _POINTS) for number in range(_POINTS + 1)]
    # A hair's breadth can still be seen.
    seen = max(high, 0.7)
    points = [f"{x:.0f}% {y:.1f}px" for x, y in edge]
    points += [f"{x:.0f}% {y + seen:.1f}px" for x, y in reversed(edge)]
    words = (
        f"{named(row['node'])} {arrow} {named(row['next_node'])}: "
        f"{format.plural(row['session_count'], 'session')}"
    )
    kind = " dwell-end" if row["next_node"] in LAST[1:] else ""
    kind += " dwell-chosen" if is_chosen else ""
    return (
        f'<a class="dwell-link dwell-band{kind}" tabindex="-1" href="{escape(address)}" '
        f'title="{escape(words)}" style="left:calc({at * width:.3f}% + {BAR}px);'
        f"width:calc({width:.3f}% - {BAR}px);height:{height:.0f}px;"
        f'clip-path:polygon({",".join(points)})"></a>'
    )


def _curve(left: float, right: float, share: float) -> tuple[float, float]:
    """A point of the edge, flat at both ends."""
    return share * 100, left + (right - left) * share * share * (3 - 2 * share)


def _node(node: Node, at: int, scale: float, width: float, words: str) -> str:
    high = max(node.count * scale, 1)
    kind = " dwell-end" if node.name in LAST else ""
    name = escape(words)
    count = format.count(node.count)
    return (
        f'<i class="dwell-node{kind}" style="left:{at * width:.3f}%;top:{node.top:.1f}px;'
        f'width:{BAR}px;height:{high:.1f}px"></i>'
        f'<span class="dwell-node-name" title="{name}: {count}" '
        f'style="left:calc({at * width:.3f}% + {BAR + 4}px);'
        f"max-width:calc({width:.3f}% - {BAR + 8}px);"
        f'top:{node.top + max(high - LINE, 0) / 2:.1f}px"><b>{name}</b> {count}</span>'
    )
