"""Page rules: templates that gather pages under one name, such as /item/:id. Never sees a page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from etl.errors import ConfigError

# What stands for a segment of its kind; any other name stands for any segment.
_KINDS = {
    "number": "[0-9]+",
    "uuid": "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    "hex": "[0-9a-fA-F]{8,}",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
}
# A colon behind a letter is only a colon: /wiki/Talk:Start
_PLACEHOLDER = re.compile(r"(?<![A-Za-z0-9%]):([A-Za-z_][A-Za-z0-9_]*)")
_REST = "/*"


@dataclass(frozen=True)
class PageRule:
    """One rule: pages that fit the pattern, a regular expression, are told as `name`.

    `is_word`: the pattern is that of one segment between slashes, in pages that no other rule fits.
    """

    pattern: str
    name: str
    is_word: bool = False


def page_rules(written: Sequence[str]) -> tuple[PageRule, ...]:
    """The rules as people write them, in their order. ConfigError names the first that is none."""
    return tuple(_rule(text) for text in written)


def _rule(text: str) -> PageRule:
    path, arrow, name = (part.strip() for part in text.partition("=>"))
    if path.startswith(":"):
        if path[1:] not in _KINDS or arrow:
            raise _refused(text, f"is no word of {', '.join(':' + kind for kind in _KINDS)}")
        return PageRule(_KINDS[path[1:]], path, is_word=True)
    if not path.startswith("/") or (arrow and not name.startswith("/")):
        raise _refused(text, "does not begin with a slash on both sides" if arrow else "is no path")
    if "?" in path or "#" in path:
        raise _refused(text, "has a query string or fragment, and pages have none")
    if re.search(r"(?<![A-Za-z0-9%]):(?![A-Za-z_])", path):
        raise _refused(text, "has a colon without a name")
    # The star stands for all that follows, so nothing can.
    head = path.removesuffix(_REST)
    if "*" in head:
        raise _refused(text, "has a * that is not its last part")
    return PageRule(_pattern(head) + ("/.+" if head != path else "/?"), name or path)


def _pattern(path: str) -> str:
    """The regular expression of a path with placeholders."""
    literals = _PLACEHOLDER.split(path)
    # Names stand between the literals.
    return "".join(
        _KINDS.get(part, "[^/]+") if number % 2 else re.escape(part)
        for number, part in enumerate(literals)
    ).removesuffix("/")


def _refused(text: str, problem: str) -> ConfigError:
    return ConfigError(
        f"The page rule {text!r} of 'page_rules' {problem}. Wanted: a path such as /item/:id or "
        "/docs/*, a path and its name such as '/p/:id => /item/:id', or a word alone: "
        f"{', '.join(':' + kind for kind in _KINDS)}."
    )
