"""Who gets messages, and the server of all mail: [receivers.NAME] and [smtp] of dwell.toml.

They shape no number. Secrets are asked for when a message is sent, and never shown.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from etl.config.hosts import is_loopback
from etl.config.keys import Kind, key, key_names, one_of, read_keys, refuse_unknown
from etl.config.mail_addresses import MAIL_ADDRESS, MAIL_ADDRESSES
from etl.config.secrets import SECRET_FILE, VARIABLE, of_file, of_variable
from etl.config.webhook_address import WebhookAddress, webhook_address
from etl.errors import ConfigError
from etl.home_files import refuse_own_file

WAYS = ("webhook", "webhook_env", "webhook_file", "mail", "file")
_STYLES = ("json", "slack")
# The port that each is usual at.
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_EXAMPLE = 'webhook_env = "OPS_WEBHOOK"'
_USUAL_PASSWORD = "DWELL_SMTP_PASSWORD"


def _host(written: Any) -> str:
    if not isinstance(written, str) or not re.fullmatch(r"[\w.-]+|\[?[0-9a-f:]+\]?", written):
        raise ValueError(written)
    return written.strip("[]")


def _port(written: Any) -> int:
    if type(written) is not int or not 0 < written < 65536:
        raise ValueError(written)
    return written


_HOST = Kind('the name of a host such as "mail.example.com"', _host)
_PORT = Kind("the number of a port such as 587", _port)


@dataclass(frozen=True)
class Receiver:
    """One receiver: a webhook, addresses of mail, or a file, which is seen from the home.

    style     of a webhook: "json", the whole message, or "slack", its text as Slack wants it
    insecure  whether the webhook may be http:// to another machine
    """

    name: str
    webhook: str | None = key(None, repr=False)
    webhook_env: str | None = key(None, kind=VARIABLE, example='"OPS_WEBHOOK"')
    webhook_file: Path | None = key(None, kind=SECRET_FILE, example='"secrets/ops"')
    style: str = key("json", kind=one_of(*_STYLES))
    insecure: bool = key(False)
    mail: tuple[str, ...] = key((), kind=MAIL_ADDRESSES)
    file: Path | None = key(None)

    @property
    def way(self) -> str:
        """How it is reached: webhook, mail or file."""
        return "mail" if self.mail else "file" if self.file else "webhook"

    def address(self) -> WebhookAddress:
        """Where its webhook is. ConfigError when its secret is not there, or is no address."""
        written, where = self.webhook or "", f"webhook of [receivers.{self.name}]"
        if self.webhook_env:
            where = f"webhook_env of [receivers.{self.name}]"
            written = of_variable(self.webhook_env, where)
        elif self.webhook_file:
            where = f"webhook_file of [receivers.{self.name}]"
            written = of_file(self.webhook_file, where)
        return webhook_address(written.strip(), where, insecure=self.insecure)


@dataclass(frozen=True)
class Smtp:
    """The server of all mail. `port`: without one that of its security: 587, 465 or 25.

    security  "starttls", "tls" from the first byte on, or "none"
    insecure  whether a password may go to another machine without either
    """

    host: str = key(kind=_HOST)
    sender: str = key(kind=MAIL_ADDRESS)
    security: str = key("starttls", kind=one_of(*_PORTS))
    port: int = key(0, kind=_PORT)
    user: str | None = key(None)
    password_env: str | None = key(None, kind=VARIABLE, example=f'"{_USUAL_PASSWORD}"')
    password_file: Path | None = key(None, kind=SECRET_FILE, example='"secrets/smtp"')
    insecure: bool = key(False)

    def password(self) -> str | None:
        """The password: of password_file, password_env or DWELL_SMTP_PASSWORD; or none.

        ConfigError when the file cannot be read or the variable named is not set.
        """
        if self.password_file:
            return of_file(self.password_file, "password_file of [smtp]")
        if self.password_env:
            return of_variable(self.password_env, "password_env of [smtp]")
        return os.environ.get(_USUAL_PASSWORD) or None


def receivers_of(raw: Any, config: Path | None) -> tuple[Receiver, ...]:
    """The receivers of a configuration file. ConfigError for what cannot be one."""
    if not isinstance(raw, Mapping):
        msg = (
            f"'receivers' in {config} is not a table. Write [receivers.NAME], and below it "
            f"{_EXAMPLE}."
        )
        raise ConfigError(msg)
    return tuple(_receiver(name, entry, config) for name, entry in raw.items())


def smtp_of(raw: Any, config: Path | None) -> Smtp | None:
    """The table [smtp] of a configuration file; None without one. ConfigError for what cannot be
    one."""
    if not isinstance(raw, Mapping):
        msg = f"'smtp' in {config} is not a table. Write [smtp] and its keys below."
        raise ConfigError(msg)
    if not raw:
        return None
    refuse_unknown(raw, key_names(Smtp), "[smtp]")
    _refuse_many(raw, ("password_env", "password_file"), "[smtp]")
    for name, example in (("host", "mail.example.com"), ("sender", "Dwell <dwell@example.com>")):
        if name not in raw:
            msg = f'[smtp] has no {name}. Write for example {name} = "{example}" below it.'
            raise ConfigError(msg)
    smtp = Smtp(**_from_folder(read_keys(Smtp, raw, "table [smtp]"), "password_file", config))
    if smtp.security == "none" and smtp.user and not (smtp.insecure or is_loopback(smtp.host)):
        msg = (
            f'[smtp] has a user and security = "none": its password would go to {smtp.host} for '
            'everybody on the way to read. Wanted: security = "starttls" or "tls". Within a '
            "network of your own write insecure = true."
        )
        raise ConfigError(msg)
    return smtp if smtp.port else replace(smtp, port=_PORTS[smtp.security])


def refuse_mail_without_server(receivers: Iterable[Receiver], smtp: Smtp | None) -> None:
    """ConfigError when a receiver is reached by mail, and no server is named."""
    for receiver in receivers:
        if receiver.way == "mail" and smtp is None:
            msg = (
                f"[receivers.{receiver.name}] is reached by mail, and no server is named. Write "
                '[smtp], and below it host = "mail.example.com" and sender = "…".'
            )
            raise ConfigError(msg)


def refuse_own_files(receivers: Iterable[Receiver], home: Path, config: Path | None) -> None:
    """ConfigError when a receiver is a file that the home has for itself."""
    for receiver in receivers:
        if receiver.file:
            told = f"[receivers.{receiver.name}] has file = {str(receiver.file)!r}"
            refuse_own_file(home / receiver.file, home, config, told)


def _receiver(name: str, entry: Any, config: Path | None) -> Receiver:
    where = f"[receivers.{name}]"
    if not isinstance(entry, Mapping):
        msg = f"{where} is not a table. Write {where}, and below it {_EXAMPLE}."
        raise ConfigError(msg)
    refuse_unknown(entry, key_names(Receiver), where)
    _refuse_many(entry, WAYS, where)
    values = read_keys(Receiver, entry, f"table {where}")
    if not any(values.get(way) for way in WAYS):
        msg = f"{where} says no way to reach it. Write one of {', '.join(WAYS)} below it."
        raise ConfigError(msg)
    receiver = Receiver(name, **_from_folder(values, "webhook_file", config))
    for of_webhooks in ("style", "insecure"):
        if of_webhooks in entry and receiver.way != "webhook":
            msg = f"{where} has {of_webhooks}, which is for webhooks alone. Leave it out."
            raise ConfigError(msg)
    if receiver.webhook:
        # A wrong one is told by every command; one that lies elsewhere, when it is read.
        receiver.address()
    return receiver


def _from_folder(values: dict[str, Any], name: str, config: Path | None) -> dict[str, Any]:
    """The values, with a path that is seen from the folder of dwell.toml."""
    if name not in values or config is None:
        return values
    return values | {name: config.parent / values[name]}


def _refuse_many(entry: Mapping[str, Any], names: Iterable[str], where: str) -> None:
    given = [name for name in names if name in entry]
    if len(given) > 1:
        msg = f"{where} has {' and '.join(given)}. Keep one of them."
        raise ConfigError(msg)
