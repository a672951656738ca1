"""Tries out the configured sources: what their paths match, and whether that can be read.

Opens the newest file of each path and of the landing folder, and no other; of a database it looks
at the columns of its tables. Loads nothing, and needs no lock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from etl.collector.spool_files import is_spooled
from etl.config.settings import Settings
from etl.config.sources import Source
from etl.errors import DwellError, NoEvents
from etl.extract.tables import try_out
from etl.formats.field_map import columns_named
from etl.formats.read_plan import look
from etl.formats.registry import requests_of
from etl.lake import Lake
from etl.landing_folder import landing_folder
from etl.load.dropped_files import has_nowhere, landed
from etl.load.inputs import InputFile, find_inputs, nothing_matches, with_rules
from etl.load.known_columns import KnownColumns
from etl.privacy.texts import cutter_of
from etl.read.unpack import unpack

# Files beside exports are few.
_MOST_TRIED = 20


@dataclass(frozen=True)
class FileCheck:
    """What a path matches, and what came of looking at the newest of its files.

    `format`: what that file is read as. `error`: why it cannot be read, or that there is none.
    A table of a database stands for a file: `is_table`.
    """

    path: str
    files: int
    newest: str | None = None
    format: str | None = None
    error: str | None = None
    is_table: bool = False


@dataclass
class SourceCheck:
    """The trials of one source, and how many of its landed files are not whole yet."""

    source: str
    configured: Source | None
    trials: list[FileCheck] = field(default_factory=list)
    waiting: int = 0


def check_sources(
    settings: Settings, skip: Sequence[Path] = ()
) -> tuple[list[SourceCheck], tuple[str, ...]]:
    """All configured sources in their order, then those that only have landed files.

    Beside them sentences about what looks wrong, such as files that two sources claim.
    """
    with Lake(settings.home).state().batch_table() as con:
        return _checked(settings, skip, KnownColumns(con))


def _checked(
    settings: Settings, skip: Sequence[Path], known: KnownColumns
) -> tuple[list[SourceCheck], tuple[str, ...]]:
    checks = {source.name: SourceCheck(source.name, source) for source in settings.sources}
    lake, asked = Lake(settings.home), [i for s in settings.sources for i in requests_of(s)]
    inputs = with_rules(find_inputs(asked, lake, settings.sources), settings)
    matched: dict[tuple[str, str | None], list[InputFile]] = {}
    for file in inputs.files:
        matched.setdefault((file.pattern, file.request.source), []).append(file)
    absent = {(pattern, request.source) for pattern, request in inputs.missing}
    for source in settings.sources:
        for pattern in source.paths:
            key = (pattern, source.name)
            if key in absent:
                trial = FileCheck(pattern, 0, error=nothing_matches(pattern))
            elif key in matched:
                trial = _trial(pattern, matched[key], known)
            else:
                # Another pattern of the source has all its files.
                trial = FileCheck(pattern, 0)
            checks[source.name].trials.append(trial)
        for table in try_out(source):
            trial = FileCheck(table.place, 1, table.table, "tables", table.problem, is_table=True)
            checks[source.name].trials.append(trial)
    whole, unfinished = landed(settings, skip=skip)
    folder = landing_folder(settings.home)
    by_place: dict[tuple[str | None, Path], list[InputFile]] = {}
    for file in with_rules(find_inputs(whole, lake, settings.sources), settings).files:
        owner = file.request.source
        place = folder / owner if owner else folder
        if is_spooled(file.path):
            place = file.path.parent
        by_place.setdefault((owner, place), []).append(file)
    for (owner, place), files in by_place.items():
        trial = _trial(str(place), files, known)
        name = owner or trial.format or folder.name
        checks.setdefault(name, SourceCheck(name, None)).trials.append(trial)
    for file_waiting in unfinished:
        name = file_waiting.source or folder.name
        checks.setdefault(name, SourceCheck(name, None)).waiting += 1
    for entry in checks.values():
        _miss_files(entry, settings.home)
    return list(checks.values()), inputs.warnings


def _trial(path: str, files: Sequence[InputFile], known: KnownColumns) -> FileCheck:
    """Looks at the newest of the files, of which there is one at least.

    Those that a load leaves out, since they only lie beside the others, are passed over.
    """
    by_age = sorted(files, key=lambda file: (file.is_sure, _changed_at(file.on_disk)), reverse=True)
    for file in by_age[:_MOST_TRIED]:
        try:
            name, error = _tried(file, known)
        except NoEvents:
            continue
        return FileCheck(path, len(files), str(file.path), name, error)
    return FileCheck(path, len(files), str(by_age[0].path), error="none of the newest holds events")


def _tried(file: InputFile, known: KnownColumns) -> tuple[str | None, str | None]:
    """What a file is read as, and why it cannot be read. NoEvents where it is left out."""
    request, error = file.request, None
    name = None
    try:
        with TemporaryDirectory() as folder:
            plain = unpack(file.on_disk, file.member, Path(folder))
            archive = file.on_disk if file.member else None
            taken = known.before(file.path, request)
            plan = look(
                *(file.path, request),
                is_sure=file.is_sure,
                on_disk=archive,
                plain=plain,
                taken=taken,
            )
        name = plan.format.name
        if name == "events":
            error = _missing_columns(file.path, plan.sample.columns, request.map.values())
    except NoEvents:
        raise
    except DwellError as problem:
        error = str(problem)
    # Whatever is wrong with one source, the others are told.
    except Exception as problem:
        error = f"{file.path} cannot be read: {type(problem).__name__}: {problem}."
    cutter = cutter_of(request.rules)
    return name, cutter.text(error) if error else None


def _missing_columns(path: Path, there: Sequence[str], mapped: Iterable[str]) -> str | None:
    """What to say of mapped columns that the file's beginning does not have."""
    missing = [
        column
        for written in mapped
        for column in columns_named(written, there)
        if not column.startswith("'")
        and not column.isdecimal()
        and column not in there
        and column.split(".")[0] not in there
    ]
    if not missing:
        return None
    return (
        f"{path} has no column {' and no column '.join(missing)}, which map names. It has "
        f"{', '.join(there[:12])}. Mend map."
    )


def _miss_files(entry: SourceCheck, home: Path) -> None:
    """A source that is configured without a path needs files that landed."""
    source = entry.configured
    if source and not entry.trials and has_nowhere(source, home):
        place = landing_folder(home) / source.name
        text = f"The source '{source.name}' has no path, and there is no folder {place}. Add one."
        entry.trials.append(FileCheck(str(place), 0, error=text))


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
