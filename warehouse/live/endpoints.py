"""The reading endpoints: where each is, which role it wants, and what answers it. The one table."""

from collections.abc import Mapping
from dataclasses import dataclass

from etl.config.serve import ANALYST, VIEWER
from warehouse.serving import Visitor

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Endpoint:
    """One path, which is there with /api/v1 before it and without.

    answers  by role the name of what answers it in `answers`, the most that somebody may see first
    streams  whether it is also answered by events of the server
    """

    path: str
    answers: Mapping[str, str]
    methods: tuple[str, ...] = ("GET",)
    streams: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that it answers."""
        return tuple(self.answers)

    def answer_for(self, visitor: Visitor) -> str | None:
        """The name of what answers a visitor; None where he may not ask."""
        return next((name for role, name in self.answers.items() if visitor.may(role)), None)


ENDPOINTS = (
    Endpoint("/active", {ANALYST: "who_is_active", VIEWER: "how_many_are_active"}, streams=True),
    Endpoint("/user/{user_id}/current", {ANALYST: "current"}),
    Endpoint("/user/{user_id}/history", {ANALYST: "history"}),
    Endpoint("/patterns/{user_id}", {ANALYST: "pattern"}),
    Endpoint("/session/{id}", {ANALYST: "document"}),
    Endpoint("/query", {ANALYST: "log"}, ("GET", "POST")),
)
