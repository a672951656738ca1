"""What a comparison says in words, what it rests on, and why there is none. Computes no metric."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, NoReturn

import streamlit as st

from pages.ui import breakdowns, comparison_words, format, ways
from pages.ui.ask import answer, ask, own_dimensions
from pages.ui.breakdowns import OVERLAP as OVERLAP
from pages.ui.comparison_asked import Asked
from pages.ui.comparison_choices import PERIOD, SEGMENTS, WAYS, measure, segments_of
from pages.ui.controls import href
from pages.ui.frame import Page
from pages.ui.theme import css_colors
from warehouse.metrics import breakdowns as by_value
from warehouse.metrics.verdicts import FEWEST_USERS

if TYPE_CHECKING:
    import polars as pl

_BY_NOBODY = (
    "None: nobody was put into these groups by chance, and who is in them may differ in more."
)
_BY_SESSION = (
    "Taken as if they knew nothing of each other. Those of one user are alike, so that intervals "
    "are too narrow where users come often: by users they are right."
)
# Of pairs of experiments, and of dimensions to turn to.
_MOST_PAIRS, _MOST_LINKS = 3, 8


def verdict(asked: Asked, frame: pl.DataFrame) -> None:
    """A sentence for each group; or, where users came otherwise than intended, that alone."""
    fault = mismatch(asked)
    if fault:
        st.error(fault, icon=":material/warning:")
        return
    baseline = asked.labels[str(asked.baseline)]
    each = {
        label: frame.filter(frame["group"] == name).to_dicts()
        for name, label in asked.labels.items()
        if name != asked.baseline
    }
    few = [label for label, rows in each.items() if comparison_words.are_too_few(rows)]
    several = few if len(few) > 1 else []
    lines = [
        comparison_words.headline(rows, label, baseline, measure)
        for label, rows in each.items()
        if label not in several
    ]
    if several:
        lines.append(comparison_words.too_few(several, baseline))
    with st.container(border=True, key="comparison_verdict"):
        st.markdown("\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0])


def mismatch(asked: Asked) -> str:
    """What to say of users who came otherwise than intended; nothing where they did not."""
    question = asked.sample_ratio()
    if question is None:
        return ""
    test = answer(question).row(0, named=True)
    if not test["is_mismatch"]:
        return ""
    told = format.plain(_beside(_sizes(asked)))
    p = comparison_words.probability(test["p_value"])
    return (
        f"**No verdict: users came to the groups otherwise than intended.** {told}; chi-square "
        f"{format.number(test['chi_square'])}, p {'' if p.startswith('<') else '= '}{p}. Something "
        "assigns, loses or counts users of one group otherwise: no difference below can be "
        "believed before that is found."
    )


def draw(asked: Asked, frame: pl.DataFrame) -> None:
    """What the comparison rests on: a list of facts, each with its name."""
    facts = {
        "Groups": _groups(asked),
        "Sessions": _BY_SESSION if asked.unit == "session" else "",
        "Left out": _left_out(asked),
        "Intended split": _split(asked),
        "Experiments": _overlap(asked),
        "p values": _correction(asked, frame),
    }
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{text}</dd>" for name, text in facts.items() if text
    )
    st.html(f'<dl class="dwell-basis" style="{css_colors()}">{rows}</dl>')


def _sizes(asked: Asked) -> pl.DataFrame:
    sizes = asked.sizes()
    if sizes is None:
        msg = "periods have no sizes"
        raise ValueError(msg)
    return answer(sizes)


def _groups(asked: Asked) -> str:
    if asked.is_of_periods:
        return (
            "Complete days of both periods. Users who came in both are in both; the periods are "
            "taken as if they knew nothing of each other: intervals are wider than need be."
        )
    parts = [
        f"<b>{escape(row['group'])}</b> {format.plural(row['user_count'], 'user')}, "
        f"{format.plural(row['session_count'], 'session')}"
        for row in _sizes(asked).iter_rows(named=True)
        if row["group"] in asked.named
    ]
    return " \u00b7 ".join(parts)


def _left_out(asked: Asked) -> str:
    question = asked.left_out()
    if question is None:
        return ""
    row = answer(question).row(0, named=True)
    noun = asked.unit
    if not row["unit_count"]:
        return f"Nobody: no {noun} was in several groups."
    were = "was" if row["unit_count"] == 1 else "were"
    sessions = format.plural(row["session_count"], "session")
    also = f", {sessions}" if noun == "user" else ""
    text = (
        f"{format.plural(row['unit_count'], noun)} {were} in several groups and so in none{also}."
    )
    if noun == "user" and row["session_count"] * 20 > _sizes(asked)["session_count"].sum():
        text += (
            " Who comes often is in several sooner: what is left are rather those who come less."
        )
    return text


def _split(asked: Asked) -> str:
    if not isinstance(asked.groups, str):
        return "" if asked.is_of_periods else _BY_NOBODY
    question = asked.sample_ratio()
    if asked.problem:
        return f"Not checked: {escape(asked.problem)}"
    if question is None:
        if not _may_be_assigned(asked.groups):
            return _BY_NOBODY
        shares = ", ".join(f"{_key(name)} = {1 / len(asked.named):.2g}" for name in asked.named)
        by = "" if asked.groups == "model_group" else f', by = "{asked.groups}"'
        return (
            "Not known, and so not checked. Of an experiment, write into dwell.toml "
            f"<code>[experiments.NAME]</code> with <code>split = {{{escape(shares)}}}{escape(by)}"
            "</code>."
        )
    test = answer(question).row(0, named=True)
    p = comparison_words.probability(test["p_value"])
    fits = "users came otherwise" if test["is_mismatch"] else "users came as intended"
    return f"{escape(_beside(_sizes(asked)))}: {fits} (p {'' if p.startswith('<') else '= '}{p})."


def _may_be_assigned(by: str) -> bool:
    """Whether a product may have put its users into the groups of that dimension."""
    own = {each.name for each in own_dimensions()}
    return by in ("model_group", "experiment_id", *own)


def _key(name: str) -> str:
    """A group as a key of TOML."""
    return (
        name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else f'"{name}"'
    )


def _beside(sizes: pl.DataFrame) -> str:
    """The users of each group beside those that it was meant to get."""
    known = sizes.filter(sizes["intended_share"].is_not_null())
    return ", ".join(
        f"{row['group']} {format.plural(row['user_count'], 'user')} where "
        f"{format.count(row['intended_user_count'])} were meant "
        f"({format.share(row['intended_share'])})"
        for row in known.iter_rows(named=True)
    )


def _overlap(asked: Asked) -> str:
    rows = answer(asked.overlap()).to_dicts()
    if not rows:
        return ""
    parts = [
        f"{format.plural(row['user_count'], 'user')} were in {escape(row['experiment_id'])} and "
        f"{escape(row['other_experiment_id'])} ({format.share(row['share'])} of the smaller one)"
        for row in rows[:_MOST_PAIRS]
    ]
    more = f"; {len(rows) - _MOST_PAIRS} more pairs" if len(rows) > _MOST_PAIRS else ""
    return f"{'; '.join(parts)}{more}. One may have shaped the numbers of the other."


def _correction(asked: Asked, frame: pl.DataFrame) -> str:
    count = frame["p_adjusted"].count()
    text = (
        f"{format.plural(count, 'comparison')}: p values are Holm's, so that the chance of any "
        "false verdict among them is 5 % at most."
        if count > 1
        else "One comparison: p needs no correction."
    )
    text += f" Fewer than {FEWEST_USERS} users in a group decide nothing."
    if asked.always_valid:
        text += " Always valid (asymptotic confidence sequence): one may look at "
        text += "any time. That goes for differences: a group's own interval is of one look."
    else:
        text += " They hold for one look at a time chosen beforehand."
    return text


def explain(page: Page, asked: Asked) -> NoReturn:
    """Ends a page that has nothing to compare, with the cause and what else could be."""
    if asked.why:
        st.info(format.plain(asked.why))
    else:
        label = next(each.label for each in breakdowns.dimensions() if each.name == asked.by)
        known = (
            f"all of them are {format.plain(asked.named[0])}"
            if asked.named
            else "nothing is known of it"
        )
        st.info(
            f"{label} does not tell these sessions apart: {known}. A comparison needs two groups."
        )
    links = _elsewhere(page, asked)
    if links:
        st.html(ways.line(links, "Compare by"))
    st.stop()


def _elsewhere(page: Page, asked: Asked) -> Mapping[str, str]:
    """What has two groups or more in these sessions, as links."""
    counts = dict(ask(by_value.known, page.filters).iter_rows())
    links: dict[str, str] = {}
    known = [each for each in breakdowns.dimensions() if counts.get(each.name)]
    # What products put their users into stands first.
    for each in sorted(known, key=lambda each: each.name not in ("model_group", "experiment_id")):
        if len(links) == _MOST_LINKS:
            break
        if each.name != asked.by and breakdowns.value_count(page, each) > 1:
            links[each.label] = href(by=each.name, baseline=None)
    ways_left = [PERIOD] + ([SEGMENTS] if segments_of() else [])
    links |= {WAYS[each]: href(by=each, baseline=None) for each in ways_left if each != asked.by}
    return links
