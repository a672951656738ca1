"""Small whole files of every format, to be broken: those of the formats' own tests, and more."""

import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

from tests.etl.formats import (
    test_access_log,
    test_amplitude,
    test_aws_clickstream,
    test_ga4,
    test_matomo,
    test_mixpanel,
    test_posthog,
    test_registry,
    test_segment,
    test_sessions,
    test_snowplow,
)
from tests.exports import as_array, as_csv, as_gzip, as_lines, as_parquet

PAYLOADS = Path(__file__).parents[3] / "shared" / "data" / "payloads"
EVENTS: list[dict[str, Any]] = [
    {"id": f"e{n}", "user": f"u{n % 3}", "time": f"2026-03-10T12:00:{n:02}Z", "event": "click",
     "url": f"https://shop.test/p/{n}?utm_campaign=spring", "tags": ["a", "b"], "n": n,
     "note": 'say "hi", é', "properties": {"plan": "pro", "deep": {"x": [1, None]}}}
    for n in range(8)
]  # fmt: skip
RECORDS: dict[str, list[dict[str, Any]]] = {
    "events": EVENTS,
    "mongo": [test_registry.DOCUMENT],
    "amplitude": test_amplitude.EVENTS,
    "aws": test_aws_clickstream.ROWS,
    "ga4": test_ga4.ROWS,
    "matomo": test_matomo.VISITS,
    "mixpanel": test_mixpanel.EVENTS,
    "posthog": test_posthog.EVENTS,
    "segment": test_segment.CALLS,
    "sessions": test_sessions.SESSIONS,
}


def samples(folder: Path) -> dict[str, bytes]:
    """Files of our own by name. `folder`: where a database is made."""
    found: dict[str, str | bytes] = {"snowplow.tsv": test_snowplow.ENRICHED}
    for name, records in RECORDS.items():
        told = json.loads(json.dumps(records, default=str))
        found |= {f"{name}.ndjson": as_lines(told), f"{name}.json": as_array(told)}
    found["pretty.json"] = "\n".join(json.dumps(one, indent=2) for one in EVENTS)
    found["events.csv"] = as_csv(EVENTS)
    found["semicolons.csv"] = _delimited(EVENTS, ";")
    found["segment.csv"] = as_csv(test_segment.ROWS)
    found["events.ndjson.gz"] = as_gzip(EVENTS)
    found["events.parquet"] = as_parquet(EVENTS)
    for name, text in test_access_log.SHAPES.values():
        found[f"log-{name}"] = text
    found["app.db"] = _database(folder / "app.db")
    files = {name: x.encode() if isinstance(x, str) else x for name, x in found.items()}
    files["utf16.csv"] = as_csv(EVENTS).encode("utf-16")
    return files


def payloads() -> dict[str, bytes]:
    """Published payloads by name, where they lie beside the project."""
    found = sorted(PAYLOADS.glob("*")) if PAYLOADS.is_dir() else []
    return {path.name: path.read_bytes() for path in found if path.suffix not in (".md", ".txt")}


def _delimited(records: list[dict[str, Any]], delimiter: str) -> str:
    out = io.StringIO()
    rows = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    rows.writerows([["user", "time", "event", "note"]])
    rows.writerows([[one[n] for n in ("user", "time", "event", "note")] for one in records])
    return out.getvalue()


def _database(path: Path) -> bytes:
    con = sqlite3.connect(path)
    con.execute("create table posts (id integer, author_id text, created_at text, body blob)")
    rows = [(n, f"u{n}", f"2026-03-10 12:00:{n:02}", b"\0\xff") for n in range(20)]
    con.executemany("insert into posts values (?, ?, ?, ?)", rows)
    con.commit()
    con.close()
    return path.read_bytes()
