"""Secrets: in a variable of the environment, or in a file. No error tells one."""

import os
import re
import stat
from pathlib import Path
from typing import Any

from etl.config.keys import Kind
from etl.errors import ConfigError, DwellError


def _variable(written: Any) -> str:
    if not isinstance(written, str) or not re.fullmatch(r"[A-Za-z_]\w*", written, re.ASCII):
        raise ValueError(written)
    return written


def _file(written: Any) -> Path:
    # Where the path is wanted, the secret itself may stand.
    if not isinstance(written, str) or not written.strip() or "://" in written:
        raise ValueError(written)
    return Path(written).expanduser()


VARIABLE = Kind("the name of a variable of the environment", _variable)
SECRET_FILE = Kind("the path of a file that holds it", _file)


def of_variable(
    variable: str, named_by: str, again: str = "run", error: type[DwellError] = ConfigError
) -> str:
    """The secret that a variable holds; an error when it is not set, or to nothing.

    `named_by` is told: which key names it, such as "webhook_env of [receivers.ops]".
    """
    if not os.environ.get(variable):
        msg = (
            f"The environment has no {variable}, which {named_by} names. Set it and {again} again."
        )
        raise error(msg)
    return os.environ[variable]


def of_file(path: Path, named_by: str, error: type[DwellError] = ConfigError) -> str:
    """The secret that a file holds, without the line breaks around it; an error when it cannot
    be read.
    """
    try:
        return path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as failure:
        msg = (
            f"The file {path}, which {named_by} names, cannot be read: "
            f"{getattr(failure, 'strerror', 'it is not UTF-8')}. Mend its path or permissions."
        )
        raise error(msg) from None


def of_private_file(path: Path, named_by: str) -> str:
    """As `of_file`; an error, too, when others than its owner may read the file."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        mode = 0
    if mode & 0o077:
        msg = (
            f"The file {path}, which {named_by} names, has mode {mode:o}: others may read it. "
            f"Wanted: 600. Say 'chmod 600 {path}'."
        )
        raise ConfigError(msg)
    return of_file(path, named_by)
