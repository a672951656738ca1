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

# Blanks and hyphens, those at which no line is broken as well.
_THIN = " \u00a0\u2007\u2009\u202f"
_DASH = "\u2010\u2011\u2013-"
_SPACE = f"(?:[{_THIN}]|%20|%[cC]2%[aA]0)"
_BLANK = rf"(?:[{_THIN}{_DASH}]|%20|%[cC]2%[aA]0|\+)"
# As East Asian keyboards write them; and what is seen by nobody within a word.
_WIDE_AT, _WIDE_POINTS, _WIDE_PLUS = "\uff20", "\u3002\uff0e", "\uff0b"
_UNSEEN = "\u00ad\u200b-\u200d\u2060\ufeff"
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
_PASS = "pass(?:word|wd|phrase|wort|code)"
# Their values are secrets, numbers too.
_SURE = (
    rf"(?:{_PASS}(?:[_-]?(?:confirm(?:ation)?|again|repeat|new|old))?|pwd"
    r"|secret(?:[_-]?(?:access[_-]?)?key)?|api[_-]?key"
    r"|(?:access|auth|refresh|id|session|csrf|reset)[_-]?token|credentials?|authorization)"
)
_SECRETS = f"(?:{_SURE}|token)"
# What is said of a password, and is none: "my password is wrong".
_SAID_WORDS = (
    "a about again already also always an and as at being blocked broken by case compromised "
    "correct empty expired falsch for forgotten from gone gut how ich im in incorrect invalid is "
    "ist it kaputt kein keine known leer locked lost min missing my needed never nicht no not now "
    "null of on only optional or protected reset required richtig same secure sent set shared "
    "short should still stored that the this to too true false unknown unsafe vergessen von was "
    "weak weg what when where why will with working wrong you your zu"
)
_SAID = frozenset(_SAID_WORDS.split())
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
_HEX_COUNTRIES = ("AD", "AE", "BA", "BE", "DE")
# Calling codes of two digits, and those behind which a number may begin with 0.
_TWO_DIGIT_CODES = (
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 "
    "64 65 66 81 82 84 86 90 91 92 93 94 95 98"
)
_TWO_DIGITS = frozenset(_TWO_DIGIT_CODES.split())
_WITH_ZERO = ("39", "225", "241", "242", "378")


@dataclass(frozen=True)
class Look:
    """One look of a kind. `rest`: what stays around it, where not what stands before and behind.
    `check`: what its group `body` must be besides."""

    pattern: str
    rest: str = "${before}{mark}${after}"
    check: Callable[[str], bool] | None = None


def _digits(text: str) -> str:
    return re.sub(r"%20|%[cC]2%[aA]0|[^0-9]", "", text)


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


def _is_international(text: str) -> bool:
    """Whether a number that begins with + begins like one of a country: amounts do so as well."""
    digits = re.sub(r"%20|%[cC]2%[aA]0|%2[bB]|[(]0[)]|[^0-9]", "", text)
    if digits[0] == "1":
        return len(digits) > 10 and digits[1] > "1" and digits[4] > "1"
    if digits[0] == "7":
        return len(digits) > 10 and digits[1] > "2"
    code = digits[:2] if digits[:2] in _TWO_DIGITS else digits[:3]
    rest = digits[len(code) :]
    return len(rest) > 4 and len(digits) > 8 and (rest[0] != "0" or code in _WITH_ZERO)


def _is_no_word(text: str) -> bool:
    """Whether what stands behind "password" is none of the words that speak of one."""
    return text.strip(".,;:!?…)(").lower() not in _SAID


def _is_iban(text: str) -> bool:
    plain = re.sub(r"%20|%[cC]2%[aA]0|[^0-9A-Za-z]", "", text).upper()
    # Hexadecimal ids begin so as well; but here letters come late, or never.
    if plain[:2] in _HEX_COUNTRIES and not plain[4:12].isdigit():
        return False
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
            r"|[prs]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z+/=]{24,}"
            r"|sk-(?:(?:proj|admin|svcacct|ant-[0-9a-z]+)-[0-9A-Za-z_-]{20,}|[0-9A-Za-z_]{20,})"
            r"[0-9A-Za-z_-]*|AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|npm_[0-9A-Za-z]{36}"
            r"|hf_[0-9A-Za-z]{30,}|pypi-[0-9A-Za-z_-]{40,}|dckr_pat_[0-9A-Za-z_-]{20,}"
            r"|SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}"
            r"|hooks\.slack\.com/services/[0-9A-Za-z/_-]{10,})",
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
        Look(rf"(?P<before>(?i:{_SECRETS})'\s*:\s*')[^'\\]+", "${before}{mark}"),
        Look(rf'(?P<before>(?i:{_SURE})"\s*:\s*)-?[0-9][0-9.]*', '${before}"{mark}"'),
        # What counts tokens is no secret: max_token, or 512 of them.
        Look(r'(?P<before>(?i:"token)"\s*:\s*)[0-9]{6,}', '${before}"{mark}"'),
        Look(rf'(?P<before>(?i:{_SECRETS})"\s*:\s*)\["[^\[\]]*\]', '${before}"{mark}"'),
        Look(
            rf"(?P<before>(?i:{_SECRETS})\s?(?:=|%3[dD])\s?\\*[\"'])[^\"'\\<>]+",
            "${before}{mark}",
        ),
        Look(rf"(?P<before>(?i:{_SURE})\s?(?:=|%3[dD])\s?)[^&\s\"'\\#;<>]+", "${before}{mark}"),
        Look(
            r"(?P<before>(?i:token)\s?(?:=|%3[dD])\s?)"
            r"(?:[0-9]{6,}|[0-9]*[^0-9&\s\"'\\#;<>])[^&\s\"'\\#;<>]*",
            "${before}{mark}",
        ),
        Look(
            rf"(?P<before>(?i:{_PASS})(?::\s?| (?i:is|ist) ))(?P<body>[^\s\"'\\<>]+)",
            check=_is_no_word,
        ),
    ),
    "email": (
        Look(
            rf"[^\s\"'<>()\[\]{{}},;:=/\\&?#@{_WIDE_AT}|]+"
            rf"(?:[@{_WIDE_AT}]|%(?:25){{0,3}}40|\\+u0040|&#(?:64|x40);|&commat;)"
            rf"(?:[\p{{L}}\p{{N}}{_UNSEEN}-]+(?:[.{_WIDE_POINTS}]|%(?:25)*2[eE]))+"
            r"(?:xn--[0-9a-z-]+|\p{L}{2,})",
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
            r"|[2-6][0-9]{3}(?:[._][0-9]{4}){3}"
            rf"|3[04-9][0-9]{{2}}{_BLANK}[0-9]{{6}}{_BLANK}[0-9]{{4,5}}){_AFTER}",
            check=_is_card,
        ),
    ),
    "ssn": (Look(rf"{_BEFORE}(?P<body>[0-9]{{3}}-[0-9]{{2}}-[0-9]{{4}}){_AFTER}", check=_is_ssn),),
    "phone": (
        Look(
            rf"(?P<before>^|[^0-9A-Za-z+])(?P<body>(?:\+|{_WIDE_PLUS}|%2[bB])[1-9]"
            rf"(?:(?:[.(){_THIN}{_DASH}]|%20|%[cC]2%[aA]0){{0,3}}[0-9]){{6,14}})",
            check=_is_international,
        ),
        Look(
            rf"{_BEFORE}(?:(?:\([2-9][0-8][0-9]\){_SPACE}?|[2-9][0-8][0-9](?:[.{_DASH}]|{_SPACE}))"
            rf"[2-9][0-9]{{2}}(?:[.{_DASH}]|{_SPACE})[0-9]{{4}}"
            rf"|\(0[1-9][0-9]{{1,4}}\){_SPACE}?[0-9]{{3,4}}[{_THIN}-]?[0-9]{{3,5}}"
            rf"|0[1-9][0-9]{{1,4}}[/{_THIN}][0-9]{{3,4}}[{_THIN}-]?[0-9]{{3,5}}"
            rf"|0[1-9](?:[.{_THIN}{_DASH}][0-9]{{2}}){{4}}"
            rf"|00[1-9][0-9](?:[.()/{_THIN}{_DASH}]{{1,2}}[0-9]{{2,}}){{2,5}}){_AFTER}",
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
