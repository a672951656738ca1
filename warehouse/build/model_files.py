"""Reads model files: their SQL, their sentence, their column notes. Never runs them."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MODELS = Path(__file__).parents[1] / "models"
CHECKS = Path(__file__).parents[1] / "checks"
LAYERS = ("staging", "intermediate", "marts")

_MARK = re.compile(r"(grain|scope|kept as|key|key of \w+):\s*(.*)")
_NOTE = re.compile(r"(\w+)\s*,?\s*--\s+(.+)$")


@dataclass(frozen=True)
class Model:
    """One model: one file, one select."""

    name: str
    layer: str
    sql: str

    @property
    def is_mart(self) -> bool:
        """Whether it is in the build; the others only live while it is made."""
        return self.layer == "marts"

    @property
    def file(self) -> str:
        """Its file, as messages name it."""
        return f"warehouse/models/{self.layer}/{self.name}.sql"

    @cached_property
    def sentence(self) -> str:
        """The header without its marks: what the model says."""
        return " ".join(line for line in _header(self.sql) if not _MARK.match(line))

    @property
    def grain(self) -> str:
        """What one row is."""
        return self._marks.get("grain", "")

    @property
    def scope(self) -> str:
        """Whose rows depend on nobody else's: session, user, day, visitor, workflow, events.

        Rows of one session, say, can then be made anew alone. Empty: all rows are made anew.
        """
        return self._marks.get("scope", "")

    @cached_property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """Scope → its columns that tell whose row it is, of its own scope and of others.

        `-- key: user_id` is the key of the model's own scope, `-- key of day: start_date` that of
        another one, whose models see this model's rows of the days that changed alone.
        """
        return {
            mark.removeprefix("key of ") if mark != "key" else self.scope: tuple(
                column.strip() for column in columns.split(",")
            )
            for mark, columns in self._marks.items()
            if mark.startswith("key")
        }

    @property
    def kept_as(self) -> str:
        """How it is kept while it lives: as a table, as a view, or in parts.

        A mart of which single sessions, users, workflows or visitors are made anew is large, and
        builds share its parts. Of days there are few.
        """
        is_large = self.is_mart and self.keys.keys() - {"day"}
        usual = "view" if self.layer == "staging" else "parts" if is_large else "table"
        return self._marks.get("kept as", usual)

    @cached_property
    def column_notes(self) -> dict[str, str]:
        """Column → the comment behind it in the last select."""
        last = self.sql[self.sql.rfind("\nfinal as (") :]
        # A note may stand on the line after the expression's `as name`.
        notes = (_NOTE.search(line) for line in last.splitlines())
        return {note[1]: note[2] for note in notes if note}

    @cached_property
    def _marks(self) -> dict[str, str]:
        return _marks(self.sql)


@dataclass(frozen=True)
class Check:
    """One check: a select of bad rows, named as a sentence about the good ones."""

    name: str
    sql: str

    @property
    def scope(self) -> str:
        """Where it is asked: of each chunk of the events (session), of each new part of them
        (part), of the users or visitors that changed (user, visitor); empty: of everything.
        """
        return _marks(self.sql).get("scope", "")

    @property
    def sentence(self) -> str:
        """The name as words: `user_sessions: every session has one row`."""
        subject, _, sentence = self.name.partition("__")
        return f"{subject}: {sentence.replace('_', ' ')}"


def models() -> list[Model]:
    """All models, by layer and name."""
    return [
        Model(path.stem, layer, path.read_text(encoding="utf-8"))
        for layer in LAYERS
        for path in sorted((MODELS / layer).glob("*.sql"))
    ]


def checks() -> list[Check]:
    """All checks, by name."""
    return [
        Check(path.stem, path.read_text(encoding="utf-8")) for path in sorted(CHECKS.glob("*.sql"))
    ]


def _header(sql: str) -> list[str]:
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return lines


def _marks(sql: str) -> dict[str, str]:
    """What a header says as `name: value`."""
    lines = (_MARK.match(line) for line in _header(sql))
    return {mark[1]: mark[2].strip() for mark in lines if mark}
