"""What one step of a chain asks of an event, and of what lies between. Loads no arrays."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """One step of a chain, and what lies between it and the step before.

    condition  what the event holds
    within     at most so many microseconds after the step before; exactly as many still count
    without    conditions that no event strictly between holds
    is_next    whether there is no event at all between
    """

    condition: int
    within: int | None = None
    without: tuple[int, ...] = ()
    is_next: bool = False
