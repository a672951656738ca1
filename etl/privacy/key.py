"""The key of the pseudonyms: where it comes from, whether it is the home's, and the one before.

The home never holds a key, but what tells one from another: a check made with it. A wrong key would
make strangers of all whom the home knows.
"""

import hmac
import json
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unicodedata import normalize

from etl.config.redact import KeyPlaces, Redact, Rules
from etl.duck import connect
from etl.durable import write_json
from etl.errors import ConfigError, SourceError
from etl.lake.state import LakeState
from etl.lake.store import Lake
from etl.privacy.pseudonyms import PREFIX, Pseudonyms

USUAL_ENV = "DWELL_PSEUDONYM_KEY"
FILE = "pseudonym_key.json"
_SHORTEST = 32
_HOW = (
    "Make one with 'openssl rand -hex 32', and keep a copy elsewhere: without it nobody who was "
    "there before is known again (docs/privacy.md)."
)


@dataclass(frozen=True)
class Turn:
    """A key that came into force: its check, and when (ISO, UTC)."""

    check: str
    since: str


def pseudonyms_of(
    redact: Redact,
    rules: Iterable[Rules],
    lake: Lake,
    state: LakeState | None,
    now: datetime,
    *,
    is_reader: bool = False,
) -> Pseudonyms | None:
    """What makes pseudonyms in a home, by its key; None without a key where no rules need one.

    ConfigError without a key that is needed, and for one that is not the home's. A new key whose
    old one is given beside it comes into force. Hold the lock; but a reader needs none, and has
    nothing come into force. `state`: of the lake, which is looked at if need be.
    """
    rules = [one for one in rules if one.needs_key or one.patterns or one.own]
    if not rules:
        return None
    key = _key(redact.keys, "")
    if key is None:
        if any(one.needs_key for one in rules):
            msg = (
                f"[redact] of dwell.toml asks for pseudonyms, and there is no key. Set {USUAL_ENV} "
                f"in the environment, or name a file with key_file. {_HOW} Nothing was read."
            )
            raise ConfigError(msg)
        return None
    old = _key(redact.keys, "old_")
    turns = _settled(lake.root / FILE, key, old, now, is_reader=is_reader)
    turn = turns[-1]
    since = datetime.fromisoformat(turn.since)
    is_linking = (
        old is not None
        and len(turns) > 1
        and turns[-2].check == _check(old)
        and now < since + redact.keys.linking
    )
    if not is_linking:
        return Pseudonyms(key)
    return Pseudonyms(key, old, _known(state or lake.state(), since, redact.keys.linking))


def _key(places: KeyPlaces, which: str) -> bytes | None:
    """The key, or the one before it. ConfigError where it cannot be read, or is no secret."""
    path: Path | None = getattr(places, f"{which}key_file")
    variable: str | None = getattr(places, f"{which}key_env")
    if path is not None:
        return _long_enough(_in_file(path, f"{which}key_file"), str(path))
    if variable is None:
        variable = USUAL_ENV
        if which or not os.environ.get(variable):
            return None
    if not os.environ.get(variable):
        msg = (
            f"The environment has no {_shown(variable)}, which {which}key_env of [redact] names. "
            "Set it and run again."
        )
        raise ConfigError(msg)
    return _long_enough(os.environ[variable], variable)


def _in_file(path: Path, name: str) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            msg = (
                f"The {name} {path} has mode {mode:o}: others may read it. Wanted: 600. Say "
                f"'chmod 600 {path}'."
            )
            raise ConfigError(msg)
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no plain text"
        msg = (
            f"The {name} {_shown(path)} cannot be read: {why}. Mend its path or permissions. {_HOW}"
        )
        raise ConfigError(msg) from None


def _shown(place: object) -> str:
    """A place as people may see it: where its name is wanted, the key itself may stand."""
    text = str(place)
    return "…" if re.search(r"[0-9A-Za-z+=]{32}", text) else text


def _long_enough(text: str, where: str) -> bytes:
    key = text.strip()
    if len(key) < _SHORTEST or len(set(key)) < 8:
        msg = (
            f"The key in {where} is too easy to guess. Wanted: {_SHORTEST} characters or more, by "
            f"chance. {_HOW}"
        )
        raise ConfigError(msg)
    return key.encode()


def _check(key: bytes) -> str:
    return hmac.digest(key, b"which key of Dwell this is", "sha256").hex()[:16]


def _settled(
    path: Path, key: bytes, old: bytes | None, now: datetime, *, is_reader: bool
) -> list[Turn]:
    """The keys of the home in their order, of which this one is the last."""
    turns = _read(path)
    check = _check(key)
    if turns and turns[-1].check == check:
        return turns
    if turns and (old is None or _check(old) != turns[-1].check):
        msg = (
            f"The key of the pseudonyms is not the one that this home was loaded with since "
            f"{turns[-1].since[:10]} ({path}): everybody would get a new name. Set the key of "
            "before. To change it on purpose, name the one of before as old_key_env or "
            "old_key_file in [redact]; where it is lost, remove that file. Nothing was read."
        )
        raise ConfigError(msg)
    turns.append(Turn(check, now.astimezone(UTC).isoformat()))
    if is_reader:
        return turns
    write_json(path, {"keys": [{"check": turn.check, "since": turn.since} for turn in turns]})
    return turns


def _read(path: Path) -> list[Turn]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [Turn(str(one["check"]), str(one["since"])) for one in content["keys"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = (
            f"{path}, which tells the key of the pseudonyms from others, cannot be read: {error}. "
            "Restore it from a backup, or remove it if the key is the one of before."
        )
        raise SourceError(msg) from error


def _known(state: LakeState, since: datetime, linking: timedelta) -> frozenset[str]:
    """The pseudonyms of people of the lake who were there so long before the key was changed."""
    first = (since - linking).astimezone(UTC).replace(tzinfo=None)
    files = [
        str(state.path_of(file))
        for file in state.of_kind("events")
        if datetime.fromisoformat(file.last_time) >= first
    ]
    if not files:
        return frozenset()
    with connect() as con:
        rows = con.execute(
            "select distinct unnest([event_id, user_id, anonymous_id, tracker_session_id, chat_id])"
            " as id from read_parquet($files, hive_partitioning = false, union_by_name = true) "
            "where event_time >= $first",
            {"files": files, "first": first},
        ).fetchall()
    return frozenset(one for (one,) in rows if one and one.startswith(PREFIX))


def names_of(
    user_id: str, redact: Redact, rules: Iterable[Rules], lake: Lake, state: LakeState
) -> tuple[str, ...]:
    """What a home may call somebody: the id itself, and its pseudonyms by the key of now and by the
    one before, as far as they are given. ConfigError without a key that the rules need.
    """
    told = normalize("NFC", user_id).strip()
    now = datetime.now(UTC)
    if pseudonyms_of(redact, rules, lake, state, now, is_reader=True) is None:
        return (told,)
    keys = [key for which in ("", "old_") if (key := _key(redact.keys, which))]
    return tuple(dict.fromkeys([told, *(Pseudonyms(key).of(told) for key in keys)]))
