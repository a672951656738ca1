"""Addresses of mail as people write them: a@b.example, or Name <a@b.example>."""

import re
from typing import Any

from etl.config.keys import Kind

_ADDRESS = r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*"
_WRITTEN = re.compile(
    rf'(?:"?(?P<name>[^"<>]*?)"?\s*<(?P<named>{_ADDRESS})>|(?P<bare>{_ADDRESS}))',
    re.IGNORECASE | re.ASCII,
)


def name_and_address(written: Any) -> tuple[str, str]:
    """The name, empty without one, and the address. ValueError for what is none."""
    text = written.strip() if isinstance(written, str) and written.isprintable() else ""
    parts = _WRITTEN.fullmatch(text)
    if not parts:
        raise ValueError(written)
    return (parts["name"] or "").strip(), parts["named"] or parts["bare"]


def _address(written: Any) -> str:
    name_and_address(written)
    return str(written).strip()


def _addresses(written: Any) -> tuple[str, ...]:
    each = [written] if isinstance(written, str) else written
    if not isinstance(each, list) or not each:
        raise ValueError(written)
    return tuple(map(_address, each))


MAIL_ADDRESS = Kind('an address of mail such as "Dwell <dwell@example.com>"', _address)
MAIL_ADDRESSES = Kind('addresses of mail such as ["ann@example.com"]', _addresses)
