"""Tokens of programs that ask Dwell over HTTP: [tokens.NAME] of dwell.toml.

A token says who asks, in which roles and, with a scope, of which rows. Its secret stands elsewhere;
it is asked for when a server starts, kept as a hash, and never shown.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from etl.config.keys import Kind, key, key_names, read_keys, refuse_unknown
from etl.config.login_names import folded
from etl.config.secrets import SECRET_FILE, VARIABLE, of_private_file, of_variable
from etl.config.serve import OPERATOR, ROLES, VIEWER
from etl.errors import ConfigError, did_you_mean

_PLACES = ("token_env", "token_file", "token_sha256")
_EXAMPLE = 'token_env = "DWELL_TOKEN_ANN"'
_HOW = "'openssl rand -hex 32' makes one."
_SHORTEST = 24
# Of one letter again and again even a long one is guessed.
_FEWEST_SIGNS = 8
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
# What a client may send behind the word Bearer.
_SENT = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def _hash(written: Any) -> bytes:
    # In its place the token itself may stand.
    if not isinstance(written, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", written):
        raise ValueError(written)
    return bytes.fromhex(written)


def _roles(written: Any) -> frozenset[str]:
    roles = [written] if isinstance(written, str) else written
    if not isinstance(roles, list) or not roles or not all(role in ROLES for role in roles):
        raise ValueError(written)
    # The numbers are for everybody who may ask, as for everybody who logs in.
    return frozenset({*roles, VIEWER})


_HASH = Kind("the SHA-256 of the token, as 64 hexadecimal digits", _hash)
_ROLES = Kind(f"a list of {', '.join(ROLES)}", _roles)


@dataclass(frozen=True)
class Token:
    """One token. Its secret is in a variable, in a file, or told by its hash.

    roles  what it may ask: numbers (viewer, which each is), rows and SQL too (analyst), the health
           of the data (operator)
    scope  the name of the [access.NAME] whose rows it is told; None: all
    """

    name: str
    token_env: str | None = key(None, kind=VARIABLE, example='"DWELL_TOKEN_ANN"')
    token_file: Path | None = key(None, kind=SECRET_FILE, example='"secrets/ann"')
    token_sha256: bytes | None = key(None, kind=_HASH, repr=False)
    roles: frozenset[str] = key(frozenset(), kind=_ROLES, example='["analyst"]')
    scope: str | None = key(None, example='"team_a"')

    def digest(self) -> bytes:
        """The SHA-256 of its secret. ConfigError where that is not there, or can be guessed."""
        if self.token_sha256:
            return self.token_sha256
        if self.token_env:
            where = f"token_env of [tokens.{self.name}]"
            secret = of_variable(self.token_env, where, again="start")
        else:
            assert self.token_file
            where = f"token_file of [tokens.{self.name}]"
            secret = of_private_file(self.token_file, where)
        _refuse_weak(secret, where)
        return digest_of(secret.encode())


def digest_of(secret: bytes) -> bytes:
    """What is kept of a secret, and compared. A token is long and random: it needs no salt."""
    return sha256(secret).digest()


def tokens_of(raw: Any, config: Path | None) -> tuple[Token, ...]:
    """The tokens of a configuration file, in its order. ConfigError for what cannot be one."""
    if not isinstance(raw, Mapping):
        msg = (
            f"'tokens' in {config} is not a table. Write [tokens.NAME], and below it {_EXAMPLE} "
            'and roles = ["analyst"].'
        )
        raise ConfigError(msg)
    tokens = tuple(_token(name, entry, config) for name, entry in raw.items())
    _refuse_same_names(tokens)
    return tokens


def refuse_unknown_scopes(tokens: Iterable[Token], access: Iterable[str]) -> None:
    """ConfigError for a token whose scope is no [access.NAME]."""
    known = tuple(access)
    for token in tokens:
        if token.scope is not None and token.scope not in known:
            near = did_you_mean(token.scope, known) if known else "There is no [access.NAME] yet."
            msg = (
                f"[tokens.{token.name}] has scope = {token.scope!r}. Wanted: the name of an "
                f"[access.NAME]. {near}"
            )
            raise ConfigError(msg)


def digests(tokens: Iterable[Token]) -> dict[bytes, Token]:
    """The tokens by the hashes of their secrets.

    ConfigError where a secret is not there, can be guessed, or is that of another token too.
    """
    found: dict[bytes, Token] = {}
    for token in tokens:
        digest = token.digest()
        if digest in found:
            msg = (
                f"[tokens.{found[digest].name}] and [tokens.{token.name}] have the same token. "
                f"Give each its own: by it Dwell knows who asks. {_HOW}"
            )
            raise ConfigError(msg)
        found[digest] = token
    return found


def _token(name: str, entry: Any, config: Path | None) -> Token:
    if not _NAME.fullmatch(name):
        msg = (
            f"A token in {config} has the name {name[:80]!r}. Wanted: up to 64 letters, digits and "
            "_ . - in ASCII, beginning with a letter or digit, such as [tokens.ann]."
        )
        raise ConfigError(msg)
    where = f"[tokens.{name}]"
    if not isinstance(entry, Mapping):
        msg = f"{where} is not a table. Write {where}, and below it {_EXAMPLE}."
        raise ConfigError(msg)
    refuse_unknown(entry, key_names(Token), where)
    given = [place for place in _PLACES if place in entry]
    if len(given) != 1:
        met = f"has {' and '.join(given)}" if given else "does not say where its secret is"
        msg = f"{where} {met}. Wanted: one of {', '.join(_PLACES)}, such as {_EXAMPLE}. {_HOW}"
        raise ConfigError(msg)
    if "roles" not in entry:
        msg = f'{where} has no roles. Write below it for example roles = ["analyst"].'
        raise ConfigError(msg)
    values = read_keys(Token, entry, f"table {where}")
    if "token_file" in values and config is not None:
        values["token_file"] = config.parent / values["token_file"]
    token = Token(name, **values)
    if token.scope is not None and OPERATOR in token.roles:
        msg = (
            f"{where} has a scope and the role operator: the health of the data is of all rows. "
            "Take one of them out, or make two tokens."
        )
        raise ConfigError(msg)
    return token


def _refuse_same_names(tokens: Iterable[Token]) -> None:
    """ConfigError for two names that differ in capitals alone: people take them for one."""
    known: dict[str, str] = {}
    for token in tokens:
        other = known.setdefault(folded(token.name), token.name)
        if other != token.name:
            msg = (
                f"[tokens.{other}] and [tokens.{token.name}] differ in capitals alone. Wanted: "
                "names that nobody takes for one. Rename one of them."
            )
            raise ConfigError(msg)


def _refuse_weak(secret: str, where: str) -> None:
    """ConfigError for what could be guessed, or not be sent. Tells nothing of the secret."""
    if len(secret) < _SHORTEST or len(set(secret)) < _FEWEST_SIGNS:
        msg = (
            f"The token that {where} names can be guessed. Wanted: {_SHORTEST} signs or more, at "
            f"random. {_HOW}"
        )
        raise ConfigError(msg)
    if not _SENT.fullmatch(secret):
        msg = (
            f"The token that {where} names has signs that no client may send. Wanted: letters and "
            f"digits in ASCII, and . _ ~ + / - (= at its end). {_HOW}"
        )
        raise ConfigError(msg)
