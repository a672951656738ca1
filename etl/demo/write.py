"""Writes the export's files, byte for byte the same for the same rows.

Decides nothing about their content, and removes no file but those a demo wrote before.
"""

import csv
import gzip
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from etl.demo.export import Export, table_text
from etl.demo.people import EXPERIMENT
from etl.demo.steps import AppRow
from etl.errors import ConfigError

MARK = "# Written by 'dwell demo'."
CONFIG = f"""\
{MARK} A made-up product: Lumen, a site with a chat.
time_zone = "UTC"
internal_hosts = ["lumen.example", "chat.lumen.example"]

# Half of the users were meant to get the new model.
[experiments.{EXPERIMENT}]
label = "Answers of two models"
split = {{aurora = 0.5, baseline = 0.5}}

# Web events, one file a week.
[sources.web]
format = "events"
path = "web/*.ndjson.gz"

# Session documents of the chat, as mongoexport writes them.
[sources.chat]
format = "mongo_sessions"
path = "chat/*.ndjson"

# Tables of the application, as a sign of what people do in it.
[sources.app]
format = "tables"
path = ["app/app.sqlite", "app/*.csv"]

[sources.app.tables.posts]
user = "author_id"
time = "created_at"
type = "post_created"
id = "id"

[sources.app.tables.comments]
user = "user_id"
time = "created_at"
type = "comment_created"
id = "id"

[sources.app.tables.collections]
user = "owner_id"
time = "created_at"
type = "collection_created"
id = "id"

[sources.app.tables.query_embeddings]
user = "user_id"
time = "created_at"
type = "search"
id = "id"

[[sources.app.tables.workflow_executions]]
user = "user_id"
time = "started_at"
type = "workflow_start"
id = "id"

# A run that was given up has no end, and no second event.
[[sources.app.tables.workflow_executions]]
user = "user_id"
time = "completed_at"
type = "workflow_complete"
id = "id"
when = "completed_at"
"""
OWN_FILES = (
    "web/events-*.ndjson.gz",
    "chat/sessions-*.ndjson",
    "app/app.sqlite*",
    "app/query_embeddings.csv",
    "app/workflow_executions.csv",
)

SCHEMA = """
create table posts (
    id integer primary key, author_id text not null, created_at text not null,
    title text not null, topic text not null
);
create table comments (
    id integer primary key, post_id integer not null, user_id text not null,
    created_at text not null, length integer not null
);
create table collections (
    id integer primary key, owner_id text not null, name text not null,
    created_at text not null
);
"""


def clear(folder: Path) -> None:
    """Removes what an earlier demo wrote; refuses a folder configured by somebody else."""
    config = folder / "dwell.toml"
    if config.exists() and not config.read_text(encoding="utf-8").startswith(MARK):
        message = (
            f"{config} was not written by 'dwell demo'. The demo wants a folder "
            "of its own. Choose another folder."
        )
        raise ConfigError(message)
    for pattern in OWN_FILES:
        for file in sorted(folder.glob(pattern)):
            file.unlink()


def write_config(folder: Path) -> Path:
    """The configuration that names the export's files as sources."""
    config = folder / "dwell.toml"
    config.write_text(CONFIG, encoding="utf-8", newline="\n")
    return config


def write_web(folder: Path, weeks: Mapping[str, list[str]]) -> list[Path]:
    """One compressed file a week, in order of time."""
    files = []
    for week, lines in weeks.items():
        file = folder / f"events-{week}.ndjson.gz"
        text = "".join(f"{line}\n" for line in lines).encode()
        # gzip.compress of this Python would write the running system into the header.
        with (
            file.open("wb") as raw,
            gzip.GzipFile("", "wb", compresslevel=3, fileobj=raw, mtime=0) as packed,
        ):
            packed.write(text)
        files.append(file)
    return files


def write_chat(folder: Path, export: Export) -> list[Path]:
    """One file of session documents a month, in order of time."""
    files = []
    for month in sorted(export.chat):
        file = folder / f"sessions-{month}.ndjson"
        text = "".join(f"{document}\n" for _, document in sorted(export.chat[month]))
        file.write_text(text, encoding="utf-8", newline="\n")
        files.append(file)
    return files


def write_app(folder: Path, export: Export) -> list[Path]:
    """The application's database and two dumps of its other tables."""
    searches = _write_csv(
        folder / "query_embeddings.csv",
        ("id", "user_id", "query", "created_at"),
        [
            (f"qe-{number:06d}", user, *row.values, table_text(row.at))
            for number, user, row in _numbered(export, "query_embeddings")
        ],
    )
    columns = ("id", "user_id", "workflow", "started_at", "completed_at", "status")
    workflows = _write_csv(
        folder / "workflow_executions.csv",
        (*columns, "last_step"),
        [
            (
                f"wf-{number:06d}",
                user,
                row.values[0],
                table_text(row.at),
                "" if row.ended is None else table_text(row.ended),
                *row.values[1:],
            )
            for number, user, row in _numbered(export, "workflow_executions")
        ],
    )
    return [_write_database(folder / "app.sqlite", export), searches, workflows]


def _write_database(file: Path, export: Export) -> Path:
    posts = _numbered(export, "posts")
    post_times = [row.at for _, _, row in posts]
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(SCHEMA)
        connection.executemany(
            "insert into posts values (?, ?, ?, ?, ?)",
            [(number, user, table_text(row.at), *row.values) for number, user, row in posts],
        )
        comments = []
        for number, user, row in _numbered(export, "comments"):
            post, length = row.values
            # Nobody comments on a post before it is written.
            post = max(1, min(post, bisect_right(post_times, row.at)))
            comments.append((number, post, user, table_text(row.at), length))
        connection.executemany("insert into comments values (?, ?, ?, ?, ?)", comments)
        connection.executemany(
            "insert into collections values (?, ?, ?, ?)",
            [
                (number, user, *row.values, table_text(row.at))
                for number, user, row in _numbered(export, "collections")
            ],
        )
        connection.commit()
    return file


def _numbered(export: Export, table: str) -> list[tuple[int, str, AppRow]]:
    # An app numbers its rows as they come: ids follow time.
    rows = sorted(export.app[table], key=lambda row: (row[1].at, row[0], repr(row[1])))
    return [(number, user, row) for number, (user, row) in enumerate(rows, 1)]


def _write_csv(file: Path, columns: tuple[str, ...], rows: Iterable[Any]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return file
