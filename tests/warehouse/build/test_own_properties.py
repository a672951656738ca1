"""What is said of dwell.toml's own columns that no event tells of."""

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from tests.make import NOON, build_home, commit_events, event, settings_of
from warehouse.build.own_properties import untold_properties

LATER = (NOON + timedelta(days=9)).replace(tzinfo=UTC)
PROPERTIES = ({"plan_name": "pro", "Plan2": 1, "account": {"team": "x", "size": 3}, "ms": "fast"},)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose events tell a few properties."""
    home = tmp_path_factory.mktemp("untold") / "home"
    tell = [
        event(timedelta(minutes=n), properties=each, page_host="a.test")
        for n, each in enumerate((*PROPERTIES, {"empty": "", "ms": None}))
    ]
    commit_events(home, tell)
    return home


@pytest.mark.parametrize(
    ("table", "said"),
    [
        pytest.param('[dimensions.mine]\nproperty = "plan_name"', None, id="told"),
        pytest.param('[dimensions.mine]\nproperty = "account.team"', None, id="told in an object"),
        pytest.param('[dimensions.mine]\nproperty = "page_host"', None, id="a column"),
        pytest.param('[measures.mine]\nproperty = "account.size"', None, id="a number"),
        pytest.param(
            '[dimensions.mine]\nproperty = "plan"',
            "[dimensions.mine]: no event has a property 'plan' (similar: Plan2, plan_name); ",
            id="nothing of that name",
        ),
        pytest.param(
            '[dimensions.mine]\nproperty = "plan_nam"\ntake = "any"',
            "[dimensions.mine]: no event has a property 'plan_nam' (similar: plan_name, Plan2); ",
            id="a list",
        ),
        pytest.param(
            '[dimensions.mine]\nproperty = "pagehost"\ntake = "latest"',
            "[dimensions.mine]: no event has a property 'pagehost' (similar: page_host",
            id="nearly a column",
        ),
        pytest.param(
            '[dimensions.mine]\nproperty = "account.tem"',
            "[dimensions.mine]: no event has a property 'account.tem' (similar: account.team",
            id="nothing of that name in an object",
        ),
        pytest.param(
            '[measures.mine]\nproperty = "zzz"',
            "[measures.mine]: no event has a property 'zzz' (known: ms, Plan2, account, empty, pl",
            id="nothing like it",
        ),
        pytest.param(
            '[measures.mine]\nproperty = "ms"\ntake = "avg"',
            "[measures.mine]: no event tells a number in its property 'ms'; name another",
            id="no number",
        ),
        pytest.param(
            '[dimensions.mine]\nproperty = "empty"',
            "[dimensions.mine]: no event tells a value in its property 'empty'; name another",
            id="no value",
        ),
        pytest.param(
            '[dimensions.mine]\nproperty = "chat_id"',
            "[dimensions.mine]: no event tells a value in its property 'chat_id'; name another",
            id="a column without values",
        ),
    ],
)
def test_a_property_that_no_event_tells_is_told(home: Path, table: str, said: str | None) -> None:
    settings = settings_of(home, table)
    build_home(home, settings, now=LATER)
    sentences = untold_properties(settings)
    assert len(sentences) == (said is not None)
    if said:
        assert sentences[0].startswith(said)
        assert sentences[0].endswith(".")
        assert "dwell.toml" in sentences[0]


def test_nothing_is_said_without_a_build_or_an_event(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "home", '[dimensions.mine]\nproperty = "plan"')
    assert untold_properties(settings) == []
    build_home(tmp_path / "home", settings, now=LATER)
    assert untold_properties(settings) == []


def test_nothing_is_said_of_what_the_build_was_made_before(home: Path) -> None:
    build_home(home, settings_of(home, ""), now=LATER)
    assert untold_properties(settings_of(home, '[dimensions.mine]\nproperty = "plan"')) == []
