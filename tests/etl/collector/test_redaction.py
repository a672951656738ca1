"""What the collector takes is cut before it is on the disk; a load finds nothing more to cut."""

import json
from pathlib import Path
from typing import Any

import pytest

from etl.config.redact import KINDS, Rules
from etl.errors import SourceError
from etl.privacy.lines import LineCutter
from etl.privacy.pseudonyms import Pseudonyms
from etl.privacy.redactor import Redactor
from tests.etl.privacy.secrets import CORES, SECRETS

KEYED = Pseudonyms(b"0123456789abcdef0123456789abcdef")
RULES = Rules(pseudonymise=("user_id", "anonymous_id"), patterns=KINDS, urls="drop query")


def cut(line: dict[str, Any], rules: Rules = RULES) -> dict[str, Any]:
    """A line of the spool as it is written."""
    cutter = LineCutter(Redactor(rules, KEYED))
    (once,) = cutter.lines([json.dumps(line).encode()])
    assert cutter.lines([once]) == [once]
    read = json.loads(once)
    assert isinstance(read, dict)
    return read


def test_a_line_is_cut_and_stays_as_it_is_the_second_time() -> None:
    line = {
        "event_type": "page_view",
        "user_id": "ada",
        "session_id": "s-1",
        "event_id": f"e {SECRETS['card']}",
        "event_time": "2026-03-10T12:00:00.000Z",
        "url": f"https://a.example/x?token=abcdef&utm_campaign=spring#{SECRETS['jwt']}",
        "referrer": "https://b.example/?q=jane",
        "tags": ["x", SECRETS["email"]],
        "user_agent": "Mozilla/5.0 Chrome/141.0.0.0",
        "properties": {"a": SECRETS["iban"], "n": 1, "card": int(SECRETS["card"])},
    }
    assert cut(line) == line | {
        "user_id": KEYED.of("ada"),
        "event_id": KEYED.of(f"e {SECRETS['card']}"),
        "url": "https://a.example/x?utm_campaign=spring",
        "referrer": "https://b.example/",
        "tags": ["x", "[email]"],
        "properties": {"a": "[iban]", "n": 1, "card": "[card]"},
    }


@pytest.mark.parametrize("kind", SECRETS)
def test_no_secret_is_left_wherever_it_stands(kind: str) -> None:
    text = f"x {SECRETS[kind]} y"
    names = ("event_type", "user_id", "url", "referrer", "campaign", "event_id", "session_id")
    written = json.dumps(cut({name: text for name in names} | {"properties": {text: [text]}}))
    assert CORES[kind] not in written


def test_a_personal_id_without_a_key_is_kept_by_nobody() -> None:
    cutter = LineCutter(Redactor(Rules(patterns=("email",)), None))
    with pytest.raises(SourceError):
        cutter.lines([json.dumps({"user_id": SECRETS["email"]}).encode()])


def test_a_collector_without_its_key_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from etl.collector.app import create_app
    from etl.collector.spool import Spool
    from etl.config.settings import load_settings
    from etl.errors import ConfigError

    monkeypatch.delenv("DWELL_PSEUDONYM_KEY", raising=False)
    (tmp_path / "dwell.toml").write_text('[redact]\npseudonymise = ["user_id"]\n')
    settings = load_settings(tmp_path / "data", tmp_path / "dwell.toml")
    with pytest.raises(ConfigError, match="there is no key"):
        create_app(settings, Spool(settings.home))
