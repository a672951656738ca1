"""How a load and a build are told while they run: a line each, and on a terminal one that moves."""

import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from etl.extract.tables import Extracted
from etl.load.inputs import InputFiles
from etl.load.outcome import Outcome
from warehouse.build.old_texts import DroppedTexts
from warehouse.cli.output import count, log, trace, writes_json
from warehouse.refresh import RefreshListener
from warehouse.written import duration

# A step of a build that takes less is not worth a line.
_LONG_STEP = 1.0


class Progress(RefreshListener):
    """Tells every file and step. Close it at the end: it may have a line open."""

    def __init__(self) -> None:
        super().__init__()
        self.line = MovingLine() if sys.stderr.isatty() and not writes_json() else None
        self.inputs = InputFiles((), (), ())
        self.names: dict[str, str] = {}

    def on_table(self, table: Extracted) -> None:
        # One that failed is told with the files that failed.
        if table.problem is None:
            self._tell(
                f"{table.place}: {count(table.rows_read, 'row')} read, "
                f"{count(table.rows_landed)} new, {duration(table.seconds)}",
                event="table_read",
                is_detail=table.rows_landed == 0,
                source=table.source,
                table=table.table,
                rows=table.rows_read,
                rows_landed=table.rows_landed,
                seconds=table.seconds,
            )

    def on_inputs(self, inputs: InputFiles) -> None:
        self.inputs = inputs
        files = len(inputs.files)
        self._tell(f"{count(files, 'file')} to look at", event="load_started",
                   is_detail=True, files=files, bytes=inputs.size)  # fmt: skip
        # A member is told with its archive: several have files of the same name.
        self.names = {
            str(file.path): str(file.path.relative_to(file.archive.parent))
            for file in inputs.files
            if file.archive
        }
        super().on_inputs(inputs)
        if self.line:
            self.line.start(files, inputs.size)

    def on_warning(self, message: str) -> None:
        super().on_warning(message)
        self._tell(f"warning: {message}", event="warning", level="warning")

    def on_merge(self, files: int, seconds: float) -> None:
        self._tell(
            f"Merged small files of the lake: {count(files)} fewer, {duration(seconds)}",
            event="files_merged",
            is_detail=seconds < _LONG_STEP,
            files_fewer=files,
            seconds=round(seconds, 3),
        )

    def on_file_begin(self, path: Path, size: int) -> None:
        if self.line:
            self.line.begin(self._name_of(str(path)))

    def on_error(self, error: Exception) -> None:
        if self.line:
            self.line.clear()
        trace(error)

    def on_file_end(self, outcome: Outcome, size: int) -> None:
        if self.line:
            self.line.end(size, outcome.rows_read, is_new=outcome.status == "loaded")
        has_line = self.line is not None and len(self.inputs.files) > 1
        self._tell(
            _line(outcome, self._name_of(outcome.file)),
            event=f"file_{outcome.status}",
            level="error" if outcome.status == "failed" or outcome.is_useless else "info",
            is_detail=not outcome.is_useless
            and (outcome.status == "unchanged" or (has_line and outcome.status == "loaded")),
            source=outcome.source,
            file=outcome.file,
            format=outcome.format,
            rows=outcome.rows_read,
            rows_loaded=outcome.rows_loaded,
            rows_duplicate=outcome.rows_duplicate,
            rows_rejected=outcome.rows_rejected,
            bytes=size,
            seconds=outcome.seconds,
            times=list(outcome.times),
            note=outcome.message,
        )
        for text in outcome.schema_changes:
            self._tell(
                f"warning: {self._name_of(outcome.file)}: {text}",
                event="schema_change",
                level="warning",
                source=outcome.source,
                file=outcome.file,
                change=text,
            )

    def _name_of(self, file: str) -> str:
        return self.names.get(file) or Path(file).name

    def on_step(self, name: str, rows: int | None, seconds: float) -> None:
        """A model or check of a build that was made."""
        self.close()
        self._tell(
            f"  {name}: {count(rows)} rows, {duration(seconds)}",
            event="build_step",
            is_detail=seconds < _LONG_STEP,
            step=name,
            rows=rows,
            seconds=round(seconds, 3),
        )

    def on_dropped(self, dropped: DroppedTexts) -> None:
        """Texts that were older than they are kept."""
        events, rejected = count(dropped.events, "event"), count(dropped.rejected, "rejected row")
        self._tell(
            f"Dropped the texts of {events} and {rejected}, older than keep_texts",
            event="texts_dropped",
            events=dropped.events,
            rejected=dropped.rejected,
        )

    def on_removed(self, files: Sequence[Path]) -> None:
        """Files of the collector that are in the build."""
        self._tell(
            f"Removed {count(len(files), 'file')} of the collector that the build holds",
            event="spool_removed",
            is_detail=True,
            files=len(files),
        )

    def close(self) -> None:
        """Takes the moving line away."""
        if self.line:
            self.line.close()
            self.line = None

    def _tell(
        self,
        text: str,
        *,
        event: str,
        level: str = "info",
        is_detail: bool = False,
        **facts: object,
    ) -> None:
        """One line of the log, above the moving one."""
        if self.line and not is_detail:
            self.line.clear()
        log(text, event=event, level=level, is_detail=is_detail, **facts)
        if self.line and not is_detail:
            self.line.draw()


class MovingLine:
    """Files, bytes, rows, rate and time left, on one line of a terminal."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.files = self.files_done = self.size = self.size_done = self.size_new = self.rows = 0
        self.name = ""

    def start(self, files: int, size: int) -> None:
        """So many files and bytes are to come."""
        self.files, self.size = files, size

    def begin(self, name: str) -> None:
        """A file of that name is begun."""
        self.name = name
        self.draw()

    def end(self, size: int, rows: int, *, is_new: bool) -> None:
        """A file is done. One that the lake has already costs nothing, and says no rate."""
        self.files_done += 1
        self.size_done += size
        self.size_new += size if is_new else 0
        self.rows += rows
        self.draw()

    def text(self, seconds: float) -> str:
        """What the line says after so many seconds."""
        parts = [f"{self.files_done} of {count(self.files, 'file')}"]
        if self.size:
            parts.append(f"{self.size_done / self.size:.0%} of {in_bytes(self.size)}")
        parts.append(count(self.rows, "row"))
        if self.size_new and seconds > 0:
            rate = self.size_new / seconds
            parts.append(f"{in_bytes(rate)}/s")
            parts.append(f"{duration((self.size - self.size_done) / rate)} left")
        return " · ".join([*parts, self.name])

    def draw(self) -> None:
        """Writes the line in the place of what it was."""
        width = shutil.get_terminal_size().columns - 1
        self._write(f"\r\x1b[2K{self.text(time.monotonic() - self.started)[:width]}")

    def clear(self) -> None:
        """Makes room for another line."""
        self._write("\r\x1b[2K")

    def close(self) -> None:
        """Takes the line away."""
        self.clear()

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


def in_bytes(size: float) -> str:
    """12 B, 1.2 GB."""
    units = ["B", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.0f} {units[0]}" if size >= 10 or units[0] == "B" else f"{size:.1f} {units[0]}"


def _line(outcome: Outcome, name: str) -> str:
    if outcome.status in ("failed", "waiting", "skipped"):
        return f"{outcome.status}: {outcome.message}"
    if outcome.status == "unchanged":
        said = f" ({outcome.message})" if outcome.message else ""
        return f"{name}: unchanged{said}"
    return (
        f"{name} → {outcome.source} ({outcome.format}): "
        f"{count(outcome.rows_read)} read, {count(outcome.rows_loaded)} loaded, "
        f"{count(outcome.rows_duplicate)} duplicate, {count(outcome.rows_rejected)} rejected, "
        f"{duration(outcome.seconds)}"
        + (f"; times {', '.join(outcome.times)}" if outcome.times else "")
        + (f" ({outcome.message})" if outcome.message else "")
    )
