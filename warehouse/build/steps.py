"""The SQL of the steps of a build that are no models. Never runs it."""

from pathlib import Path

_STEPS = Path(__file__).parent / "steps_sql"


def step_sql(name: str) -> str:
    """The text of a step; docs/builds.md lists the tables that steps leave to each other."""
    return (_STEPS / f"{name}.sql").read_text(encoding="utf-8")
