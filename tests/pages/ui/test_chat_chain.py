"""The answer value chain: bars as high as their shares, and what it says in words."""

from __future__ import annotations

import re

import pytest

from pages.ui import chat_cards, chat_chain
from pages.ui.theme import LIGHT

STEPS = (("asked", 1.0), ("answered", 0.9), ("read", 0.8), ("engaged", 0.4), ("used", 0.2))
STEPS = (*STEPS, ("copied", 0.1))
OUTCOMES = ("silent_success", "silent_failure", "rephrased", "feedback_up", "feedback_down")


@pytest.fixture(autouse=True)
def light(monkeypatch):
    monkeypatch.setattr("pages.ui.theme.palette", lambda: LIGHT)


def group(cases=1000, rephrased=0.1, width=0.01, **rates):
    """The rows of one value of chat.value_chain."""
    steps = [(name, rates.get(name, rate), False) for name, rate in STEPS]
    steps += [(name, rephrased if name == "rephrased" else 0.05, True) for name in OUTCOMES]
    rows, before = [], None
    for name, rate, is_outcome in steps:
        went = rate / before if before and not is_outcome else None
        rows.append(
            {
                "step": name,
                "is_outcome": is_outcome,
                "count": round(cases * rate),
                "case_count": cases,
                "rate": rate,
                "low": rate - width,
                "high": rate + width,
                "from_previous_rate": went,
            }
        )
        before = rate
    return rows


def test_a_step_is_as_high_as_its_share_and_narrows_to_the_next():
    body = chat_chain.chain([("one", group())], {})
    heights = re.findall(r'class="dwell-tip dwell-step".*?--rate:([\d.]+)', body)
    assert [float(height) for height in heights] == [rate for _, rate in STEPS]
    nexts = re.findall(r"--next:([\d.]+)", body)
    assert [float(height) for height in nexts] == [rate for _, rate in STEPS[1:]]
    assert re.findall(r"<em [^>]*>(\d+ %)</em>", body) == ["90 %", "89 %", "50 %", "50 %", "50 %"]
    # What was asked was asked: no interval, and one in each of the ten others.
    assert body.count("dwell-whisker") == len(STEPS) - 1 + len(OUTCOMES)


def test_outcomes_of_all_groups_have_one_scale():
    body = chat_chain.chain([("a", group()), ("b", group(rephrased=0.49))], {})
    widths = [float(width) for width in re.findall(r"dwell-outcome [^>]*--rate:([\d.]+)", body)]
    assert widths == pytest.approx([0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1, 0.98, 0.1, 0.1])


def test_hover_tells_cases_interval_and_the_step_before():
    body = chat_chain.chain([("one", group())], {}).replace("\u00a0", " ")
    assert (
        "Selected, copied, or a citation opened. 20.0 %: 200 of 1,000 asked; "
        "95 %: 19.0 % to 21.0 %; 50.0 % of the step before." in body
    )


def test_few_prompts_are_grey_and_say_so():
    body = chat_chain.chain([("few", group(99)), ("many", group(100))], {})
    assert body.count("dwell-few") == 1
    assert "99 prompts: n below 100" in body


def test_what_is_not_known_is_no_zero():
    rows = [
        {**row, "count": 0, "case_count": 0}
        | dict.fromkeys(("rate", "low", "high", "from_previous_rate"))
        for row in group()
    ]
    body = chat_chain.chain([("open", rows)], {})
    assert "0.0 %" not in body
    assert "None is known yet: all are in open sessions." in body
    assert chat_chain.found([("open", rows)]) == ""


def test_a_name_is_no_markup_and_leads_to_its_sessions():
    body = chat_chain.chain([("<b>", group())], {"<b>": "?model_group=%3Cb%3E"})
    assert '<a class="dwell-link" href="?model_group=%3Cb%3E"' in body
    assert "&lt;b&gt;" in body
    assert "<b><" not in body


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([("a", group())], "between **read** and **engaged**: 40.0 % of the prompts of a."),
        ([("a", group()), ("b", group())], "the groups' intervals overlap."),
        (
            [("a", group()), ("b", group(rephrased=0.13))],
            "lie apart in **rephrased** (10.0 % of a, 13.0 % of b).",
        ),
        # Ends that meet are not apart.
        ([("a", group()), ("b", group(rephrased=0.12))], "the groups' intervals overlap."),
        # Few are left out of the sentence.
        ([("a", group()), ("b", group(99, rephrased=0.9))], "of the prompts of a."),
    ],
)
def test_a_sentence_tells_where_most_is_lost_and_what_lies_apart(groups, words):
    assert chat_chain.found(groups).endswith(words)


def totals(rate):
    """A row of chat.totals all of whose rates are the same."""
    ends = {"": rate, "_low": rate - 0.01, "_high": rate + 0.01, "_count": 5}
    rates = {f"{name}{end}": value for name in chat_cards.RATES for end, value in ends.items()}
    counts = dict.fromkeys(("response_count", "chat_count", "visit_count", "user_count"), 200)
    return rates | counts | dict.fromkeys(("p50_ms", "p90_ms", "p95_ms", "p99_ms"), 1000.0)


@pytest.mark.parametrize(
    ("now", "before", "words", "tone"),
    [
        (0.20, 0.10, "\u2197 +10.0 pp", "good"),
        (0.10, 0.20, "\u2198 -10.0 pp", "bad"),
        # What chance may have brought is neither.
        (0.12, 0.10, "\u2197 +2.0 pp", ""),
        (0.121, 0.10, "\u2197 +2.1 pp", "good"),
    ],
)
def test_a_rate_is_better_only_where_the_intervals_lie_apart(now, before, words, tone):
    cards = chat_cards.cards(totals(now), totals(now), totals(before))
    used = next(card for card in cards if card.label == "Used")
    assert (used.change, used.tone) == (words, tone)
    assert ("overlap" in used.numbers) == (tone == "")


def test_without_a_period_before_no_card_has_a_change():
    cards = chat_cards.cards(totals(0.2), None, None)
    assert len(cards) == 10
    assert not any(card.change for card in cards)
    assert cards[-1].note == "80.0 % gave none"
