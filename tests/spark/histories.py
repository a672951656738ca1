"""Made-up histories for both engines: those of the law of increments, many in one lake, and odd
texts. The same at every run.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.make import event
from tests.oracle import Rules

# What engines are known to read, order or lower in ways of their own, and what lies beside it.
ODD_TEXTS = (
    *("İstanbul", "ΟΔΟΣ", "ὈΔΥΣΣΕΎΣ ς", "ẞtraße", "ÅÄÖ", "K", "\u017f", "ﬁ", "Ǆ", "Ⅷ", "Ⓐ"),
    *("ა", "Ა"),
    *("a\u00a0", "\u2003a\u2003", "\u3000", " a ", "\ta\t", "a\vb", "a\u0085", "a\n", "\ufeffa"),
    *("😀", "👩\u200d👧", "\U0001f600x", "é", "e\u0301", "", " ", "null", "NaN", "'", '"', "\\"),
    *("\\n", "%", "_", "$1", "\u001f", "a\u001fb", "\ue000", "\uffff", "\U00010000", "z", "Z"),
)
_HOSTS = (
    *("https://Far.test/x", "HTTPS://ΣΊΣΥΦΟΣ.gr/a", "//İ.test", "far.test\n", "far.test", "/x?y"),
    *(
        "\u00a0https://a.b/c\u2003",
        "localhost:80",
        "LOCALHOST",
        "[::1]:80/x",
        "index.HTML?x",
        "a.php",
    ),
    *("google / cpc", "(direct)", "\u017f://x", "K:8", "x.y.", ".x", "?q", "#", "http://"),
    "a" * 500,
    *("a." * 3000 + "b", "münchen.de", "пример.рф/путь", "a_b.c", "1.2.3.4:5", "../x", "…/x"),
)
_NUMBERS = (
    *("1e2", "2.50", "-0", "1e999", "12345678901234567890", "0.1", "100", "1E+2", "-7.0e-3"),
)
_PROPERTIES = (
    *('{"x": "1_0", "y": "2"}', '{"x": "1d", "y": 2}', '{"x": " 10 ", "y": "+2"}', '{"x":"inf"}'),
    *('{"x": "0x1p3", "y": "1f"}', '{"x": 10.0, "y": 1e1}', '{"clientX": "7", "clientY": 7}'),
    *('{"text": {"b": 1, "a": [1.50, 1e3, null]}}', '{"text": null, "query": "İ  Σ"}', "[]", "{}"),
    *('{"text": "A\\u00a0B\\tC"}', '{"text": "a b c"}', '{"text": "\\ud83d\\ude00"}', '"text"'),
    *('{"text": true}', '{"text": 1.0}', '{"text": [1, {"a": "ß"}]}', '{"exit_reason": " error"}'),
    *(
        '{"id": 7, "name": "w", "step": null}',
        '{"workflow_id": "İ", "step": 2.50}',
        '{"x":1,"x":2}',
    ),
    *('{"reason": "logout"}', '{"session": {"actions": 3, "queries": "2"}}', '{"a.b": 1}'),
)
_TYPES = (
    *(
        "page_view",
        "page_view",
        "click",
        "rage_click",
        "prompt",
        "query",
        "search",
        "error",
        "idle",
    ),
    *("login", "logout", "session_start", "session_end", "workflow_start", "workflow_step"),
    *("workflow_complete", "Übersicht", "ς", "scroll", "copy", "model_response", "feedback"),
)
# Before clocks change in Berlin, which is not when they do in New York.
_EVENING = datetime(2026, 3, 28, 20)  # noqa: DTZ001
_SILENCES = (0, 0, 0, 1, 400_000, 1_000_000, 20_000_000, 30_000_000, 1_800_000_000, 1_800_000_001)


def of_the_law(strategy: st.SearchStrategy[Any], count: int, number: int) -> list[Any]:
    """So many histories of a strategy, one after another, of a seed."""
    drawn: list[Any] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def take(history: Any) -> None:
        drawn.append(history)

    take()
    return drawn


def side_by_side(histories: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The events of all of them in one lake: each has users, trackers' sessions and ids of its
    own.
    """
    names = ("user_id", "event_id", "tracker_session_id", "anonymous_id", "chat_id")
    return [
        row | {name: f"{number}/{row[name]}" for name in names if row[name] is not None}
        for number, events in enumerate(histories)
        for row in events
    ]


def odd_events(number: int, count: int) -> list[dict[str, Any]]:
    """Events of odd texts in all columns: ties, nulls, tracker ids over midnights, long hosts."""
    choose = random.Random(number)
    users = [f"{choose.choice(ODD_TEXTS)}{n}" for n in range(count // 25)]
    return list(_odd_events(choose, users, count))


def _odd_events(choose: random.Random, users: list[str], count: int) -> Iterator[dict[str, Any]]:
    clocks: dict[str, datetime] = {}

    def some(*texts: Any, none: float = 0.5) -> Any:
        return None if choose.random() < none else choose.choice(texts)

    for n in range(count):
        user = choose.choice(users)
        time = clocks.get(user, _EVENING + timedelta(minutes=choose.randrange(600)))
        clocks[user] = time + timedelta(microseconds=choose.choice(_SILENCES))
        is_tracked = choose.random() < 0.4
        tags = [choose.choice((*ODD_TEXTS, None)) for _ in range(choose.randrange(4))]
        number = choose.choice(_NUMBERS)
        yield event(
            time,
            choose.choice(_TYPES),
            event_id=f"{choose.choice(ODD_TEXTS)}{choose.randrange(10)}-{n}",
            user_id=user,
            source="trk" if is_tracked else choose.choice(("web", "app", "Ω")),
            stream="tracker" if is_tracked else "inactivity",
            anonymous_id=some(user, "a", "ä"),
            tracker_session_id=some("s1", "ς", "Σ", none=0.3) if is_tracked else some("s1"),
            page=some(*(f"/{text}" for text in ODD_TEXTS), *(f"/{n}" for n in range(9)), none=0.2),
            page_host=some("far.test", "ΣΊΣΥΦΟΣ.gr", "i.test"),
            referrer=some(*_HOSTS, *ODD_TEXTS),
            campaign=some(*ODD_TEXTS),
            device_type=some("desktop", "mobile", "bot", none=0.8),
            browser=some(*ODD_TEXTS),
            chat_id=some("c1", "c2", none=0.9),
            model_group=some("A", "ß", none=0.9),
            query_type=some(*ODD_TEXTS, none=0.7),
            tags=tags if choose.random() < 0.2 else None,
            assets=tags[::-1] if choose.random() < 0.2 else None,
            properties=some(*_PROPERTIES, f'{{"text": {number}, "x": {number}, "y": 1}}', none=0.3),
        )


def rules_of_odd() -> Rules:
    """With zones, starts and thresholds that are not those of every home."""
    return Rules(
        time_zone="Europe/Berlin",
        starts=frozenset({"login"}),
        internal_hosts=frozenset({"far.test", "ς"}),
        rage_clicks=2,
    )
