"""The folder <home>/landing: what lies where in it. Writes nothing there.

<home>/landing/<source>/…           files that people drop there
<home>/landing/<source>/<table>/    what was read of a live database's table
"""

from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq

_LONGEST_NAME = 100
STATE = "watermark.json"
TABLE, KEY = b"dwell.table", b"dwell.key"


def landing_folder(home: Path) -> Path:
    """Where files are dropped. It need not be there."""
    return home / "landing"


def folder_of(home: Path, source: str, table: str) -> Path:
    """Where the rows of a table are landed."""
    return landing_folder(home) / as_file_name(source) / as_file_name(table)


def landed_files(folder: Path) -> list[Path]:
    """The landed files, in the order in which they were received."""
    return sorted(folder.glob("*.parquet"), key=lambda path: (path.stat().st_mtime_ns, path.name))


def landed_as(path: Path) -> tuple[str, str | None] | None:
    """Table and key column of a landed file; None for any other Parquet file."""
    metadata = pq.read_schema(path).metadata or {}
    if TABLE not in metadata:
        return None
    return metadata[TABLE].decode(), metadata[KEY].decode() or None


def is_extracted(path: Path) -> bool:
    """Whether the file is of a database's table, even if that is no longer configured."""
    return (path.parent / STATE).exists()


def as_file_name(name: str) -> str:
    """A name that no file system takes amiss; two names never become one."""
    safe = quote(name, safe=" ")
    if len(safe) > _LONGEST_NAME:
        safe = f"{safe[:_LONGEST_NAME]}-{sha256(name.encode()).hexdigest()[:12]}"
    return "%2E" + safe[1:] if safe.startswith(".") else safe
