"""What one load has to do: the files behind its inputs. Never opens one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.files import expand
from etl.lake import Lake
from etl.sources import Request

Inputs = Sequence[tuple[str, Request]]


@dataclass(frozen=True)
class Item:
    """A file to load, how it is read, and its size in bytes (0 when it is gone by now)."""

    path: Path
    request: Request
    size: int


@dataclass(frozen=True)
class Work:
    """Files to load; patterns that match nothing; sentences about what looks wrong."""

    items: tuple[Item, ...]
    missing: tuple[tuple[str, Request], ...]
    warnings: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(item.size for item in self.items)


def find_work(inputs: Inputs, lake: Lake) -> Work:
    """The files behind (pattern, request), in order; one that is asked for twice comes once."""
    items = []
    missing = []
    taken: dict[Path, list[Request]] = defaultdict(list)
    for pattern, request in inputs:
        found, absent = expand([pattern])
        missing += [(one, request) for one in absent]
        for path in found:
            place = path.resolve()
            if _is_ours(place, lake) or request in taken[place]:
                continue
            taken[place].append(request)
            items.append(Item(path, request, _size(path)))
    return Work(tuple(items), tuple(missing), tuple(_claimed_twice(taken)))


def nothing_matches(pattern: str) -> str:
    """What to say of a pattern that matches nothing."""
    return (
        f"{pattern} matches no file. Wanted: a file, a folder with data files, or a pattern that "
        "matches some. Mend the path."
    )


def _is_ours(place: Path, lake: Lake) -> bool:
    """Whether a folder that was given holds the home, and this is a file of Dwell's own."""
    return any(
        place.is_relative_to(folder.resolve()) for folder in (lake.root, lake.home / "builds")
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _claimed_twice(taken: dict[Path, list[Request]]) -> list[str]:
    """A sentence for all files that the same sources claim."""
    shared: dict[tuple[str, ...], list[Path]] = defaultdict(list)
    for path, requests in taken.items():
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


def _files(paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return f"{paths[0]} belongs"
    return f"{len(paths)} files ({paths[0]} is the first) belong"
