"""The address of a webhook. It is a secret as a whole: who knows it may write there."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from etl.config.hosts import is_loopback
from etl.errors import ConfigError

_WHOLE = re.compile(r"https?://[\x21-\x7e]+", re.IGNORECASE)


@dataclass(frozen=True)
class WebhookAddress:
    """Where a webhook is. `shown`: its host, and the port if it is named: all that is ever told.

    `target`: path and query. `login`: user and password, where it begins with them.
    """

    is_encrypted: bool
    host: str
    port: int
    shown: str
    target: str = field(repr=False)
    login: str | None = field(default=None, repr=False)


def webhook_address(written: str, where: str, *, insecure: bool = False) -> WebhookAddress:
    """The parts of an address. ConfigError, which does not show it, for what is none, and for
    http:// to another machine unless that is `insecure` on purpose. `where`: what is told of it.
    """
    try:
        if not _WHOLE.fullmatch(written):
            raise ValueError
        parts = urlsplit(written)
        host, port = parts.hostname, parts.port
        if not host or port == 0:
            raise ValueError
    except ValueError:
        msg = (
            f"The {where} is no address of a webhook. Wanted: one such as "
            "https://hooks.example.com/services/…, without blanks and signs beyond ASCII."
        )
        raise ConfigError(msg) from None
    is_encrypted = parts.scheme == "https"
    if not is_encrypted and not insecure and not is_loopback(host):
        msg = (
            f"The {where} is http:// to {host}: everybody on the way could read the address and "
            "write there as well. Wanted: https://. Within a network of your own write "
            "insecure = true."
        )
        raise ConfigError(msg)
    login, at, shown = parts.netloc.rpartition("@")
    return WebhookAddress(
        is_encrypted=is_encrypted,
        host=host,
        port=port or (443 if is_encrypted else 80),
        shown=shown,
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        login=unquote(login) if at else None,
    )
