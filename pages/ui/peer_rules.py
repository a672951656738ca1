"""The rules of other tools as HTML: what they say in, text out. Never asks the warehouse."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from pages.ui.theme import css_colors
from warehouse.metrics.crosswalk_rules import PeerRule


def articles(rules: Iterable[PeerRule]) -> str:
    """Each tool with when a session begins, its edges, and where that is from."""
    body = "".join(map(_article, rules))
    return f'<div class="dwell-glossary" style="{css_colors()}">{body}</div>'


def _article(rule: PeerRule) -> str:
    bots = "Count: to leave them out is a setting" if rule.takes_bots else "Left out"
    facts = {
        "A gap of exactly 30:00": rule.at_timeout,
        "Duration": rule.lasts,
        "Bounce": rule.bounces,
        "Known bots": bots,
        "Not told by events": rule.lacking or "Nothing",
        "Sources": "; ".join(rule.sources),
    }
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(words)}</td></tr>'
        for name, words in facts.items()
    )
    return (
        f"<article><header><h4>{escape(rule.label)}</h4><small>{escape(rule.name)}</small></header>"
        f"<div><p>A session begins after: {escape(_lowered(rule.begins))}</p>"
        f'<table class="dwell-rule" aria-label="{escape(rule.label)}: the rule">'
        f"<tbody>{rows}</tbody></table>"
        "</div></article>"
    )


def _lowered(words: str) -> str:
    return words[0].lower() + words[1:]
