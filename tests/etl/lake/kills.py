"""Kills work on the disk at a chosen moment: from then on nothing of it reaches the disk."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class Killed(BaseException):
    """What a process sees that is dead: no handler of it changes the disk any more."""


# All by which the lake changes the disk, but for the bytes of files that no record names yet.
_STEPS = (
    (os, "fsync"),
    (os, "link"),
    (Path, "replace"),
    (Path, "unlink"),
    (Path, "mkdir"),
    (Path, "rmdir"),
    (shutil, "rmtree"),
)


@contextmanager
def killed_at(step: int) -> Iterator[list[int]]:
    """Lets so many steps happen and raises Killed at the next one, and at all after it.

    Yields a list whose only item counts the steps.
    """
    count = [0]

    def deadly(function: Callable[..., Any]) -> Callable[..., Any]:
        def work(*args: Any, **kwargs: Any) -> Any:
            if count[0] >= step:
                raise Killed
            count[0] += 1
            return function(*args, **kwargs)

        return work

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in _STEPS:
            patch.setattr(owner, name, deadly(getattr(owner, name)))
        yield count


def moments(work: Callable[[], object]) -> int:
    """How many steps some work takes."""
    with killed_at(1_000_000) as count:
        work()
    return count[0]
