"""Of which scope of rows the files are that were made for downloads: they are for nobody under
another. Never makes any.

Of this process, as the files are: Streamlit holds them in its memory, by an id that it hands out.
"""

from __future__ import annotations

from collections import OrderedDict

from streamlit.runtime.memory_media_file_storage import _calculate_file_id

from warehouse.serving import Visitor

# File → the scopes for which it was made, by their folders. Far more than are held at once.
_scopes_of: OrderedDict[str, set[str]] = OrderedDict()
_MOST = 10_000


def made_for(visitor: Visitor, data: bytes, mime: str, name: str) -> None:
    """Notes that a file has the rows that this one sees."""
    file = _calculate_file_id(data, mime, name)
    _scopes_of.setdefault(file, set()).add(_rows_of(visitor))
    _scopes_of.move_to_end(file)
    while len(_scopes_of) > _MOST:
        _scopes_of.popitem(last=False)


def is_for(visitor: Visitor, path: str) -> bool:
    """Whether this one may have the file at the address: who sees all rows may have any."""
    file = path.rpartition("/")[2].partition(".")[0]
    return visitor.scope is None or _rows_of(visitor) in _scopes_of.get(file, ())


def _rows_of(visitor: Visitor) -> str:
    return visitor.scope.folder if visitor.scope else ""
