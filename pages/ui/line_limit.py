"""An open page's line to the server, which ends after a while so that its login is asked again.

Who was let in is asked when the line is opened, and never on it. The page connects anew by itself,
through the proxy, and keeps what was chosen on it.
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# "Going away": the client comes back at once.
_GOING_AWAY = 1001


async def ended_after(
    seconds: float, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Has the application answer a WebSocket for so many seconds at most."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    is_over = False

    async def receive_in_time() -> Message:
        nonlocal is_over
        if is_over:
            return {"type": "websocket.disconnect", "code": _GOING_AWAY}
        try:
            async with asyncio.timeout_at(ends):
                return await receive()
        except TimeoutError:
            is_over = True
            await send({"type": "websocket.close", "code": _GOING_AWAY})
            return {"type": "websocket.disconnect", "code": _GOING_AWAY}

    async def send_in_time(message: Message) -> None:
        # What a page is still being drawn for nobody goes nowhere.
        if not is_over:
            await send(message)

    await app(scope, receive_in_time, send_in_time)
