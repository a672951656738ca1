"""What one load has to do: the files behind its inputs. Opens none but to list archives."""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from etl.collector.spool_files import MARKER, SpoolFile, spool_file
from etl.config.settings import Settings
from etl.config.sources import Source
from etl.formats.format import Request
from etl.lake import Lake
from etl.load.spooled import spool_request
from etl.read.find import expand, is_data
from etl.read.unpack import Member, members_of

Inputs = Sequence[tuple[str, Request]]


@dataclass(frozen=True)
class InputFile:
    """A file to load, how it is read, its size in bytes (0 when it is gone by now), and the
    pattern that matched it.

    `is_sure`: whether its name, or who named it, says that it holds data. `member`: a file in
    an archive, whose path is that of the `archive` with its own behind it.
    """

    path: Path
    request: Request
    size: int
    pattern: str
    is_sure: bool = True
    member: Member | None = None
    archive: Path | None = None

    @property
    def on_disk(self) -> Path:
        """The file itself, or the archive that holds it."""
        return self.archive or self.path


@dataclass(frozen=True)
class InputFiles:
    """Files to load; patterns that match nothing; sentences about what looks wrong.

    `left_out`: pattern, request, and files behind it that are no data by their names.
    """

    files: tuple[InputFile, ...]
    missing: tuple[tuple[str, Request], ...]
    warnings: tuple[str, ...]
    left_out: tuple[tuple[str, Request, tuple[str, ...]], ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def find_inputs(inputs: Inputs, lake: Lake, sources: Sequence[Source] = ()) -> InputFiles:
    """The files behind (pattern, request), in order; one that is asked for twice comes once.

    Files of the collector are read as it wrote them, whoever names them, with what the configured
    `sources` say of their own ones. Those that it has not finished are left.
    """
    configured = {source.name: source for source in sources}
    files: list[InputFile] = []
    missing: list[tuple[str, Request]] = []
    left_out: list[tuple[str, Request, tuple[str, ...]]] = []
    taken: dict[str, list[Request]] = defaultdict(list)
    real_paths = RealPaths()
    collected = _Collected()
    ours = tuple(f"{folder.resolve()}{os.sep}" for folder in (lake.root, lake.home / "builds"))
    for pattern, request in inputs:
        matches = expand([pattern])
        missing += [(pattern, request) for pattern in matches.missing]
        if left := tuple(_left(matches.left_out, ours)):
            left_out.append((pattern, request, left))
        for path, is_sure in matches.files.items():
            place = real_paths.of(path)
            # A folder that was given may hold the home, and with it Dwell's own files.
            if place.startswith(ours):
                continue
            asked = request
            if file := spool_file(Path(place)):
                collected.add(path, file, request)
                if file.is_open:
                    continue
                asked = spool_request(file.source, configured.get(file.source))
                # The collector's name for it says how it is read, and a link has another.
                path = file.path if path.is_symlink() else path
            if asked in taken[place]:
                continue
            taken[place].append(asked)
            files += _unfolded(InputFile(path, asked, _size(path), pattern, is_sure), left_out)
    warnings = (*_claimed_twice(taken), *collected.warnings())
    return InputFiles(tuple(files), tuple(missing), warnings, tuple(left_out))


def with_rules(found: InputFiles, settings: Settings) -> InputFiles:
    """The files, each read by what is cut of the rows of its source."""
    files = (
        replace(file, request=replace(file.request, rules=settings.rules_of(file.request.source)))
        for file in found.files
    )
    return replace(found, files=tuple(files))


class _Collected:
    """Files of the collector that were named for another source, or before they are finished."""

    def __init__(self) -> None:
        self.elsewhere: dict[tuple[str, str], list[Path]] = defaultdict(list)
        self.unfinished: dict[Path, None] = {}

    def add(self, path: Path, file: SpoolFile, request: Request) -> None:
        """Notes a file of the collector that was asked for so."""
        if file.is_open:
            self.unfinished[path] = None
        elif request.source not in (None, file.source):
            self.elsewhere[request.source or "", file.source].append(path)

    def warnings(self) -> Iterator[str]:
        """A sentence for all files that another source names, and for each unfinished one."""
        for (named, source), paths in self.elsewhere.items():
            yield (
                f"{_files([str(path) for path in paths])} to the source {source}, for which the "
                f"collector took the events: nothing of that is loaded as {named}. Leave it out "
                f"of the paths of {named}."
            )
        for path in self.unfinished:
            yield (
                f"{path} is not finished by the collector, and was left out. 'dwell load' without "
                "PATH takes it once it is."
            )


def _left(left_out: dict[str, list[str]], ours: tuple[str, ...]) -> Iterator[str]:
    """The files that were left out, but for Dwell's own."""
    for folder, names in left_out.items():
        place = Path(folder).resolve()
        for name in names:
            is_marker = Path(name).name.startswith(MARKER)
            if not is_marker and not f"{place / name}".startswith(ours):
                yield name


def _unfolded(
    file: InputFile, left_out: list[tuple[str, Request, tuple[str, ...]]]
) -> list[InputFile]:
    """The members of an archive as files of their own; what is none as it is.

    Its first bytes tell, whatever it is called.
    """
    try:
        members = members_of(file.path) if file.path.is_file() else None
    except OSError:
        members = None
    if members is None:
        return [file]
    told = [(member, is_data(PurePosixPath(member.name))) for member in members]
    left = tuple(member.name for member, is_sure in told if is_sure is None)
    if left or not members:
        left_out.append((str(file.path), file.request, left))
    return [
        replace(
            file,
            path=file.path / member.path,
            size=member.size,
            is_sure=is_sure,
            member=member,
            archive=file.path,
        )
        for member, is_sure in told
        if is_sure is not None
    ]


def nothing_matches(pattern: str) -> str:
    """What to say of a pattern that matches nothing."""
    return (
        f"{pattern} matches no file. Wanted: a file, a folder with data files, or a pattern that "
        "matches some. Mend the path."
    )


def leaves_out(place: str, names: Sequence[str], most: int = 8) -> str:
    """What to say of files that are no data by their names."""
    if not names:
        return f"{place} holds no file."
    more = f" and {len(names) - most} more" if len(names) > most else ""
    what = "1 file" if len(names) == 1 else f"{len(names)} files"
    verb = "is" if len(names) == 1 else "are"
    return (
        f"{what} of {place} {verb} no data and left out: {', '.join(names[:most])}{more}. To load "
        "one all the same, name it."
    )


class RealPaths:
    """Where files really lie: the same for all paths that lead to one. Looks up a folder once."""

    def __init__(self) -> None:
        self._folders: dict[Path, str] = {}

    def of(self, path: Path) -> str:
        """The place of a file, as text."""
        if path.is_symlink():
            return str(path.resolve())
        folder = self._folders.get(path.parent)
        if folder is None:
            folder = self._folders[path.parent] = str(path.parent.resolve())
        return os.path.join(folder, path.name)  # noqa: PTH118 - for thousands of files


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _claimed_twice(taken: dict[str, list[Request]]) -> list[str]:
    """A sentence for all files that the same sources claim."""
    shared: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, requests in taken.items():
        if len(requests) == 1:
            continue
        names = tuple(dict.fromkeys(request.source for request in requests if request.source))
        if len(names) > 1 and not _share_no_table(requests):
            shared[names].append(path)
    return [
        f"{_files(paths)} to the sources {' and '.join(names)}: each row counts once for each "
        "of them. Mend their paths in dwell.toml, unless that is what you want."
        for names, paths in shared.items()
    ]


def _share_no_table(requests: Sequence[Request]) -> bool:
    """Whether each source names the tables it takes of the file, and no two take the same one."""
    named = [{event.table for event in request.tables} for request in requests]
    return all(named) and len(set.union(*named)) == sum(map(len, named))


def _files(paths: Sequence[str]) -> str:
    if len(paths) == 1:
        return f"{paths[0]} belongs"
    return f"{len(paths)} files ({paths[0]} is the first) belong"
