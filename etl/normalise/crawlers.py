"""The crawlers that crawler-user-agents lists, as one regular expression. Adds none of its own."""

import re
from collections.abc import Iterable
from functools import cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

_ESCAPED_SIGN = re.compile(r"\\([^a-zA-Z0-9])")
_MEANS_MORE = re.compile(r"[\\.^$*+?{}\[\]()|]")


@cache
def crawlers() -> re.Pattern[str]:
    """What any of the listed crawlers is known by; the case of letters counts."""
    patterns = [str(crawler["pattern"]) for crawler in CRAWLER_USER_AGENTS_DATA]
    words = {p: _ESCAPED_SIGN.sub(r"\1", p) for p in patterns if is_word(p)}
    return re.compile("|".join([any_of(words.values()), *(p for p in patterns if p not in words)]))


def is_word(pattern: str) -> bool:
    """Whether a pattern means the text that it is, but for escaped signs."""
    return not _MEANS_MORE.search(_ESCAPED_SIGN.sub("", pattern))


def any_of(words: Iterable[str]) -> str:
    """A pattern of what begins with one of the words, each letter of which is tried once.

    Fifteen hundred words one after the other would take longer than all else that is read from
    a user agent.
    """
    by_letter: dict[str, list[str]] = {}
    for word in words:
        if not word:
            # A word ends here: whatever follows, it is found.
            return ""
        by_letter.setdefault(word[0], []).append(word[1:])
    return f"(?:{'|'.join(re.escape(x) + any_of(rest) for x, rest in by_letter.items())})"
