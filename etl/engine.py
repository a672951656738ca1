"""The engine of a load: a DuckDB in memory, which spills into the home. Reads no file."""

import duckdb

from etl.config.settings import Settings
from etl.errors import SourceError
from etl.lake import Lake

# Room for a segment of any file; what does not fit is spilled beside the lake.
MEMORY_LIMIT = "1GB"


class Engine:
    """A connection as long as the block lasts. SourceError when the home cannot be written."""

    def __init__(self, settings: Settings) -> None:
        self.spill = Lake(settings.home).spill

    def __enter__(self) -> duckdb.DuckDBPyConnection:
        try:
            self.spill.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"{self.spill} cannot be made: {error.strerror}. Give another --home."
            raise SourceError(msg) from error
        self.con = duckdb.connect(
            config={
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": str(self.spill),
                # JSON that is handed over and back is known to be JSON: it is not read for that.
                "arrow_lossless_conversion": True,
            }
        )
        return self.con

    def __exit__(self, *exception: object) -> None:
        self.con.close()
