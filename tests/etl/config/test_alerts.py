"""Alerts of dwell.toml: what is read, and what is said of those that do not fit."""

import tomllib
from pathlib import Path
from textwrap import dedent

import pytest

from etl.config.alerts import FAULT_ALERTS, PRESETS, alerts_of, refuse_receivers
from etl.config.settings import Settings, load_settings
from etl.errors import ConfigError
from warehouse.alerts.rules import LABELS
from warehouse.metrics.health import FAULTS


def settings_of(folder: Path, text: str) -> Settings:
    file = folder / "dwell.toml"
    receivers = "".join(f'[receivers.{name}]\nfile = "{name}"\n' for name in ("ops", "boss"))
    file.write_text(f"{dedent(text)}\n{receivers}", encoding="utf-8")
    return load_settings(folder, file)


def test_an_alert_is_read(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        """
        [alerts.docs_bounce]
        metric = "bounce_rate"
        where = { entry_page = "/docs/*" }
        segment = "phones"
        above = "60 %"
        alarm = 0.8
        per = "week"
        to = "ops"
        label = "Bounce of the docs"
        [alerts.fewer]
        metric = "session_count"
        change = "- 20 %"
        severity = "alarm"
        to = ["ops", "boss"]
        """,
    )
    docs, fewer = settings.alerts[len(PRESETS) :]
    assert (docs.name, docs.metric, docs.above, docs.alarm) == (
        *("docs_bounce", "bounce_rate"),
        *(0.6, 0.8),
    )
    assert (docs.where, docs.segment, docs.per, docs.to, docs.label, docs.severity) == (
        *({"entry_page": "/docs/*"}, ("phones",), "week"),
        *(("ops",), "Bounce of the docs", "warning"),
    )
    assert (fewer.change, fewer.severity, fewer.to) == (("-", 0.2), "alarm", ("ops", "boss"))


def test_presets_are_there_and_may_be_changed(tmp_path: Path) -> None:
    assert load_settings(tmp_path).alerts == PRESETS
    changed = settings_of(
        tmp_path,
        """
        [alerts.abandonment]
        to = ["ops"]
        [alerts.few_queries]
        above = 9
        [alerts.no_sessions]
        off = true
        """,
    ).alerts
    no_sessions, abandonment, few = changed
    assert (abandonment.above, abandonment.alarm, abandonment.to) == (0.3, 0.4, ("ops",))
    assert (few.metric, few.above, few.below) == ("queries_per_session", 9, None)
    assert no_sessions.off


def test_they_shape_no_history(tmp_path: Path) -> None:
    bare = settings_of(tmp_path, "").shaping_history()
    text = "historic = true\n[alerts.many]\nmetric = 'session_count'\nabove = 9"
    assert settings_of(tmp_path, text).shaping_history() == bare


def test_every_fault_of_the_data_can_be_named() -> None:
    assert set(FAULTS) < set(FAULT_ALERTS) == set(LABELS)


BOUNCE = "[alerts.x]\nmetric = 'bounce_rate'\n"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("alerts = [3]", "'alerts' in .+ is not a table", id="a list"),
        pytest.param("[alerts]\nx = 3", r"\[alerts.x\] is not a table", id="a number"),
        pytest.param("[alerts.'a b']\nabove = 3", "cannot be named so", id="a name with a blank"),
        pytest.param("[alerts.x]\nabove = 3", "has no metric", id="no metric"),
        pytest.param(BOUNCE, "does not say when it fires", id="no condition"),
        pytest.param(
            BOUNCE + "above = 0.6\nbelow = 0.2", "has above and below. Wanted: one", id="two"
        ),
        pytest.param(BOUNCE + "change = 'a lot'", 'a share such as "20 %"', id="change as text"),
        pytest.param(BOUNCE + "change = 0.2", 'a share such as "20 %"', id="change as a number"),
        pytest.param(BOUNCE + "above = 'much'", "a number such as 0.6", id="a limit as text"),
        pytest.param(BOUNCE + "outside_normal = false", "Wanted: true", id="not outside"),
        pytest.param(BOUNCE + "above = 0.6\nper = 'hour'", '"day" or "week"', id="by hour"),
        pytest.param(
            BOUNCE + "above = 0.6\nseverity = 'alarms'", "Did you mean 'alarm'?", id="a severity"
        ),
        pytest.param(BOUNCE + "above = 0.6\nalarm = 0.5", "has alarm = 0.5", id="alarm within"),
        pytest.param(BOUNCE + "change = '9 %'\nalarm = 0.5", "has alarm = 0.5", id="alarm alone"),
        pytest.param(BOUNCE + "abov = 0.6", "Unknown key 'abov'.+'above'", id="a key"),
        pytest.param(BOUNCE + "above = 0.6\nto = 3", "a name or a list of them", id="to a number"),
        pytest.param(BOUNCE + "above = 0.6\nwhere = 'x'", "a table of conditions", id="where"),
        pytest.param(
            "[alerts.outage]\nabove = 3",
            "no limit of yours. Its keys: label, off, severity, to",
            id="limit of a fault",
        ),
        pytest.param("[alerts.outage]\nof = true", "Unknown key 'of'.+'off'", id="key of a fault"),
        pytest.param("[alerts.data_fault]\nto = 'ops'", "Did you mean 'data_faults'", id="faults"),
        pytest.param("[alerts.abandonmnt]\nto = 'ops'", "Did you mean 'abandonment'", id="preset"),
        pytest.param("[alerts.outages]\nabove = 3", "Write for example", id="like a fault, limit"),
        pytest.param(BOUNCE + "above = 60", r'Write 0.6 or "60 %"', id="a rate in percent"),
        pytest.param(BOUNCE + "above = 0.3\nalarm = 40", r'Write 0.4 or "40 %"', id="its alarm"),
        pytest.param(BOUNCE + "below = -0.1", "from 0 to 1. Change it", id="a rate below 0"),
        pytest.param(
            BOUNCE + "above = 0.6\nalarm = 0.8\nseverity = 'alarm'",
            "from its first limit on. Leave one of them out",
            id="alarm twice",
        ),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, written: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings_of(tmp_path, written)


def test_a_receiver_must_be_known(tmp_path: Path) -> None:
    text = BOUNCE + "above = 0.6\nto = ['opps']"
    alerts = alerts_of(tomllib.loads(text)["alerts"], tmp_path)
    refuse_receivers(alerts, ["opps", "boss"])
    with pytest.raises(ConfigError, match=r"alerts.x. of .+ receiver 'opps'. Did you mean 'ops'"):
        refuse_receivers(alerts, ["ops", "boss"])
    with pytest.raises(ConfigError, match=r"Write .receivers.opps."):
        refuse_receivers(alerts, [])
