"""What cuts the lines of each source before they are on the disk, by the rules of dwell.toml as it
is now: a change of it comes into force while the collector runs. Reads nothing but [redact] anew.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from etl.collector.sender import plain_mark
from etl.config.settings import Settings, load_settings
from etl.errors import DwellError
from etl.lake import Lake
from etl.privacy.key import pseudonyms_of
from etl.privacy.lines import LineCutter
from etl.privacy.redactor import Redactors

OnRules = Callable[[str], None]
# Seconds after which the file is looked at again.
_LOOKS_AFTER = 1.0


def tell_nobody(_: str) -> None:
    """Says nothing of rules that have changed."""


class Cutting:
    """The rules of all sources. ConfigError at the start without a key that they need; later the
    rules before stay in force then, and it is told.

    on_rules   called with a sentence when the rules have changed, or cannot be read
    mark       see Sender: keyed where there is a key
    """

    def __init__(self, settings: Settings, on_rules: OnRules = tell_nobody) -> None:
        self._settings = settings
        self._on_rules = on_rules
        self._look = self._look_of_file()
        self._next = time.monotonic() + _LOOKS_AFTER
        self._use(settings)

    def cutter_of(self, source: str) -> LineCutter | None:
        """What cuts the lines of a source; None where nothing is cut."""
        self._look_again()
        if source not in self._cutters:
            redactor = self._redactors.of(self._settings.rules_of(source))
            self._cutters[source] = LineCutter(redactor) if redactor else None
        return self._cutters[source]

    def _use(self, settings: Settings) -> None:
        now, lake, rules = datetime.now(UTC), Lake(settings.home), settings.all_rules()
        key = pseudonyms_of(settings.redact, rules, lake, None, now, is_reader=True)
        self._settings, self._redactors = settings, Redactors(key)
        self._cutters: dict[str, LineCutter | None] = {}
        self.mark = key.mark if key else plain_mark

    def _look_again(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _LOOKS_AFTER
        look = self._look_of_file()
        if look == self._look:
            return
        self._look = look
        try:
            new = load_settings(self._settings.home, self._settings.config)
            # Sources and their write keys stay those of the start.
            own = {source.name: source.redact for source in new.sources}
            sources = tuple(replace(s, redact=own.get(s.name, {})) for s in self._settings.sources)
            changed = replace(self._settings, redact=new.redact, sources=sources)
            if changed == self._settings:
                return
            self._use(changed)
        except DwellError as error:
            self._on_rules(
                f"The rules of [redact] cannot be read: {error} What is collected is cut by those "
                "of before."
            )
        else:
            self._on_rules("The rules of [redact] have changed: what is collected is cut by them.")

    def _look_of_file(self) -> tuple[int, int] | None:
        path = self._settings.config
        try:
            stat = path.stat() if path else None
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size) if stat else None
