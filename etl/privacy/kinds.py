r"""What personal data and secrets look like: twelve kinds, each as patterns and, where looks alone
would take too much, a check.

The patterns are those that both engines read (Polars' and DuckDB's): without look-around, in linear
time. What stands before and behind is a part of a pattern where a longer word would be something
else, and stays: groups `before` and `after`. `%40` and `%20` are the @ and the blank of addresses.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from etl.config.redact import KINDS

_BLANK = r"(?:[ -]|%20|\+)"
# A point before it is no sign of a fraction where no digit is before the point.
_POINT = r"(?:^|[^0-9])\."
_BEFORE = rf"(?P<before>^|[^0-9A-Za-z_.-]|{_POINT})"
# Around what no id is made of, however its parts are joined.
_BEFORE_LONG = rf"(?P<before>^|[^0-9A-Za-z.]|{_POINT})"
_AFTER_LONG = r"(?P<after>$|[^0-9A-Za-z])"
_AFTER = r"(?P<after>$|[^0-9A-Za-z_-])"
_HEX = "[0-9A-Fa-f]{1,4}"
_COLON = "(?::|%3[aA])"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
# What ends in 0 is a network, or a version: Chrome/141.0.0.0.
_LAST = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]?)"
_SECRETS = (
    r"(?:pass(?:word|wd|phrase|wort)|pwd|(?:client|app|shared)?[_-]?secret|api[_-]?key"
    r"|(?:access|auth|refresh|id|session|csrf|reset)?[_-]?token|credentials?|authorization)"
)
_IBAN_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FO FI GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}


@dataclass(frozen=True)
class Look:
    """One look of a kind. `rest`: what stays around it, where not what stands before and behind.
    `check`: what its group `body`, the second, must be besides."""

    pattern: str
    rest: str = "${before}{mark}${after}"
    check: Callable[[str], bool] | None = None


def _digits(text: str) -> str:
    return re.sub(r"%20|[^0-9]", "", text)


def _is_card(text: str) -> bool:
    digits = _digits(text)
    prefix = int(digits[:4]) if len(digits) > 3 else 0
    is_known = (
        (digits[0] == "4" and len(digits) in (16, 19))
        or ((5100 <= prefix < 5600 or 2221 <= prefix < 2721) and len(digits) == 16)
        or (prefix // 100 in (34, 37) and len(digits) == 15)
        or (prefix // 100 in (30, 36, 38, 39) and len(digits) in (14, 16))
        or (prefix // 100 in (35, 60, 62, 64, 65) and 16 <= len(digits) <= 19)
        or (prefix // 100 in (50, 56, 57, 58, 61, 63, 66, 67) and 16 <= len(digits) <= 19)
    )
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)
    return is_known and total % 10 == 0


def _is_iban(text: str) -> bool:
    plain = re.sub(r"%20|[^0-9A-Za-z]", "", text).upper()
    if plain[:2] not in _IBAN_LENGTHS.get(len(plain), "").split():
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _ibans() -> list[str]:
    """Patterns of IBANs without blanks, as long as those of the country are: few ids look so."""
    return [
        rf"(?:{'|'.join(names.split())}|{'|'.join(names.lower().split())})"
        rf"[0-9]{{2}}[0-9A-Za-z]{{{length - 4}}}"
        for length, names in _IBAN_LENGTHS.items()
    ]


def _is_ssn(text: str) -> bool:
    area, group, serial = text.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def _is_ipv6(text: str) -> bool:
    plain = re.sub("%3[aA]", ":", text)
    try:
        ipaddress.IPv6Address(plain)
    except ValueError:
        return False
    return any(sign.isdigit() for sign in plain) or plain.count(":") > 3


def _is_login(text: str) -> bool:
    """Whether `Basic …` holds a name and a password, and `Bearer …` more than a word."""
    word, _, rest = re.sub("%20|[+]", " ", text.replace("%3D", "="), count=1).partition(" ")
    rest = rest.strip()
    if word.lower() == "bearer":
        return any(sign.isdigit() for sign in rest)
    try:
        return b":" in base64.b64decode(rest + "=" * (-len(rest) % 4), validate=True)
    except (ValueError, binascii.Error):
        return False


_LOOKS: dict[str, tuple[Look, ...]] = {
    "private_key": (
        Look(
            r"-----BEGIN(?:[A-Z +]|%20){1,40}KEY(?:(?:[ +]|%20)BLOCK)?-----"
            r"(?:(?:[0-9A-Za-z+/=,: .\r\n%-]|\\+[nrt/])*?-----END(?:[A-Z +]|%20){1,40}-----"
            r"|(?:[0-9A-Za-z+/=%\s]|\\+[nrt/])*)",
            "{mark}",
        ),
    ),
    "jwt": (Look(r"eyJ[0-9A-Za-z_-]{6,}(?:(?:\.|%2[eE])[0-9A-Za-z_-]{6,}){1,4}", "{mark}"),),
    "aws_key": (Look(rf"{_BEFORE}(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{{16}}{_AFTER}"),),
    "token": (
        Look(
            r"(?P<before>^|[^0-9A-Za-z])(?:gh[pousr]_[0-9A-Za-z]{30,}|github_pat_[0-9A-Za-z_]{30,}"
            r"|glpat-[0-9A-Za-z_-]{20,}|xox[abeprs]-[0-9A-Za-z-]{10,}"
            r"|[prs]k_(?:live|test)_[0-9A-Za-z]{16,}|sk-(?:proj-|ant-|svcacct-)?[0-9A-Za-z_]{20,}"
            r"[0-9A-Za-z_-]*|AIza[0-9A-Za-z_-]{35}|npm_[0-9A-Za-z]{36})",
            "${before}{mark}",
        ),
    ),
    "bearer": (
        Look(
            r"(?P<before>^|[^0-9A-Za-z])(?P<body>(?i:bearer|basic)"
            r"(?: |%20|\+)[0-9A-Za-z._~+/=%-]{8,})",
            "${before}{mark}",
            _is_login,
        ),
    ),
    "password": (
        Look(
            r"(?P<before>:(?:\\?/){2})[^/\s:@\"\\]{0,200}:[^/\s@\"\\]{1,400}@", "${before}{mark}@"
        ),
        Look(rf'(?P<before>(?i:{_SECRETS})"\s*:\s*")(?:[^"\\]|\\.)+', "${before}{mark}"),
        Look(rf'(?P<before>(?i:{_SECRETS})\\+"\s*:\s*\\+")[^"\\]+', "${before}{mark}"),
        Look(rf'(?P<before>(?i:{_SECRETS})"\s*:\s*)-?[0-9][0-9.]*', '${before}"{mark}"'),
        Look(rf"(?P<before>(?i:{_SECRETS})\s?(?:=|%3[dD])\s?)[^&\s\"'\\#;<>]+", "${before}{mark}"),
        Look(
            r"(?P<before>(?i:pass(?:word|wd|phrase|wort))(?::\s?| (?i:is|ist) ))[^\s\"'\\<>]+",
            "${before}{mark}",
        ),
    ),
    "email": (
        Look(
            r"[^\s\"'<>()\[\]{},;:=/\\&?#@|]+(?:@|%(?:25)?40|\\+u0040)"
            r"(?:[\p{L}\p{N}-]+(?:\.|%2[eE]))+(?:xn--[0-9a-z-]+|\p{L}{2,})",
            "{mark}",
        ),
    ),
    "iban": (
        Look(
            rf"{_BEFORE_LONG}(?P<body>{'|'.join(_ibans())}){_AFTER_LONG}",
            check=_is_iban,
        ),
        Look(
            rf"{_BEFORE}(?P<body>(?:[A-Z]{{2}}|[a-z]{{2}})[0-9]{{2}}"
            rf"(?:{_BLANK}[0-9A-Za-z]{{4}}){{2,7}}(?:{_BLANK}[0-9A-Za-z]{{1,3}})?){_AFTER}",
            check=_is_iban,
        ),
    ),
    "card": (
        Look(rf"{_BEFORE_LONG}(?P<body>[2-6][0-9]{{13,18}}){_AFTER_LONG}", check=_is_card),
        Look(
            rf"{_BEFORE}(?P<body>[2-6][0-9]{{3}}{_BLANK}(?:[0-9]{{4}}{_BLANK}?){{2}}[0-9]{{2,7}}"
            rf"|3[04-9][0-9]{{2}}{_BLANK}[0-9]{{6}}{_BLANK}[0-9]{{4,5}}){_AFTER}",
            check=_is_card,
        ),
    ),
    "ssn": (Look(rf"{_BEFORE}(?P<body>[0-9]{{3}}-[0-9]{{2}}-[0-9]{{4}}){_AFTER}", check=_is_ssn),),
    "phone": (
        Look(
            r"(?P<before>^|[^0-9A-Za-z+])(?:\+|%2[bB])[1-9](?:(?:[ ().-]|%20){0,2}[0-9]){6,14}",
            "${before}{mark}",
        ),
        Look(
            rf"{_BEFORE}(?:(?:\([2-9][0-9]{{2}}\)(?: |%20)?|[2-9][0-9]{{2}}(?:[ .-]|%20))"
            r"[2-9][0-9]{2}(?:[ .-]|%20)[0-9]{4}"
            r"|0[1-9][0-9]{1,4}[ /][0-9]{3,4}[ -]?[0-9]{3,5}|0[1-9](?:[ .-][0-9]{2}){4}"
            rf"|00[1-9][0-9](?:[ .()/-]{{1,2}}[0-9]{{2,}}){{2,5}}){_AFTER}",
        ),
    ),
    "ip": (
        Look(rf"{_BEFORE}(?:{_OCTET}\.){{3}}{_LAST}{_AFTER}"),
        Look(
            rf"(?P<before>^|[^0-9A-Za-z:])(?P<body>(?:{_HEX}{_COLON}){{7}}{_HEX}"
            rf"|(?:{_HEX}{_COLON}){{1,7}}{_COLON}(?:{_HEX}(?:{_COLON}{_HEX}){{0,6}})?"
            rf"|{_COLON}{{2}}{_HEX}(?:{_COLON}{_HEX}){{0,7}})(?P<after>$|[^0-9A-Za-z:])",
            check=_is_ipv6,
        ),
    ),
}
LOOKS = {kind: _LOOKS[kind] for kind in KINDS}
