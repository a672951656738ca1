"""What the dashboard's server goes by, as the dwell.toml of a home says it. Never serves."""

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from etl.config.access import Access, whole_home
from etl.config.hosts import is_loopback as is_loopback
from etl.config.serve import ANALYST as ANALYST
from etl.config.serve import OPERATOR as OPERATOR
from etl.config.serve import ROLES as ROLES
from etl.config.serve import VIEWER as VIEWER
from etl.config.serve import Serve as Serve
from etl.config.serve import name_of_address
from etl.config.settings import Settings, load_settings
from etl.errors import ConfigError

# Of the environment: what cookies of logins are signed with, so that they outlive the server.
COOKIE_SECRET = "DWELL_COOKIE_SECRET"


@dataclass(frozen=True)
class Visitor:
    """One who looks. `name`: of the login; None where nobody logs in. `scope`: the rows that this
    one sees alone; None: all. `lacks_groups`: whether the login did not say by which groups that
    is to be known, so that there is no role."""

    name: str | None = None
    roles: frozenset[str] = frozenset(ROLES)
    scope: Access | None = None
    lacks_groups: bool = False

    def may(self, role: str) -> bool:
        """Whether the visitor has that role."""
        return role in self.roles

    @classmethod
    def of_login(cls, serve: Serve, name: str, groups: Sequence[str] | None) -> Self:
        """Who logged in by that name, with these groups; None where nothing that can be read was
        said of them."""
        if groups is None and serve.wants_groups:
            # Perhaps of one whose scope has no other rows: nobody knows.
            return cls(name, frozenset(), lacks_groups=True)
        groups = groups or ()
        scope, roles = serve.scope_of(name, groups), serve.roles_of(name, groups)
        # Loads, builds and their health are of the whole product.
        return cls(name, roles - {OPERATOR} if scope else roles, scope)

    @property
    def without_roles(self) -> str:
        """What to say to who is logged in and has no role."""
        if self.lacks_groups:
            return (
                "You are logged in, and your login does not say in which groups you are: so nobody "
                "knows which rows you may see, and you are shown none. Log in anew; or ask who "
                "runs Dwell, whose login has to name the groups of everybody, also where there "
                "are none."
            )
        return (
            "You are logged in, and have no role in this dashboard. Ask who runs Dwell for one: "
            "[serve.roles] gives them."
        )


def serving_of(home: Path | str | None = None) -> tuple[Serve, frozenset[str]]:
    """The table [serve], and every name under which browsers may open the dashboard.

    ConfigError where dwell.toml does not fit.
    """
    settings = load_settings(home)
    names = (*settings.serve.hosts, *name_of_address(settings.dashboard_url))
    return settings.serve, frozenset(names)


def visitor_of(serve: Serve, users: Sequence[str], groups: Sequence[str]) -> Visitor | None:
    """Who a request is of, by all values that its headers of user and groups have.

    None where it says no one name, or more than one. Without a login it is of nobody in particular.
    A header of groups that is empty says that there are none; one that is not there says nothing.
    """
    if not serve.user_header:
        return Visitor()
    if len(users) != 1 or not (name := _text(users[0])):
        return None
    named = [word for value in groups for each in value.split(",") if (word := _text(each))]
    return Visitor.of_login(serve, name, named if groups else None)


def visitor_of_login(serve: Serve, claims: Mapping[str, Any], now: float) -> Visitor | None:
    """Who logged in at the provider, by what it said of that login at Unix time `iat`.

    None where nobody did, for another client than this, too long ago, or without a name.
    """
    oidc = serve.oidc
    if oidc is None or not claims.get("is_logged_in"):
        return None
    meant = claims.get("aud")
    begun, name = claims.get("iat"), claims.get(oidc.name_claim)
    if oidc.client_id not in (meant if isinstance(meant, list) else [meant]):
        return None
    if not isinstance(begun, int | float) or now >= begun + oidc.login_for.total_seconds():
        return None
    # Some let people write any address of which they never saw a mail.
    is_verified = claims.get("email_verified", True)
    if oidc.name_claim == "email" and is_verified not in (True, "true"):
        return None
    if not isinstance(name, str) or not name.strip():
        return None
    return Visitor.of_login(serve, name.strip(), _claimed(claims, oidc.groups_claim))


def told_without_home(problem: object, home: Path) -> str:
    """What went wrong, for who is not told where the home lies, or which folder a scope has."""
    text = str(problem)
    homes = {each for one in (home, whole_home(home)) for each in (one.absolute(), one.resolve())}
    for each in sorted(map(str, homes - {Path("/")}), key=len, reverse=True):
        text = text.replace(each, "the home")
    return text


def check_login(settings: Settings) -> None:
    """ConfigError where people could not log in at the provider of [serve.oidc]."""
    oidc = settings.serve.oidc
    if oidc is None:
        return
    if not settings.dashboard_url:
        msg = (
            "People log in at a provider ([serve.oidc]), and nothing says where it leads them back "
            "to. Wanted: the address of the dashboard. Set dashboard_url, and name its "
            "/oauth2callback at the provider."
        )
        raise ConfigError(msg)
    if find_spec("authlib") is None or find_spec("httpx") is None:
        msg = (
            "People log in at a provider ([serve.oidc]), which wants the extra 'auth', and it is "
            "not installed. Run 'make auth'."
        )
        raise ConfigError(msg)
    oidc.secret()


def login_secrets(home: Path | str | None) -> dict[str, Any]:
    """What Streamlit's login goes by; empty without [serve.oidc]."""
    settings = load_settings(home)
    oidc = settings.serve.oidc
    if oidc is None:
        return {}
    return {
        "auth": {
            "redirect_uri": f"{settings.dashboard_url}/oauth2callback",
            "cookie_secret": os.environ.get(COOKIE_SECRET) or secrets.token_hex(32),
            "client_id": oidc.client_id,
            "client_secret": oidc.secret(),
            "server_metadata_url": oidc.discovery,
        }
    }


def _claimed(claims: Mapping[str, Any], name: str | None) -> list[str] | None:
    """The groups of a claim: a list of words, or one. None where it is not there, or holds what
    names no group; and where the provider says that they are told elsewhere, as they are too many.
    """
    elsewhere = claims.get("_claim_names")
    if name is None or (isinstance(elsewhere, Mapping) and name in elsewhere):
        return None
    groups = claims.get(name)
    words = [groups] if isinstance(groups, str) else groups
    if not isinstance(words, list) or not all(type(word) in (str, int) for word in words):
        return None
    return [word for each in words if (word := str(each).strip())]


def _text(value: str) -> str:
    """A header's value, of which the bytes are UTF-8 and were read as Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return value.strip()
