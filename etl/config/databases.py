"""Where a live database is and how it is read, as dwell.toml says. Never connects.

No text made here holds a password: `shown` is what people, logs and records see, `hide` takes
the secrets out of what drivers say.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from etl.config.keys import PATHS, Kind, key, key_names, read_keys
from etl.config.secrets import SECRET_FILE, VARIABLE, of_file, of_variable
from etl.errors import ConfigError, SourceError, did_you_mean

SCHEMES = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
MYSQL_OPTIONS = ("unix_socket", "ssl_ca", "ssl_cert", "ssl_key")
_SECRET_OPTIONS = ("password", "sslpassword")


def _watermark(written: Any) -> tuple[str, ...]:
    return () if written is False else PATHS.read(written)


@dataclass(frozen=True)
class TableExtract:
    """How a table of a database is read. `watermark`: the columns that tell which rows are new."""

    watermark: tuple[str, ...] = key(
        (),
        kind=Kind(
            "a column, a list of columns, or false to read the whole table each time", _watermark
        ),
    )


@dataclass(frozen=True)
class Database:
    """One database of a source.

    `kind`: postgresql or mysql. `shown`: its URL without any secret. `watermarks`: by table, the
    columns that dwell.toml names for it; empty where the whole table is read each time.
    `lookback`: how far behind the newest time seen rows are read again; `lookback_ids`: the
    same for numbers.
    """

    source: str
    kind: str
    shown: str
    host: str
    port: str
    user: str
    name: str
    options: Mapping[str, str] = field(repr=False)
    given_password: str | None = field(repr=False)
    password_env: str | None = key(None, kind=VARIABLE)
    password_file: Path | None = key(None, kind=SECRET_FILE)
    statement_timeout: timedelta = key(timedelta(minutes=5))
    lookback: timedelta = key(timedelta(minutes=10))
    lookback_ids: int = key(1000)
    watermarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def password(self) -> str | None:
        """The password: of password_file, password_env, the URL, DWELL_<SOURCE>_PASSWORD; or none.

        SourceError when the file cannot be read or the variable named is not set.
        """
        whose = f"of source '{self.source}'"
        if self.password_file:
            return of_file(self.password_file, f"password_file {whose}", SourceError)
        if self.password_env:
            return of_variable(self.password_env, f"password_env {whose}", error=SourceError)
        return self.given_password or os.environ.get(self.usual_env)

    @property
    def usual_env(self) -> str:
        """The variable that is looked at when nothing else gives a password."""
        return f"DWELL_{re.sub('[^A-Z0-9]+', '_', self.source.upper())}_PASSWORD"

    def hide(self, text: str) -> str:
        """The text with every secret of this database blotted out."""
        try:
            secrets = {self.password(), self.given_password}
        except SourceError:
            secrets = {self.given_password}
        secrets |= {value for key, value in self.options.items() if key in _SECRET_OPTIONS}
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            for form in (secret, quote(secret, safe=""), secret.replace("'", "\\'")):
                text = text.replace(form, "…")
        return text


DATABASE_KEYS = ("database", *key_names(Database))


def check_place(entry: Mapping[str, Any], where: str) -> None:
    """Data is in files or in a database, and keys of one mean nothing to the other."""
    if "database" not in entry:
        for key in DATABASE_KEYS:
            if key in entry:
                msg = f"The {where} has {key} but no database. Add one, or leave it out."
                raise ConfigError(msg)
        return
    for key in ("path", "map"):
        if key in entry:
            msg = f"The {where} has database and {key}. Keep one, or make it two sources."
            raise ConfigError(msg)
    if entry.get("format", "tables") != "tables":
        msg = f"The {where} has a database and the format {entry['format']!r}. Wanted: tables."
        raise ConfigError(msg)
    if not entry.get("tables"):
        wanted = 'posts = { user = "author_id", time = "created_at" }'
        msg = f"The {where} names no tables. Add [sources.….tables] and below it {wanted}."
        raise ConfigError(msg)


def database_of(
    source: str, entry: Mapping[str, Any], watermarks: Mapping[str, tuple[str, ...]], folder: Path
) -> Database:
    """The database of a source's entry; `folder` is that of dwell.toml. ConfigError if unfit."""
    where = f"source '{source}'"
    if "password_env" in entry and "password_file" in entry:
        msg = f"The {where} has password_env and password_file. Keep one of them."
        raise ConfigError(msg)
    values = read_keys(Database, entry, where)
    if "password_file" in values:
        values["password_file"] = folder / values["password_file"]
    parts = _parts_of(entry["database"], where)
    return Database(source=source, watermarks=watermarks, **parts, **values)


def _parts_of(url: Any, where: str) -> dict[str, Any]:
    """What the URL says. It may hold a password: no error shows it."""
    scheme, mark, rest = str(url).partition("://")
    if not mark or not re.fullmatch(r"[a-z+]+", scheme):
        msg = (
            f"The database of {where} is no URL. Wanted: postgresql://user@host:5432/name or "
            "mysql://user@host:3306/name."
        )
        raise ConfigError(msg)
    if scheme not in SCHEMES:
        msg = f"The database of {where} is of an unknown kind '{scheme}'. "
        raise ConfigError(msg + did_you_mean(scheme, SCHEMES))
    kind = SCHEMES[scheme]
    place, _, query = rest.partition("?")
    # The password may hold any sign that the user forgot to quote: the last @ ends it.
    login, _, address = place.rpartition("@")
    hosts, _, name = address.partition("/")
    user, _, password = login.partition(":")
    options = dict(parse_qsl(query, keep_blank_values=True))
    password = options.pop("password", "") or unquote(password)
    pairs = [_host_and_port(host) for host in hosts.split(",")]
    if kind == "mysql":
        _refuse_mysql_options(options, len(pairs), where)
    if any(port and not port.isdecimal() for _, port in pairs):
        msg = (
            f"The database of {where} has a port that is no number. Signs such as @ : / in a "
            "password are written %40 %3A %2F; better give it by password_env."
        )
        raise ConfigError(msg)
    if not user or not name:
        absent = "user" if not user else "name of the database"
        msg = f"The database of {where} has no {absent}. Wanted: {scheme}://user@host/name."
        raise ConfigError(msg)
    harmless = {key: value for key, value in options.items() if key not in _SECRET_OPTIONS}
    shown = f"{scheme}://{user}@{hosts}/{name}" + (f"?{urlencode(harmless)}" if harmless else "")
    return {
        "kind": kind,
        "shown": shown,
        "host": ",".join(host for host, _ in pairs),
        "port": ",".join(port for _, port in pairs),
        "user": unquote(user),
        "name": unquote(name),
        "options": options,
        "given_password": password or None,
    }


def _host_and_port(text: str) -> tuple[str, str]:
    """db:5432 → (db, 5432); [::1] → (::1, '')."""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = text.partition(":")
    return unquote(host), port


def _refuse_mysql_options(options: Mapping[str, str], hosts: int, where: str) -> None:
    for option in options:
        if option not in MYSQL_OPTIONS:
            msg = f"Unknown option '{option}' in the database of {where}. "
            raise ConfigError(msg + did_you_mean(option, MYSQL_OPTIONS))
    if hosts > 1:
        msg = f"The database of {where} names {hosts} hosts. Wanted: one, for MySQL."
        raise ConfigError(msg)
