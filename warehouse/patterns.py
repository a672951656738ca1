"""Ordered patterns: what the events of a session do one after the other. Never reads data.

a                   an event of that step; then, one after the other:
then b              a later event
then b within 20s   at most so long after the step before; exactly so long still counts
without c           none of these between the step before and the one after
not c               none of these in the whole session
then not d          none of these after the last step
ends d              the session's last event is one of these
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from etl.config.durations import LIMIT, parse_duration
from etl.errors import ConfigError
from warehouse.links import Link
from warehouse.steps import Step, step_of

MOST = 20
_THEN = re.compile(r"then\s+(.+?)(?:\s+within\s+(.+))?")


@dataclass(frozen=True)
class Pattern:
    """A pattern, read.

    conditions  what an event is asked, each once; the rest names them by their numbers
    links       the steps, one after the other
    nowhere     conditions that no event of the session holds
    not_after   conditions that no event after the last step holds
    ends        conditions of which the session's last event holds one; any will do without
    """

    conditions: tuple[Step, ...]
    links: tuple[Link, ...]
    nowhere: tuple[int, ...] = ()
    not_after: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


def pattern_of(steps: Sequence[str]) -> Pattern:
    """The pattern of these texts. ConfigError, with an example, where they are none."""
    if isinstance(steps, str) or not steps or not all(isinstance(each, str) for each in steps):
        msg = (
            f"The steps of a pattern are {steps!r}. Wanted a list of texts, such as "
            "['prompt', 'then prompt within 20s']."
        )
        raise ConfigError(msg)
    reader = _Reader()
    for text in steps:
        reader.read(text.strip())
    return reader.pattern()


class _Reader:
    """Reads steps in their order; what lies between two waits for the second."""

    def __init__(self) -> None:
        self._conditions: list[Step] = []
        self._links: list[Link] = []
        self._between: list[int] = []
        self._others: dict[str, list[int]] = {"not": [], "then not": [], "ends": []}

    def read(self, text: str) -> None:
        word = next((w for w in ("then not", "not", "ends", "without") if _begins(text, w)), None)
        if word == "without" and not self._links:
            msg = f"Before '{text}' stands no step. Write 'not' for what may not be at all."
            raise ConfigError(msg)
        if word == "without":
            self._between.append(self._number(_rest(text, word)))
        elif word:
            self._others[word].append(self._number(_rest(text, word)))
        elif _begins(text, "then"):
            self._then(text)
        elif self._links:
            msg = f"The step '{text}' does not say when. Write 'then {text}', or 'without {text}'."
            raise ConfigError(msg)
        else:
            self._links.append(Link(self._number(text)))

    def pattern(self) -> Pattern:
        if not self._links and not any(self._others.values()):
            msg = "The pattern has no step. Begin with one, such as 'prompt'."
            raise ConfigError(msg)
        if self._between:
            msg = (
                "Behind 'without' stands no further step. Write 'then not' for what may not follow."
            )
            raise ConfigError(msg)
        if len(self._conditions) > MOST:
            msg = f"The pattern names {len(self._conditions)} different events. At most: {MOST}."
            raise ConfigError(msg)
        if not self._links:
            # Whatever the session does, if it only keeps to the rest.
            self._links.append(Link(self._number("*")))
        return Pattern(
            tuple(self._conditions),
            tuple(self._links),
            *(tuple(self._others[word]) for word in ("not", "then not", "ends")),
        )

    def _then(self, text: str) -> None:
        parts = _THEN.fullmatch(text)
        if not self._links or not parts:
            msg = f"'{text}' follows no step. Begin with one, such as 'prompt'."
            raise ConfigError(msg)
        step, within = parts.groups()
        link = Link(
            self._number(step), _microseconds(text, within) if within else None,
            tuple(self._between),
        )  # fmt: skip
        self._links.append(link)
        self._between = []

    def _number(self, text: str) -> int:
        step = step_of(text)
        if step not in self._conditions:
            self._conditions.append(step)
        return self._conditions.index(step)


def _begins(text: str, word: str) -> bool:
    return text.startswith(f"{word} ")


def _rest(text: str, word: str) -> str:
    return text.removeprefix(word).strip()


def _microseconds(text: str, within: str) -> int:
    try:
        return parse_duration(within) // timedelta(microseconds=1)
    except ValueError:
        msg = f"'{text}': '{within}' is no duration {LIMIT}. Write for example 'within 20s'."
        raise ConfigError(msg) from None
