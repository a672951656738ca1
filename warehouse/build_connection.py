"""Opens the file of a build so that SQL reaches nothing else, and cannot change that."""

import os
import tempfile
import zlib
from pathlib import Path
from threading import Lock

import duckdb

from etl.duck import Config, connect
from etl.errors import ConfigError
from warehouse import table_parts

_opening = Lock()


def connect_build(
    path: Path, max_seconds: float | None, max_memory: int | None
) -> duckdb.DuckDBPyConnection:
    """A connection to the build. With `max_memory`, in bytes, nothing is spilled to the disk.

    ConfigError when this process has the file open with other limits.
    """
    # Processes that read one build must not share a spill folder.
    spill = f"dwell-{os.getpid()}-{zlib.crc32(os.fsencode(path)):08x}"
    config: Config = {"temp_directory": str(Path(tempfile.gettempdir()) / spill)}
    if max_seconds is not None:
        config["max_execution_time"] = str(max(1, round(max_seconds * 1000)))
    if max_memory is not None:
        config |= {"memory_limit": f"{int(max_memory)}B", "temp_directory": ""}
    with _opening:
        try:
            connection = connect(path, read_only=True, config=config)
        except duckdb.ConnectionException as error:
            msg = (
                f"{path.name} is open in this process with another max_seconds or max_memory than "
                f"{max_seconds} and {max_memory}. Open it with the same ones, or close the other "
                "first."
            )
            raise ConfigError(msg) from error
        # Analysts' SQL must reach this file alone, and must not be able to change that. All
        # connections of a process to one file share these, so only the first can set them.
        locked = connection.sql("select current_setting('lock_configuration')").fetchall()
        if not locked[0][0]:
            table_parts.attach(connection, path.parent)
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
    return connection
