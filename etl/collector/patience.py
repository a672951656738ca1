"""The protocol by which uvicorn reads requests, with an end to its patience. Reads no event."""

from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# A whole request, and its head alone, come in so many seconds; a head has so many bytes.
REQUEST_TIME = 40.0
HEAD_TIME = 10.0
MOST_HEAD = 65_536


class PatientProtocol(HttpToolsProtocol):
    """Closes connections whose requests come too slowly, or whose heads do not end.

    While a connection waits for its client, a clock runs: this one or uvicorn's, which any byte
    stops. While the client waits for its answer, none does.
    """

    head_time, request_time = HEAD_TIME, REQUEST_TIME

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._end: TimerHandle | None = None
        self._head = 0
        self._has_head = self._is_whole = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Waits for the first request."""
        super().connection_made(transport)
        self._wait(self.head_time)

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits no more."""
        self._wait(None)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head, self._has_head, self._is_whole = 0, False, False

    def on_headers_complete(self) -> None:
        """Its head is there."""
        self._has_head = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is there as a whole."""
        self._is_whole = True
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Reads on. Most requests come at once, and nothing waits for them."""
        had_head = self._has_head
        super().data_received(data)
        if self._is_whole:
            self._has_head = False
            if self._begin_anew():
                # It was answered before it was there, and its end has stopped uvicorn's clock.
                self._wait(self.head_time)
            elif self._end is not None:
                self._wait(None)
            return
        if self._has_head:
            if not had_head or self._end is None:
                self._wait(self.request_time)
            return
        self._head += len(data)
        if self._head > MOST_HEAD:
            self._give_up()
        elif self._end is None:
            self._wait(self.head_time)

    def on_response_complete(self) -> None:
        """It is answered."""
        super().on_response_complete()
        if self._is_whole:
            self._begin_anew()

    def _begin_anew(self) -> bool:
        """Whether all that came is answered, so that what comes now is another request's."""
        if self.cycle is None or not self.cycle.response_complete:
            return False
        self._head, self._has_head, self._is_whole = 0, False, False
        return True

    def _wait(self, seconds: float | None) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = None if seconds is None else self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        self._end = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
