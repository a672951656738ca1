"""Names of logins and groups, and when two of them are one."""

import re
import unicodedata
from collections.abc import Iterable

# In front of a group's name, so that nobody logs in by the name of one.
GROUP = "group:"
# Signs that no eye sees: the default-ignorable ones of Unicode beside those of category Cf.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2060-\u206f\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def folded(name: str) -> str:
    """A name of a login or a group, of which capitals do not count.

    Letters that only look like others stay what they are: str.casefold makes one of the Kelvin
    sign and k, and of the long s and s, so that who chooses a name could take that of another.
    """
    return "".join(
        small if (small := letter.lower()).upper() == letter else letter for letter in name
    )


def given_names(name: str, groups: Iterable[str]) -> frozenset[str]:
    """By what a list of login names and group:NAMEs has who logged in so; compared as `folded`.

    Who logs in by a name that is written like a group's is in a list by his groups alone.
    """
    own = {folded(f"{GROUP}{group.strip()}") for group in groups}
    return frozenset(own if folded(name).startswith(GROUP) else {*own, folded(name)})


def loosened(name: str) -> str:
    """A name where it takes something from somebody: all that may be read as one name are one.

    Capitals, wide and joined letters, signs that no eye sees, blanks around it and dots at its end
    do not count. What `folded` makes one is one here too.
    """
    before, text = None, name
    while text != before:
        before = text
        seen = (each for each in text if unicodedata.category(each) not in ("Cf", "Cc"))
        text = unicodedata.normalize("NFKC", _UNSEEN.sub("", "".join(seen))).casefold()
        text = unicodedata.normalize("NFKC", text).strip().rstrip(".")
    return text
