"""The provider at which people log in: the table [serve.oidc] of dwell.toml. Never asks it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from etl.config.collect import given_or_set
from etl.config.keys import ADDRESS, key, key_names, read_keys, refuse_unknown
from etl.errors import ConfigError

_NEEDED = ("provider", "client_id", "client_secret_env")


@dataclass(frozen=True)
class Oidc:
    """The table [serve.oidc].

    provider           address of the provider, below which its /.well-known/ lies
    client_id          of Dwell there; client_secret_env names the variable with the secret
    name_claim         what of a login is the name; groups_claim: what its groups are
    login_for          how long a login holds
    """

    provider: str = key(kind=ADDRESS, example='"https://login.example.com/realms/staff"')
    client_id: str = key(example='"dwell"')
    client_secret_env: str = key(example='"DWELL_OIDC_SECRET"')
    name_claim: str = key("email")
    groups_claim: str | None = key(None, example='"groups"')
    login_for: timedelta = key(timedelta(hours=8))

    @property
    def discovery(self) -> str:
        """The address at which the provider says what it offers."""
        return f"{self.provider}/.well-known/openid-configuration"

    def secret(self) -> str:
        """The secret of the environment. ConfigError when it is not set."""
        found = given_or_set(None, self.client_secret_env, "client_secret_env of [serve.oidc]")
        assert found is not None
        return found


def oidc_of(raw: Any) -> Oidc:
    """The table [serve.oidc]. ConfigError for what it cannot hold, or lacks."""
    if not isinstance(raw, Mapping):
        msg = "'oidc' of [serve] is not a table. Write [serve.oidc] and its keys below."
        raise ConfigError(msg)
    refuse_unknown(raw, key_names(Oidc), "[serve.oidc]")
    for name in _NEEDED:
        if name not in raw:
            msg = f"The table [serve.oidc] has no {name}. Wanted: {', '.join(_NEEDED)}. Add it."
            raise ConfigError(msg)
    return Oidc(**read_keys(Oidc, raw, "table [serve.oidc]"))
