"""What the page Paths is asked, by what stands in the address. Never asks the warehouse."""

from __future__ import annotations

from typing import NamedTuple

from pages.ui.controls import chosen, parameter

KINDS = {"page": "Pages", "event_type": "Event types"}
WAYS = {"forward": "Forward", "backward": "Backward"}
DEPTHS = {str(number): f"{number} steps" for number in (2, 3, 4, 5, 6, 8)}
TOPS = {str(number): f"Top {number}" for number in (3, 5, 8, 12, 20)}
LEAST = {
    "1": "Any users",
    **{str(number): f"{number} users at least" for number in (2, 5, 10, 25, 100)},
}


class Asked(NamedTuple):
    """What is asked of paths, as paths.steps takes it."""

    start: str | None
    direction: str
    of: str
    depth: int
    top: int
    minimum_users: int

    @property
    def nodes(self) -> str:
        return "pages" if self.of == "page" else "types of events"


def asked() -> Asked:
    """The choice in the address."""
    return Asked(
        start=parameter("start") or None,
        direction=chosen("way", WAYS, "forward"),
        of=chosen("steps", KINDS, "page"),
        depth=int(chosen("depth", DEPTHS, "4")),
        top=int(chosen("top", TOPS, "5")),
        minimum_users=int(chosen("least", LEAST, "1")),
    )


def named(node: str, what: Asked) -> str:
    """What a node is called: where a path that is told backward ends, sessions began."""
    return "Entry" if node == "Exit" and what.direction == "backward" else node
