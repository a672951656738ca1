"""Patterns of ids in all the spellings that texts may have of them. Looks at no text."""

import re
from collections.abc import Iterator
from unicodedata import normalize


def forms_of(one: str) -> Iterator[str]:
    """An id as columns may have it."""
    yield one
    yield normalize("NFD", one)
    if re.fullmatch(r"[+-]?[0-9]+", one):
        yield f"{one}.0"


def pattern_of(one: str) -> str:
    """The id in all its spellings, for Python's engine and for RE2."""
    told = "".join(map(_sign, one))
    return told + r"(?:\.0+)?" if re.fullmatch(r"[+-]?[0-9]+", one) else told


def bytes_pattern_of(one: str) -> str:
    """The id in bytes without escapes."""
    told = re.escape(one).replace("'", "''?")
    return told + r"(?:\.0+)?" if re.fullmatch(r"[+-]?[0-9]+", one) else told


def _sign(sign: str) -> str:
    forms = [_escaped(sign)]
    if (apart := normalize("NFD", sign)) != sign:
        forms.append("".join(map(_sign, apart)))
    if sign == "\\":
        forms[0] = r"\\+"
    elif sign in '/"':
        forms.append(rf"\\+{sign}")
    elif sign == "'":
        forms += ["''", r"\\+'"]
    elif sign == " ":
        forms.append(r"\+")
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    forms.append("".join(rf"\\+u{_hex(units[i : i + 4])}" for i in range(0, len(units), 4)))
    octets = sign.encode("utf-8", "surrogatepass").hex()
    forms.append("".join(f"%{_hex(octets[i : i + 2])}" for i in range(0, len(octets), 2)))
    return f"(?:{'|'.join(forms)})"


def _hex(digits: str) -> str:
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits)


def _escaped(sign: str) -> str:
    # RE2 knows no escapes of letters.
    return sign if sign.isalnum() or not sign.isascii() else f"\\{sign}"
