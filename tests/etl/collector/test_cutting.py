"""Rules that change while events are collected, and ids that nobody finds by trying."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from etl.collector import cutting
from etl.collector.cutting import Cutting
from etl.config.settings import load_settings
from tests.etl.collector.served import KEY, serve

SOURCE = f'[sources.web]\nwrite_key = "{KEY}"\n'
EMAIL = '[redact]\npatterns = ["email"]\n'
PSEUDONYMS = '[redact]\npseudonymise = ["user_id"]\n'
LINE = json.dumps({"event_type": "click", "campaign": "of a@b.example"}).encode()
TOLD = (
    (EMAIL, "have changed", b"[email]"),
    ("[redact]\npatterns = 1\n", "cannot be read", b"[email]"),
    (PSEUDONYMS, "there is no key", b"[email]"),
    ("", "have changed", None),
)


def test_rules_that_change_are_in_force_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DWELL_PSEUDONYM_KEY", raising=False)
    monkeypatch.setattr(cutting, "_LOOKS_AFTER", 0.0)
    config, told = tmp_path / "dwell.toml", list[str]()
    config.write_text(SOURCE)
    rules = Cutting(load_settings(tmp_path / "data", config), told.append)
    assert rules.cutter_of("web") is None
    for number, (redact, said, found) in enumerate(TOLD):
        config.write_text(SOURCE + redact)
        os.utime(config, (number, number))
        cutter = rules.cutter_of("web")
        assert rules.cutter_of("web") is cutter
        assert len(told) == number + 1
        assert said in told[-1]
        assert (cutter is None) if found is None else found in cutter.lines([LINE])[0]
    config.write_text(SOURCE + "# nothing of the rules")
    rules.cutter_of("web")
    assert len(told) == len(TOLD)


@pytest.mark.parametrize("has_key", [True, False])
def test_an_id_that_is_made_of_what_was_sent_needs_the_key_to_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_key: bool
) -> None:
    monkeypatch.setenv("DWELL_PSEUDONYM_KEY", "0123456789abcdef0123456789abcdef")
    made = list[str]()
    plain = sha256

    def seen(said: bytes = b"") -> object:
        found = plain(said)
        made.append(found.hexdigest()[:32])
        return found

    monkeypatch.setattr("etl.collector.sender.sha256", seen)
    with serve(tmp_path / "home", SOURCE + (PSEUDONYMS if has_key else "")) as served:
        body = {"user_id": "ada", "type": "click", "time": "2026-03-10T12:00:00Z"}
        for _ in range(2):
            assert served.post("/api/v1/sessions/s1/event", body).status == 200
        first, again = (line["event_id"] for line in served.lines())
    assert first == again
    assert len(first) == 32
    assert (first in made) is not has_key
