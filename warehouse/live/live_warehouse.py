"""A build with its tail, open for reading as any build is. Never writes."""

from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.build_files import Build
from warehouse.connection import Warehouse


class LiveWarehouse(Warehouse):
    """What the sessions and events of build and tail answer; all other tables are the build's.

    as_of  newest event time of both, naive UTC
    """

    def __init__(
        self,
        home: Path,
        build: Build,
        connection: duckdb.DuckDBPyConnection,
        search_path: str,
        as_of: datetime,
    ) -> None:
        super().__init__(home, build.number, build.path, connection, build)
        self._parts = f"set search_path = '{search_path}'"
        self.as_of = as_of
