"""The reading endpoints: where each is, which role it wants, and what answers it. The one table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from etl.config.serve import ANALYST, VIEWER
from etl.errors import ConfigError, did_you_mean
from warehouse.serving import Visitor

PREFIX = "/api/v1"
_OF_USER = {"user_id": "of_user"}


@dataclass(frozen=True)
class Endpoint:
    """One path, which is there with /api/v1 before it and without.

    answers  by role the name of what answers it in `answers`, the most that somebody may see first
    asks     names of what may be asked for, in the query or a body; the path has its own
    also     other spellings of such names
    of       of these and of the path those that say whom it is of, by what notes call it
    streams  whether it is also answered by events of the server
    """

    path: str
    answers: Mapping[str, str]
    asks: tuple[str, ...] = ()
    also: Mapping[str, str] = field(default_factory=dict)
    of: Mapping[str, str] = field(default_factory=dict)
    methods: tuple[str, ...] = ("GET",)
    streams: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that it answers."""
        return tuple(self.answers)

    def answer_for(self, visitor: Visitor) -> str | None:
        """The name of what answers a visitor; None where he may not ask."""
        return next((name for role, name in self.answers.items() if visitor.may(role)), None)

    def params(self, placed: Mapping[str, str], asked: Mapping[str, str]) -> dict[str, str]:
        """What its path says, and beside it what was asked for, by the first of its spellings.

        ConfigError for what it does not know, such as what only the path may say, and for two
        spellings of one name.
        """
        read: dict[str, str] = {}
        for given, value in asked.items():
            name = self.also.get(given, given)
            if name not in self.asks:
                known = did_you_mean(given, self.asks) if self.asks else "It takes none."
                msg = f"Unknown parameter '{given[:40]}' of {self.path}. {known}"
                raise ConfigError(msg)
            if name in read:
                msg = f"{name} was given by two spellings. Give one of them."
                raise ConfigError(msg)
            read[name] = value
        return read | dict(placed)


ENDPOINTS = (
    Endpoint(
        "/active",
        {ANALYST: "who_is_active", VIEWER: "how_many_are_active"},
        asks=("limit", "include_bots"),
        streams=True,
    ),
    Endpoint("/user/{user_id}/current", {ANALYST: "current"}, of=_OF_USER),
    Endpoint("/user/{user_id}/history", {ANALYST: "history"}, asks=("limit",), of=_OF_USER),
    Endpoint("/patterns/{user_id}", {ANALYST: "pattern"}, of=_OF_USER),
    Endpoint(
        "/session/{id}", {ANALYST: "document"}, asks=("limit", "offset"), of={"id": "of_session"}
    ),
    Endpoint(
        "/query",
        {ANALYST: "log"},
        asks=("sessionId", "userId", "limit"),
        also={"session_id": "sessionId", "user_id": "userId"},
        of={"sessionId": "of_session", "userId": "of_user"},
        methods=("GET", "POST"),
    ),
)
