"""Of which scope of rows the files are that were made for downloads: they are for nobody under
another. Never makes any.

Of this process, as the files are: Streamlit holds them in its memory, by an id that it hands out.
"""

from __future__ import annotations

from collections import OrderedDict

from streamlit.runtime.memory_media_file_storage import _calculate_file_id

from etl.config.access import Access

# File → the scopes for which it was made, by their folders. Far more than are held at once.
_scopes_of: OrderedDict[str, set[str]] = OrderedDict()
_MOST = 10_000


def made_for(scope: Access | None, data: bytes, mime: str, name: str) -> None:
    """Notes that a file has the rows of that scope; None: all rows."""
    file = _calculate_file_id(data, mime, name)
    _scopes_of.setdefault(file, set()).add(scope.folder if scope else "")
    _scopes_of.move_to_end(file)
    while len(_scopes_of) > _MOST:
        _scopes_of.popitem(last=False)


def is_for(scope: Access | None, path: str) -> bool:
    """Whether who is under that scope may have the file at the address; who sees all rows may."""
    file = path.rpartition("/")[2].partition(".")[0]
    return scope is None or scope.folder in _scopes_of.get(file, ())
