"""Who asks over HTTP, by the one Bearer token of a request. Knows no server."""

import hmac
import os
from collections.abc import Iterable
from pathlib import Path

from etl.config.access import named_scope, whole_home
from etl.config.settings import Settings
from etl.config.tokens import Token, digest_of, digests
from etl.errors import ConfigError, NoBuild
from warehouse.build_files import read_pointer
from warehouse.scopes import scope_folder
from warehouse.serving import Visitor

Headers = Iterable[tuple[bytes, bytes]]
# How a server says what it wants. No more: nothing tells which part of a request was wrong.
CHALLENGE = ("www-authenticate", 'Bearer realm="dwell"')
WANTED = (
    "Wanted: one header Authorization with a token of dwell.toml: 'Authorization: Bearer …'. Ask "
    "whoever runs this Dwell for a token."
)


class Bearers:
    """The tokens of dwell.toml, as hashes. `visitors`: who asks by each, by its name.

    ConfigError where the secret of one is not there, can be guessed, or is that of another.
    """

    def __init__(self, settings: Settings) -> None:
        self._known = digests(settings.tokens)
        self.visitors = {token.name: visitor_of_token(settings, token) for token in settings.tokens}

    def __bool__(self) -> bool:
        """Whether there is any token."""
        return bool(self._known)

    def name_of(self, headers: Headers) -> str | None:
        """The name of a request's token; None where it has none, another, or more than one."""
        token = self._named(bearer_secret(headers))
        return token.name if token else None

    def refuse_shared(self, secret: str | None, what: str) -> None:
        """ConfigError when a secret that stands for something else is a token as well."""
        token = self._named(secret.encode()) if secret else None
        if token:
            msg = (
                f"[tokens.{token.name}] has the same secret as {what}. Give the token one of its "
                "own: 'openssl rand -hex 32' makes one."
            )
            raise ConfigError(msg)

    def _named(self, secret: bytes | None) -> Token | None:
        if secret is None:
            return None
        given, found = digest_of(secret), None
        # All are compared, each in the same time: how long it takes tells nothing.
        for digest, token in self._known.items():
            if hmac.compare_digest(digest, given):
                found = token
        return found


def bearer_secret(headers: Headers) -> bytes | None:
    """What stands behind the word Bearer in the one header Authorization; None without one."""
    sent = [value for name, value in headers if name.lower() == b"authorization"]
    if len(sent) != 1:
        return None
    scheme, _, secret = sent[0].partition(b" ")
    return secret.strip(b" \t") if scheme.lower() == b"bearer" else None


def visitor_of_token(settings: Settings, token: Token) -> Visitor:
    """Who asks by a token, in its roles and under its scope. ConfigError for an unknown one."""
    scope = None if token.scope is None else named_scope(settings.access, token.scope)
    return Visitor(token.name, token.roles, scope)


def refuse_keys_of_pages(bearers: Bearers, settings: Settings) -> None:
    """ConfigError when a token is a write key as well, which stands in pages for all to see.

    Those of variables that this process does not have are not known to it.
    """
    for source in settings.sources:
        written = source.write_key or os.environ.get(source.write_key_env or "")
        bearers.refuse_shared(written, f"the write key of source '{source.name}'")


def home_of(home: Path, visitor: Visitor) -> Path:
    """The folder that is the home of whoever asks: under a scope, that of its rows alone, whether
    there is a build yet or not.
    """
    return home if visitor.scope is None else scope_folder(home, visitor.scope)


def refuse_unmade(home: Path) -> None:
    """NoBuild, without a path, where a home is of a scope and no build was copied for it yet."""
    if whole_home(home) != home and read_pointer(home) is None:
        msg = (
            "There is no build of your scope yet: one is copied after each load. Ask again later, "
            "or have whoever runs this Dwell run 'dwell build'."
        )
        raise NoBuild(msg)
