"""Removes builds of before, with all that they alone hold: what has left the home is in them.

Who has one open goes on reading it; nobody opens it again.
"""

from pathlib import Path

from etl.config.access import SCOPES
from warehouse import part_files
from warehouse.build_files import builds_folder, last_build


def remove_older(home: Path) -> list[str]:
    """Removes every build but the current one, every part that is of others alone, and every copy
    of another for a scope of rows; their names, as seen from the home. Hold the lock.
    """
    current = last_build(home)
    gone = []
    for root in (home, *sorted((home / SCOPES).glob("*"))):
        folder, own = builds_folder(root), last_build(root)
        is_current = own is not None and current is not None and own.number == current.number
        keep = set(own.files) if own and is_current else set()
        for path in (*folder.glob("wh-*"), *(folder / part_files.FOLDER).glob("*")):
            if path not in keep and path.is_file():
                path.unlink(missing_ok=True)
                gone.append(path.relative_to(home).as_posix())
    return sorted(gone)
