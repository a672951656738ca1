"""Receipts of erasures: what went of whom, without an id. What went only ever grows."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etl.durable import write_json
from etl.errors import SourceError
from etl.lake.state import LakeState


def receipts_of(state: LakeState) -> list[Path]:
    """All of a lake, the oldest first."""
    return [state.root / one.receipt for one in state.erased]


def pending(state: LakeState) -> list[Path]:
    """Those of erasures that were begun and not ended. SourceError for one that is lost."""
    return [path for path in receipts_of(state) if read_receipt(path).get("finished_at") is None]


def unended(path: Path) -> str:
    """What to say of one of those."""
    return (
        f"people are forgotten in part only, their rows left the lake ({path}). The next load or "
        "build ends it, or 'dwell forget'."
    )


def read_receipt(path: Path) -> dict[str, Any]:
    """What a receipt says. SourceError for one that is lost."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = (
            f"The receipt {path} cannot be read: {error}. It says whether an erasure was ended: "
            "restore it from a backup."
        )
        raise SourceError(msg) from error
    return content


def add_to(path: Path, facts: Mapping[str, Any]) -> None:
    """Adds to a receipt: what a run before has counted or named stays, and comes on top."""
    told = read_receipt(path)
    for name, fact in facts.items():
        told[name] = _sum(told.get(name), fact)
    write_json(path, told)


def set_in(path: Path, facts: Mapping[str, Any]) -> None:
    """Notes in a receipt how something is now."""
    write_json(path, {**read_receipt(path), **facts})


def _sum(before: Any, fact: Any) -> Any:
    if isinstance(fact, dict) and isinstance(before, dict):
        return before | {name: _sum(before.get(name), one) for name, one in fact.items()}
    if isinstance(fact, list) and isinstance(before, list):
        return [*before, *(one for one in fact if one not in before)]
    is_count = isinstance(fact, int) and not isinstance(fact, bool)
    return before + fact if is_count and isinstance(before, int) else fact
