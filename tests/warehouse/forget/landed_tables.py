"""Landed files of a live database, without a database."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def land(home: Path, name: str, users: Sequence[Any], kind: pa.DataType | None = None) -> Path:
    """A landed file of the table acts of the source shop, of rows with these users."""
    folder = home / "landing" / "shop" / "acts"
    folder.mkdir(parents=True, exist_ok=True)
    times = [datetime(2026, 3, 1, 12, number) for number in range(len(users))]  # noqa: DTZ001
    table = pa.table(
        {
            "id": [f"{name}{number}" for number in range(len(users))],
            "user_id": pa.array(users, kind or pa.string()),
            "created_at": pa.array(times, pa.timestamp("us")),
            "action": ["click"] * len(users),
        }
    )
    table = table.replace_schema_metadata({b"dwell.table": b"acts", b"dwell.key": b"id"})
    pq.write_table(table, folder / f"{name}.parquet")
    state = '{"marks": {}, "read_at": "2026-03-01T00:00:00+00:00", "seen_by": "x", "seen": ""}'
    (folder / "watermark.json").write_text(state, "utf-8")
    return folder / f"{name}.parquet"
