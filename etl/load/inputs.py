"""What one load has to do: the files behind its inputs. Never opens one."""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.formats.format import Request
from etl.lake import Lake
from etl.read.find import expand

Inputs = Sequence[tuple[str, Request]]


@dataclass(frozen=True)
class InputFile:
    """A file to load, how it is read, its size in bytes (0 when it is gone by now), and the
    pattern that matched it.
    """

    path: Path
    request: Request
    size: int
    pattern: str


@dataclass(frozen=True)
class InputFiles:
    """Files to load; patterns that match nothing; sentences about what looks wrong."""

    files: tuple[InputFile, ...]
    missing: tuple[tuple[str, Request], ...]
    warnings: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def find_inputs(inputs: Inputs, lake: Lake) -> InputFiles:
    """The files behind (pattern, request), in order; one that is asked for twice comes once."""
    files: list[InputFile] = []
    missing: list[tuple[str, Request]] = []
    taken: dict[str, list[Request]] = defaultdict(list)
    real_paths = RealPaths()
    ours = tuple(f"{folder.resolve()}{os.sep}" for folder in (lake.root, lake.home / "builds"))
    for pattern, request in inputs:
        paths, unmatched = expand([pattern])
        missing += [(pattern, request) for pattern in unmatched]
        for path in paths:
            place = real_paths.of(path)
            # A folder that was given may hold the home, and with it Dwell's own files.
            if place.startswith(ours) or request in taken[place]:
                continue
            taken[place].append(request)
            files.append(InputFile(path, request, _size(path), pattern))
    return InputFiles(tuple(files), tuple(missing), tuple(_claimed_twice(taken)))


def nothing_matches(pattern: str) -> str:
    """What to say of a pattern that matches nothing."""
    return (
        f"{pattern} matches no file. Wanted: a file, a folder with data files, or a pattern that "
        "matches some. Mend the path."
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
