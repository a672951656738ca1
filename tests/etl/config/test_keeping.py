"""How long texts are kept: of all sources, of one, and what is refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from etl.config.settings import load_settings
from etl.errors import ConfigError

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("config", "chat", "web"),
    [
        ("", None, None),
        ('keep_texts = "30 days"', 30 * DAY, 30 * DAY),
        ('keep_texts = "1 day"\n[sources.chat]\nkeep_texts = "7 days"', 7 * DAY, DAY),
        ('keep_texts = "30 days"\n[sources.chat]\nkeep_texts = "for ever"', None, 30 * DAY),
        ('[sources.chat]\nkeep_texts = "24 h"', DAY, None),
        ('keep_texts = "for ever"\n[sources.chat]\nkeep_texts = "9 d"', 9 * DAY, None),
    ],
)
def test_a_source_keeps_texts_as_long_as_it_says_else_as_all(
    tmp_path: Path, config: str, chat: timedelta | None, web: timedelta | None
) -> None:
    (tmp_path / "dwell.toml").write_text(config, encoding="utf-8")
    settings = load_settings(tmp_path, tmp_path / "dwell.toml")
    assert (settings.texts_kept_of("chat"), settings.texts_kept_of("web")) == (chat, web)
    assert settings.keeps_texts_for_some_time == bool(chat or web)


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ("keep_texts = 30", "'keep_texts' has the value 30. Wanted: a day or more"),
        ('keep_texts = "23 h"', "Wanted: a day or more, such as \"30 days\", or \"for ever\""),
        ('keep_texts = "soon"', "Wanted: a day or more"),
        ("[sources.chat]\nkeep_texts = true", "source 'chat' has keep_texts = True. Wanted: a day"),
        ('[sources.chat]\nkeep_text = "9 d"', "Did you mean 'keep_texts'"),
        ('[sources.chat]\nkeep_events = "9 d"', "write keep_events above all tables"),
    ],
)  # fmt: skip
def test_what_is_no_such_time_is_refused(tmp_path: Path, config: str, wanted: str) -> None:
    (tmp_path / "dwell.toml").write_text(config, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_settings(tmp_path, tmp_path / "dwell.toml")
    assert wanted in str(refused.value)
