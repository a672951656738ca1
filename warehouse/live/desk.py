"""Answers readers one after the other, and notes what each was told.

One question at a time is answered, in a thread, and an answer holds for a second: who writes events
in the same process is never kept waiting by who reads them.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import duckdb

from etl.config.settings import Settings, load_settings
from etl.errors import BuildError, ConfigError, DwellError, NoBuild
from warehouse.audit import audit_of_programs
from warehouse.bearers import home_of
from warehouse.live.endpoints import Endpoint
from warehouse.live.readers import Readers
from warehouse.serving import Visitor, told_without_home

_HOLDS_FOR = 1.0
_MOST_KEPT = 200


@dataclass(frozen=True)
class _Told:
    """An answer as it is sent, how many rows it has, and until when it holds."""

    status: int
    body: bytes
    rows: int = 0
    until: float = 0.0


class Desk:
    """The answers of one home, and of its scopes.

    ConfigError when a secret is not there, or a scope has no rows apart.
    """

    def __init__(self, home: Path, settings: Settings) -> None:
        self.home, self.settings = home, settings
        self.readers = Readers(settings)
        own = replace(settings, home=home)
        self._audit = audit_of_programs(own, has_others=bool(self.readers.visitors))
        self._lives: dict[Path, Any] = {}
        self._limiter: anyio.CapacityLimiter | None = None
        self._kept: dict[Any, _Told] = {}

    async def ask(
        self,
        reader: Visitor,
        endpoint: Endpoint,
        placed: Mapping[str, str],
        asked: Mapping[str, str],
        *,
        again: bool = False,
    ) -> tuple[int, bytes]:
        """Status and body of an answer, which may be a second old, to what is placed in the path
        and asked for beside it. 403 where the reader's roles do not have it, 400 for what the
        endpoint does not know. `again`: of a stream, whose beginning was noted.
        """
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(1)
        work = partial(self._noted, reader, endpoint, placed, asked, again)
        told = await anyio.to_thread.run_sync(work, limiter=self._limiter)
        return told.status, told.body

    def _noted(
        self,
        reader: Visitor,
        endpoint: Endpoint,
        placed: Mapping[str, str],
        asked: Mapping[str, str],
        again: bool,
    ) -> _Told:
        begun = time.monotonic()
        name, params, problem = endpoint.answer_for(reader), dict(placed), ""
        try:
            params = endpoint.params(placed, asked)
        except ConfigError as error:
            problem = str(error)
        if name is None:
            told = _refusal(reader, endpoint)
        elif problem:
            told = _Told(400, _written({"error": problem}))
        else:
            told = self._answer(home_of(self.home, reader), name, params)
        if self._audit is None or again:
            return told
        try:
            noted: dict[str, Any] = {"kind": "read", "path": endpoint.path}
            noted |= self._audit.who(reader.name, reader.roles)
            # As it was answered: what else was said does not count.
            for whom, key in endpoint.of.items():
                if params.get(whom):
                    noted[key] = self._audit.alias(params[whom])
            noted |= {"rows": told.rows} if told.status == 200 else {"came_to": told.status}
            self._audit.note(**noted, milliseconds=round(1000 * (time.monotonic() - begun)))
        except DwellError as error:
            return _Told(503, _written({"error": told_without_home(error, self.home)}))
        return told

    def _answer(self, home: Path, name: str, params: Mapping[str, str]) -> _Told:
        # By the answer, which says what of it a role may see, and by whose rows it is of.
        asked = (home, name, tuple(sorted(params.items())))
        kept = self._kept.get(asked)
        if kept and time.monotonic() < kept.until:
            return kept
        status, content = self._asked_now(home, name, params)
        rows = sum(len(content[each]) for each in ("sessions", "events") if each in content)
        told = _Told(status, _written(content), rows, time.monotonic() + _HOLDS_FOR)
        self._kept.pop(asked, None)
        while len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[asked] = told
        return told

    def _asked_now(
        self, home: Path, name: str, params: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        # What these bring along takes a second to load: who writes does not wait for it.
        from warehouse.live import answers

        try:
            live = self._live(home)
            seen = live.look()
            with seen.answering(live.home) as wh:
                shown = {}
                if name in answers.HAVE_TEXTS:
                    shown = {"shows_texts": self._settings_now().show_texts}
                content = getattr(answers, name)(seen, wh, params, **shown)
            if content.get("problem"):
                content["problem"] = told_without_home(content["problem"], home)
            return 200, content
        except ConfigError as error:
            return 400, {"error": told_without_home(error, home)}
        except answers.NotFound as error:
            return 404, {"error": str(error)}
        except (NoBuild, BuildError) as error:
            return 503, {"error": told_without_home(error, home)}
        except duckdb.Error:
            return 503, {"error": "The build is being exchanged for a newer one. Ask again."}

    def _live(self, home: Path) -> Any:
        from warehouse.live.live import BuildAlone, Live

        if home not in self._lives:
            is_whole = home == self.home
            self._lives[home] = (
                Live(home, self._settings_now, threads=1) if is_whole else BuildAlone(home)
            )
        return self._lives[home]

    def _settings_now(self) -> Settings:
        """Those of the file as it is now: a build may be of newer ones than this process."""
        return load_settings(self.home, self.settings.config)


def _refusal(reader: Visitor, endpoint: Endpoint) -> _Told:
    wanted, held = " or ".join(endpoint.roles), ", ".join(sorted(reader.roles))
    text = (
        f"{endpoint.path} tells of single people, for the role {wanted}. This token has: {held}. "
        "Who runs this Dwell gives others."
    )
    return _Told(403, _written({"error": text}))


def _written(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, default=_plain, ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    """Times as ISO text in UTC, which those of the warehouse are without saying so."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)
