"""What the page Funnels is asked, by what stands in the address. Never asks the warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from etl.errors import ConfigError
from pages.ui.controls import chosen, parameter
from warehouse.metrics.funnel import MOST, Funnel, funnel_of

SCOPES = {"user": "Users", "session": "Sessions"}
ORDERS = {"sequential": "In this order", "strict": "Nothing between", "any": "Any order"}
IDENTITIES = {"user_id": "User ids", "person": "Persons"}
WINDOWS = ("1 h", "1 d", "7 d", "14 d", "30 d", "90 d")
USUAL_WINDOW = {"user": "14 d", "session": "whole session"}
NO_WINDOW = "any time"
# Between two steps of one text, outside of the brackets of a condition.
JOINT = " > "
_APART = re.compile(r"\s+>\s+(?![^\[]*\])")


@dataclass(frozen=True)
class FunnelAsked:
    """A funnel as the metrics take it.

    steps    as texts
    options  the other arguments, those that are not as usual
    ignored  a sentence on each choice that could not be read
    """

    steps: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    @property
    def args(self) -> dict[str, Any]:
        """What `steps`, `trend` and `people` take beside the filters."""
        return {"steps": self.steps, **self.options}

    @property
    def funnel(self) -> Funnel:
        """The funnel, checked."""
        return funnel_of(self.steps, **self.options)

    @property
    def noun(self) -> str:
        """Who goes through it."""
        if self.funnel.scope == "session":
            return "session"
        return "person" if self.funnel.identity == "person" else "user"

    @property
    def that(self) -> str:
        """How they are spoken of."""
        return "that" if self.noun == "session" else "who"

    @property
    def nouns(self) -> str:
        """Several of these."""
        return "people" if self.noun == "person" else f"{self.noun}s"


def asked(usual: Sequence[str]) -> FunnelAsked:
    """The funnel of the address; `usual` are its steps where none stand there."""
    ignored: list[str] = []
    options: dict[str, Any] = {}
    for name, words, default in (
        ("scope", SCOPES, "user"),
        ("order", ORDERS, "sequential"),
        ("identity", IDENTITIES, "user_id"),
    ):
        if (value := chosen(name, words, default)) != default:
            options[name] = value
    for name in ("window", "step_window"):
        if given := parameter(name):
            options[name] = given
    if given := parameter("exclude"):
        options["exclude"] = split(given)
    steps = split(parameter("steps") or "") or tuple(usual)
    # One by one, so that what can be read is.
    for name in list(options):
        try:
            funnel_of(["*"], **{name: options[name], "order": options.get("order", "sequential")})
        except ConfigError as error:
            ignored.append(str(error))
            del options[name]
    known = []
    for step in steps[:MOST]:
        try:
            funnel_of([step])
            known.append(step)
        except ConfigError as error:
            ignored.append(str(error))
    if options.get("exclude"):
        try:
            funnel_of(known or ["*"], exclude=options["exclude"])
        except ConfigError as error:
            ignored.append(str(error))
            del options["exclude"]
    if len(steps) > MOST:
        ignored.append(f"A funnel has at most {MOST} steps: {len(steps) - MOST} were left out.")
    return FunnelAsked(tuple(known) or tuple(usual), options, tuple(ignored))


def split(text: str) -> tuple[str, ...]:
    """The steps that a text of the address holds."""
    return tuple(part.strip() for part in _APART.split(text) if part.strip())


def joined(steps: Iterable[str]) -> str:
    """The text of steps for the address."""
    return JOINT.join(steps)
