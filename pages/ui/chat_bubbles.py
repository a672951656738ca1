"""A conversation in HTML: prompts and answers, and beside each answer what was done with it.

Texts that are hidden are lines as many as they are long. Never asks the warehouse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from typing import Any

from pages.ui import format
from pages.ui.theme import css_colors

Row = Mapping[str, Any]
# Characters of a hidden line, and the most lines that are drawn.
_LINE, _MOST_LINES = 90, 7
FEEDBACK = {"up": ("Thumbs up", "good"), "down": ("Thumbs down", "bad"), "neutral": ("Neutral", "")}


def conversation(
    turns: Sequence[Row],
    visits: Mapping[str, int],
    clock: Callable[[datetime], str],
    link: Callable[[str], str],
    *,
    with_texts: bool,
) -> str:
    """The turns under each other, with a line where a visit begins that leads to its session.

    `visits` are the chat's sessions by their place.
    """
    parts = []
    for session_id, rows in groupby(turns, key=session_of):
        found = list(rows)
        number = visits[session_id]
        parts.append(
            '<div class="dwell-chat-visit"><span role="heading" aria-level="4">'
            f"Visit {number} of {len(visits)}, "
            f"{escape(clock(time_of(found[0])))}</span> "
            f'<a class="dwell-link" href="{escape(link(session_id))}">Open the session</a></div>'
        )
        parts += [_turn(row, clock, with_texts=with_texts) for row in found]
    return f'<div class="dwell-chat" style="{css_colors()}">{"".join(parts)}</div>'


def session_of(row: Row) -> str:
    """The session that a turn is told in: that of its prompt, else of its answer."""
    return str(row["prompt_session_id"] or row["session_id"])


def time_of(row: Row) -> datetime:
    """When a turn began."""
    moment: datetime = row["prompt_time"] or row["response_time"]
    return moment


def _turn(row: Row, clock: Callable[[datetime], str], *, with_texts: bool) -> str:
    said = ""
    if row["prompt_time"] is not None and row["begins_turn"]:
        facts = _facts(
            f"{row['turn_number']}",
            clock(row["prompt_time"])[-5:],
            format.named(row["prompt_type"]) if row["prompt_type"] else "",
            _characters(row["prompt_length"]),
        )
        text = _text(row["prompt_text"], row["prompt_length"], with_texts=with_texts)
        said = f'<div class="dwell-prompt">{facts}{text}</div>'
    return (
        f'<section class="dwell-turn" aria-label="Turn {row["turn_number"]}">'
        f"<div>{said}{_answer(row, clock, with_texts=with_texts)}</div>{_chain(row)}</section>"
    )


def _answer(row: Row, clock: Callable[[datetime], str], *, with_texts: bool) -> str:
    if not row["is_answered"]:
        word = "An error came instead of an answer" if row["is_error"] else "No answer came"
        return f'<div class="dwell-answer dwell-none">{word}</div>'
    tokens = ""
    if row["prompt_tokens"] is not None or row["completion_tokens"] is not None:
        sides = (row["prompt_tokens"], row["completion_tokens"])
        tokens = f"{' + '.join(format.count(side) for side in sides)} tokens"
    facts = _facts(
        clock(row["response_time"])[-5:],
        row["model"] or "",
        f"{format.latency(row['latency_ms'])}" if row["latency_ms"] is not None else "",
        f"first token {format.latency(row['first_token_ms'])}"
        if row["first_token_ms"] is not None
        else "",
        _characters(row["response_length"]),
        format.plural(row["citation_count"], "citation") if row["citation_count"] else "",
        tokens,
        f"cost {row['cost']:g}" if row["cost"] is not None else "",
    )
    text = _text(row["response_text"], row["response_length"], with_texts=with_texts)
    return f'<div class="dwell-answer">{facts}{text}</div>'


def _characters(length: int | None) -> str:
    return "" if length is None else format.plural(length, "character")


def _facts(*parts: str) -> str:
    told = " \u00b7 ".join(escape(part) for part in parts if part)
    return f"<p>{told}</p>"


def _text(text: str | None, length: int | None, *, with_texts: bool) -> str:
    if with_texts and text is not None:
        return f'<div class="dwell-words">{escape(text)}</div>'
    if not length:
        return ""
    whole, rest = divmod(length, _LINE)
    widths = [100] * min(whole, _MOST_LINES) + ([max(rest * 100 // _LINE, 4)] if rest else [])
    lines = "".join(f'<i style="width:{width}%"></i>' for width in widths[:_MOST_LINES])
    kind = " dwell-goes-on" if len(widths) > _MOST_LINES else ""
    why = "No text was sent" if with_texts else "Text hidden"
    return f'<div class="dwell-hidden{kind}" title="{why}">{lines}</div>'


def _chain(row: Row) -> str:
    """What was done with an answer: how it went in steps, then what that comes to."""
    if not row["is_answered"]:
        return '<ul class="dwell-done"></ul>'
    depth = row["deepest_scroll"]
    if depth is not None:
        # As trackers tell it: a part of one, or of a hundred.
        depth = f"{(depth * 100 if depth <= 1 else depth):.0f} %"
    read = row["read_seconds"]
    seen = row["visible_seconds"]
    steps = [
        (
            f"Read {format.duration(read)}" if read is not None else "Read time not known",
            read is not None,
        ),
        (f"In sight {format.duration(seen)}" if seen is not None else "", seen is not None),
        (f"Scrolled to {depth}" if depth else "Scrolled", bool(row["is_scrolled"])),
        ("Selected", bool(row["is_selected"])),
        ("Copied", bool(row["is_copied"])),
        ("Citation opened", bool(row["is_citation_opened"])),
    ]
    # A step that nothing was known of is only told where others follow.
    items = "".join(
        f'<li class="{"dwell-is" if done else "dwell-not"}">{escape(label)}'
        f"{'' if done else '<span> (no)</span>'}</li>"
        for label, done in steps
        if label
    )
    badges = []
    if row["feedback"]:
        badges.append(FEEDBACK.get(row["feedback"], (str(row["feedback"]), "")))
    if row["is_rephrased"]:
        badges.append(("Rephrased", "bad"))
    elif row["is_silent_failure"]:
        badges.append(("Silent failure", "bad"))
    if row["is_silent_success"]:
        badges.append(("Silent success", "good"))
    if row["is_error"]:
        badges.append(("Error", "bad"))
    told = "".join(
        f'<li class="dwell-badge dwell-{tone or "even"}">{escape(label)}</li>'
        for label, tone in badges
    )
    return f'<ul class="dwell-done" aria-label="What was done with it">{items}{told}</ul>'
