"""What pages ask ahead of drawing: nothing that they do not need."""

from __future__ import annotations

import threading

import pytest

from pages.ui import ask


@pytest.fixture
def asked(monkeypatch):
    """Questions that were asked ahead, and those that a page waited for."""
    ahead, waited = [], []
    answer = ask._answer

    def noted(home, build, name, args, kwargs, metric):
        is_ahead = threading.current_thread().name.startswith("ask")
        (ahead if is_ahead else waited).append((name, args, kwargs))
        return answer(home, build, name, args, kwargs, metric)

    monkeypatch.setattr(ask, "_answer", noted)
    return ahead, waited


@pytest.mark.parametrize(
    ("file", "params"),
    [
        ("app.py", {}),
        ("app.py", {"metric": "bounce", "cards": "users,bounce", "grain": "week"}),
        ("app.py", {"forecast": "1"}),
        ("app.py", {"device": "mobile", "cards": "sessions,bounce"}),
        ("app.py", {"period": "7", "compare": "previous", "metric": "median_duration"}),
        ("pages/engagement.py", {}),
        ("pages/engagement.py", {"of": "engaged", "grain": "month"}),
        ("pages/retention.py", {}),
        ("pages/retention.py", {"per": "month", "entered": "2026-10-01", "nth": "0"}),
        ("pages/compare.py", {}),
        ("pages/compare.py", {"by": "period", "period": "7", "unit": "session"}),
        ("pages/llm_chat.py", {}),
        ("pages/llm_chat.py", {"by": "model", "latency_by": "hour", "ends_by": "model"}),
        ("pages/llm_chat.py", {"order": "longest", "compare": "none"}),
        ("pages/data_health.py", {}),
        ("pages/definitions.py", {"view": "lab", "lab_timeout": "37"}),
        ("pages/definitions.py", {"view": "crosswalk", "crosswalk_to": "posthog"}),
        ("pages/breakdowns.py", {}),
        ("pages/breakdowns.py", {"by": "browser", "across": "source", "cell": "bounce_rate"}),
    ],
)
def test_a_page_needs_all_that_it_asks_ahead(open_page, home, asked, file, params):
    open_page(file, home, **params)
    ahead, waited = asked
    # Both workers come here when they are done with all else.
    done = threading.Barrier(3, timeout=60)
    for _ in range(2):
        ask.WORKERS.submit(done.wait)
    done.wait()
    # The crosswalk asks for two frames alone.
    assert len(ahead) >= (2 if params.get("view") == "crosswalk" else 4)
    assert [question for question in ahead if question not in waited] == []


def test_what_fails_ahead_is_told_where_it_is_asked_for(open_page, home, monkeypatch):
    def failing(wh, filters, **options):
        msg = "out of paper"
        raise ValueError(msg)

    monkeypatch.setattr("warehouse.metrics.engagement.survival", failing)
    test = open_page("pages/engagement.py", home, period="90")
    assert "out of paper" in test.error[0].value
