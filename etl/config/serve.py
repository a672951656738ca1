"""How the dashboard is served: the table [serve] of dwell.toml. Never serves."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from etl.config.access import Access, scope_of
from etl.config.keys import KINDS, Kind, key, key_names, read_keys, refuse_unknown
from etl.config.login_names import folded, given_names
from etl.config.oidc import Oidc, oidc_of
from etl.errors import ConfigError

Network = IPv4Network | IPv6Network
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
_HEADER = re.compile(r"[a-z0-9-]+")
# Whoever looks may see the numbers. An analyst may also see single people, ask SQL and save files;
# an operator the health of the data and its builds.
VIEWER, ANALYST, OPERATOR = ROLES = ("viewer", "analyst", "operator")
Roles = tuple[tuple[str, frozenset[str]], ...]


def _words(written: Any) -> list[str]:
    items = [written] if isinstance(written, str) else written
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError(written)
    return [item.strip() for item in items]


def _list(written: Any) -> list[str]:
    return [item.lower() for item in _words(written)]


def _fitting(shape: re.Pattern[str], written: Any) -> tuple[str, ...]:
    items = _list(written)
    if not all(shape.fullmatch(item) for item in items):
        raise ValueError(written)
    return tuple(items)


def _networks(written: Any) -> tuple[Network, ...]:
    return tuple(ip_network(item) for item in _list(written))


def _header(written: Any) -> str:
    if not isinstance(written, str) or not _HEADER.fullmatch(written.lower()):
        raise ValueError(written)
    return written.lower()


def _roles(written: Any) -> Roles:
    if not isinstance(written, Mapping) or not written or not written.keys() <= set(ROLES):
        raise ValueError(written)
    return tuple((role, frozenset(map(folded, _words(of)))) for role, of in written.items())


_HEADER_NAME = Kind("the name of a header", _header)
_ROLES = Kind(
    f"a table of {', '.join(ROLES)}, each with a list of login names and group:NAMEs", _roles
)
_HOSTS = Kind("a list of names without scheme and port", lambda written: _fitting(_HOST, written))
_ORIGINS = Kind(
    "a list of sites, each whole and without a path", lambda written: _fitting(_ORIGIN, written)
)
_NETWORKS = Kind("a list of IP addresses or networks", _networks)


@dataclass(frozen=True)
class Serve:
    """The table [serve].

    hosts       names under which browsers open the dashboard, beside that of dashboard_url
    proxies     addresses of the proxies in front of it, whose word on the visit counts
    embed_in    sites whose pages may show it in a frame
    audit       whether it is noted who looks at what; None: where others reach the dashboard
    audit_keep  how long a day's notes are kept
    user_header    in which the proxies say who logged in; None where nobody does
    groups_header  in which they say the groups of that one, parted by commas
    login_for      how long an open page goes on without the proxy being asked again
    roles          who has which role: names and groups, with small letters
    oidc           the provider at which people log in here; None where they do not
    access         the scopes of rows, of the tables [access.NAME]
    """

    hosts: tuple[str, ...] = key((), kind=_HOSTS, example='["dwell.example.com"]')
    proxies: tuple[Network, ...] = key((), kind=_NETWORKS, example='["10.0.0.7", "10.1.0.0/16"]')
    embed_in: tuple[str, ...] = key((), kind=_ORIGINS, example='["https://wiki.example.com"]')

    audit: bool | None = key(None, kind=KINDS[bool])
    audit_keep: timedelta = key(timedelta(days=400))
    user_header: str | None = key(None, kind=_HEADER_NAME, example='"X-Forwarded-User"')
    groups_header: str | None = key(None, kind=_HEADER_NAME, example='"X-Forwarded-Groups"')
    login_for: timedelta = key(timedelta(hours=1))
    roles: Roles = key((), kind=_ROLES, example='{ analyst = ["ann@example.com", "group:data"] }')
    oidc: Oidc | None = None
    access: tuple[Access, ...] = ()

    @property
    def has_groups(self) -> bool:
        """Whether a login says groups: in a header, or in a claim."""
        return bool(self.groups_header or (self.oidc and self.oidc.groups_claim))

    @property
    def wants_groups(self) -> bool:
        """Whether a scope names groups, so that a login without any word on them tells nothing of
        which rows it may see."""
        return any(scope.groups for scope in self.access)

    @property
    def has_login(self) -> bool:
        """Whether anybody logs in: at the proxy, or here."""
        return bool(self.user_header or self.oidc)

    def is_proxy(self, address: str | None) -> bool:
        """Whether a connection from that address is one of a proxy that is believed."""
        try:
            parsed = ip_address(address or "")
        except ValueError:
            return False
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(parsed in network for network in self.proxies)

    def roles_of(self, name: str, groups: Iterable[str]) -> frozenset[str]:
        """The roles of who logged in; none where he may not look at all.

        Without [serve.roles] everybody has all. Everybody is a viewer unless a list says who is.
        """
        if not self.roles:
            return frozenset(ROLES)
        own = given_names(name, groups)
        found = {role for role, of in self.roles if own & of}
        if found or VIEWER not in dict(self.roles):
            found.add(VIEWER)
        return frozenset(found)

    def scope_of(self, name: str, groups: Iterable[str]) -> Access | None:
        """The scope of rows that who logged in so is under: the first that names him; or None."""
        return scope_of(self.access, name, groups)


def serve_of(raw: Any, config: Path | None) -> Serve:
    """The table [serve] of a configuration file. ConfigError for what it cannot hold."""
    if not isinstance(raw, Mapping):
        msg = f"'serve' in {config} is not a table. Write [serve] and its keys below."
        raise ConfigError(msg)
    refuse_unknown(raw, (*key_names(Serve), "oidc"), "[serve]")
    serve = Serve(**read_keys(Serve, raw, "table [serve]"))
    if "oidc" in raw:
        serve = replace(serve, oidc=oidc_of(raw["oidc"]))
    if serve.user_header and serve.oidc:
        msg = "The table [serve] has user_header and oidc. Keep one of them: people log in once."
        raise ConfigError(msg)
    if serve.user_header and not serve.proxies:
        msg = (
            "The table [serve] has user_header and no proxies, so that anybody could say who he "
            "is. Wanted: the addresses of the proxies that log people in. Add proxies = [...]."
        )
        raise ConfigError(msg)
    if not serve.has_login and (serve.groups_header or serve.roles):
        msg = (
            "The table [serve] has roles or groups_header, and nobody logs in. Wanted: the header "
            "in which the proxy says who it is, or a provider. Add user_header or [serve.oidc], or "
            "take them out."
        )
        raise ConfigError(msg)
    return serve


def name_of_address(address: str) -> tuple[str, ...]:
    """The host name of an address such as dashboard_url, alone in a list; none of an empty one."""
    name = urlsplit(address).hostname
    return (name,) if name else ()
