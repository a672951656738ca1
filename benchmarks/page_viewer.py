"""A viewer without a browser: speaks to the dashboard as its page does, and draws nothing.

It takes as much of the server as a browser that has all files already, and next to nothing of the
machine. Its clicks are those that change the address, as links and Back do.
"""

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

T = TypeVar("T")
_LONGEST_WAIT = 60


@dataclass(frozen=True)
class Answer:
    """Seconds from a click to the last part of its page, and what went wrong on the way."""

    seconds: float
    error: str = ""


class Viewer:
    """One visit. Never two at once by the same connection."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def __aenter__(self) -> "Viewer":
        self._socket = await websockets.connect(
            f"{self._address.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit")],
            max_size=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    async def click(self, page: str, query: str) -> Answer:
        """The answer to the address of a page under a choice, waited for to its end."""
        began = time.perf_counter()
        try:
            error = await asyncio.wait_for(self._asked(page, query), _LONGEST_WAIT)
        except (OSError, TimeoutError, websockets.WebSocketException) as failure:
            error = str(failure) or type(failure).__name__
        return Answer(time.perf_counter() - began, error)

    async def _asked(self, page: str, query: str) -> str:
        message = BackMsg()
        wanted = message.rerun_script
        wanted.page_name, wanted.query_string = page, query
        wanted.context_info.color_scheme = "light"
        await self._socket.send(message.SerializeToString())
        error = ""
        while True:
            part = ForwardMsg.FromString(await self._socket.recv())
            kind = part.WhichOneof("type")
            if kind == "delta":
                error = error or _error_in(part)
            elif kind == "script_finished":
                if part.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return error
                if part.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return error or "the page could not be run"

    async def forget_answers(self) -> None:
        """Has the server forget what it was ever asked, as after a new build."""
        message = BackMsg()
        message.clear_cache = True
        await self._socket.send(message.SerializeToString())


def _error_in(part: ForwardMsg) -> str:
    """What an element says that went wrong."""
    element = part.delta.new_element
    kind = element.WhichOneof("type")
    if kind == "exception":
        return str(element.exception.message) or "an exception"
    is_error = kind == "alert" and element.alert.format == element.alert.ERROR
    return str(element.alert.body) if is_error else ""


def forget_answers(address: str) -> None:
    """Has a dashboard forget its answers; the next page asks the build."""

    async def forget() -> None:
        async with Viewer(address) as viewer:
            await viewer.forget_answers()
            # The next click is read after what was sent before it.
            await viewer.click("sessions", "")
            await viewer.forget_answers()
            await asyncio.sleep(0.2)

    finished(forget())


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What some work comes to. In a thread of its own: the browser's driver runs a loop in this."""
    with ThreadPoolExecutor() as pool:
        return pool.submit(asyncio.run, work).result()
