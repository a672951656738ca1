"""How long a question of a page may take, and what a reader is told who asked a longer one."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from etl.errors import BeyondLimit
from warehouse import DwellError, Warehouse
from warehouse.limited_sql import Limits

log = logging.getLogger(__name__)
# A question that was ended is asked again by the page itself, and by each click: so long it is
# told what became of it before.
_REMEMBERED_FOR = 60.0
_MOST = 500
_ended: dict[str, float] = {}
_lock = Lock()


def limited(wh: Warehouse) -> Warehouse:
    """That build, of which every question ends after `query_timeout`."""
    try:
        wh.longest = Limits.of_home(wh.home).seconds
    except DwellError as error:
        # A build is shown without a dwell.toml that can be read, and not without a limit.
        log.warning("the usual query_timeout holds: %s", error)
        wh.longest = Limits.usual().seconds
    return wh


@contextmanager
def once(*question: object) -> Iterator[None]:
    """Asks the question in its block; BeyondLimit at once where it was ended a moment ago."""
    key = repr(question)
    with _lock:
        was_ended = time.monotonic() - _ended.get(key, float("-inf")) < _REMEMBERED_FOR
    if was_ended:
        msg = "The question was ended a moment ago. Ask another one, or this one in a minute."
        raise BeyondLimit(msg)
    try:
        yield
    except BeyondLimit:
        with _lock:
            if len(_ended) >= _MOST:
                _ended.clear()
            _ended[key] = time.monotonic()
        raise


def told(wh: Warehouse) -> str:
    """What a reader can do about a question that was ended."""
    return (
        f"This took longer than {wh.longest or 0:g} s and was ended, so that others are answered. "
        "Choose fewer days, or filters that leave fewer sessions. Who runs Dwell can raise "
        "`query_timeout`."
    )
