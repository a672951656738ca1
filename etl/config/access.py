"""Scopes of rows: the tables [access.NAME] of dwell.toml, and who is under one. Cuts nothing.

What their conditions name, the warehouse knows.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etl.config.keys import Kind, key, key_names, read_keys, refuse_unknown
from etl.config.login_names import GROUP, folded, given_names, loosened
from etl.errors import ConfigError

# In a home, the folder of all of them.
SCOPES = "scopes"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
# Of one: no other home is taken for it, wherever that lies.
_FOLDER = re.compile(r"[a-z0-9_-]+-[0-9a-f]{12}")
_EXAMPLE = 'where = { source = ["web"] } and users = ["ann@example.com"]'


def _where(written: Any) -> Mapping[str, Any]:
    if not isinstance(written, Mapping) or not written:
        raise ValueError(written)
    return dict(written)


def _words(written: Any) -> list[str]:
    items = [written] if isinstance(written, str) else written
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError(written)
    return [item.strip() for item in items]


def _names(written: Any) -> frozenset[str]:
    names = frozenset(map(loosened, _words(written)))
    # Nobody has such a name: whom it means would see all rows.
    if any(not name or name.startswith(GROUP) for name in names):
        raise ValueError(written)
    return names


def _excepted(written: Any) -> frozenset[str]:
    return frozenset(map(folded, _words(written)))


_CONDITIONS = Kind('a table of conditions such as { source = ["web"] }', _where)
_USERS = Kind("a list of login names; groups stand in groups", _names)
_GROUPS = Kind('a list of names of groups, each as the login says it, without "group:"', _names)
_EXCEPT = Kind("a list of login names and group:NAMEs", _excepted)


@dataclass(frozen=True)
class Access:
    """One scope: its rows, and who sees no others.

    where     conditions by name, as they are written
    users     login names, as `loosened` has them
    groups    names of groups, likewise
    everyone  all that no scope before it names are under it
    but       but these: login names and group:NAMEs, as strict as those of roles
    shows_configured  whether what dwell.toml tells of the product is told here too
    place     where it stands, for errors
    """

    name: str
    where: Mapping[str, Any] = key(kind=_CONDITIONS, factory=dict)
    users: frozenset[str] = key(frozenset(), kind=_USERS)
    groups: frozenset[str] = key(frozenset(), kind=_GROUPS)
    everyone: bool = key(False)
    but: frozenset[str] = key(
        frozenset(), kind=_EXCEPT, name="except", example='["ann@example.com", "group:admins"]'
    )
    shows_configured: bool = key(False)
    place: str = field(default="", compare=False)

    def is_of(self, name: str, groups: Iterable[str]) -> bool:
        """Whether who logged in so is under it."""
        known = tuple(groups)
        # Some say all in one word.
        words = (word for group in known for word in (group, *group.split(",")))
        if loosened(name) in self.users or not self.groups.isdisjoint(map(loosened, words)):
            return True
        return self.everyone and not self.but & given_names(name, known)

    @property
    def names_groups(self) -> bool:
        """Whether it goes by the groups of who logs in."""
        return bool(self.groups) or any(name.startswith(GROUP) for name in self.but)

    @property
    def folder(self) -> str:
        """Its folder below SCOPES: other conditions are another one, never those of before."""
        text = json.dumps(self.where, sort_keys=True, default=str)
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def access_of(raw: Any, config: Path | None) -> tuple[Access, ...]:
    """The scopes in the order of the file. ConfigError for what cannot be one."""
    if not isinstance(raw, Mapping):
        msg = f"'access' in {config} is not a table. Write [access.NAME], and below it {_EXAMPLE}."
        raise ConfigError(msg)
    return tuple(_access(name, entry, config) for name, entry in raw.items())


def scope_of(scopes: Iterable[Access], name: str, groups: Iterable[str]) -> Access | None:
    """The first scope that names who logged in so; None: all rows."""
    known = tuple(groups)
    return next((scope for scope in scopes if scope.is_of(name, known)), None)


def named_scope(scopes: Iterable[Access], name: str) -> Access:
    """The scope of that name. ConfigError, with the known ones, where there is none."""
    known = {scope.name: scope for scope in scopes}
    if name not in known:
        names = ", ".join(known) or f"none; write [access.{name}]"
        msg = f"There is no scope '{name}' in dwell.toml. Known: {names}."
        raise ConfigError(msg)
    return known[name]


def whole_home(home: Path) -> Path:
    """The home that a scope's folder is in; any other as it is."""
    is_scope = home.parent.name == SCOPES and _FOLDER.fullmatch(home.name)
    return home.parents[1] if is_scope else home


def refuse_unknown_people(scopes: Iterable[Access], *, has_login: bool, has_groups: bool) -> None:
    """ConfigError for a scope of people where nobody logs in, or of groups where no login says
    any: all rows would be seen by all.
    """
    for scope in scopes:
        if not has_login and (scope.users or scope.groups or scope.everyone):
            msg = (
                f"{scope.place} names people, and nobody logs in. Wanted: the header in which the "
                "proxy says who it is, or a provider. Add user_header or [serve.oidc] to [serve], "
                "or take them out."
            )
            raise ConfigError(msg)
        if not has_groups and scope.names_groups:
            msg = (
                f"{scope.place} names groups, and no login says any, so that nobody would be in "
                "one. Wanted: the header in which the proxy says them, or the claim in which the "
                "provider does. Add groups_header to [serve] or groups_claim to [serve.oidc], or "
                "take the groups out."
            )
            raise ConfigError(msg)


def _access(name: str, entry: Any, config: Path | None) -> Access:
    where = f"[access.{name}]"
    if not _NAME.fullmatch(name):
        msg = (
            f"The scope '{name}' of {config} cannot be named so. Wanted: up to 60 lower-case "
            "letters, digits, - and _, such as team_a."
        )
        raise ConfigError(msg)
    if not isinstance(entry, Mapping):
        msg = f"{where} is not a table. Write {where}, and below it {_EXAMPLE}."
        raise ConfigError(msg)
    if "where" not in entry:
        msg = f"{where} has no where, and would let all rows be seen. Add {_EXAMPLE}."
        raise ConfigError(msg)
    refuse_unknown(entry, key_names(Access), where)
    values = read_keys(Access, entry, f"table {where}")
    if "except" in entry and not values.get("everyone"):
        msg = (
            f"{where} has except and no everyone, so that there is nobody to leave out. Add "
            "everyone = true, or take except out."
        )
        raise ConfigError(msg)
    return Access(name, **values, place=f"{where} of {config}")
