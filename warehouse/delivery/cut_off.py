"""A connection that ends at its time, however slowly the other side speaks. Knows no protocol."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

# What is being connected, or begins TLS, cannot be cut yet: it is tried again so soon.
_AGAIN = 0.05


class Clock:
    """Counts down from so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left; never below 0."""
        return max(0.0, self._end - time.monotonic())


@contextmanager
def cut_off(connection: Callable[[], socket.socket | None], clock: Clock) -> Iterator[None]:
    """Cuts the connection when the clock has run out and the block still goes on.

    The timeout of a socket bounds each step alone: a byte a second would go on for ever. Whoever
    reads meets the end of the connection, or an OSError.
    """
    is_over = Event()

    def watch() -> None:
        is_over.wait(clock.left())
        while not is_over.is_set():
            with suppress(OSError):
                if found := connection():
                    # Of the plain socket: that of TLS would first take leave, and wait for it.
                    socket.socket.shutdown(found, socket.SHUT_RDWR)
            is_over.wait(_AGAIN)

    Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
