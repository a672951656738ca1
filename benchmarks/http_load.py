"""Requests at full speed over a few connections that stay: what came back, and when.

A process of its own, so that its work is not the server's. Knows no more of HTTP than it needs.
"""

import asyncio
import json
import resource
import sys
import time
from typing import Any

import uvloop

_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
_CONTEXT = {
    "device": "desktop",
    "screen": "1280x800",
    "viewport": "1280x700",
    "language": "en",
    "referrer": "https://search.example/",
}


class Requests:
    """Requests like those of the tracker, each with event ids of its own."""

    def __init__(self, key: str, batch: int) -> None:
        now = int(time.time() * 1000)
        events = [
            {
                "id": "%016d",
                "type": "click",
                "t": now,
                "page": "https://www.example.com/docs/start?from=home",
                "data": {"x": 120, "y": 480, "target": "button.primary"},
            }
            for _ in range(batch)
        ]
        body = {"v": 1, "sent_at": now, "session_id": "%016d", "visitor_id": "%016d"}
        written = json.dumps(body | {"context": _CONTEXT, "events": events})
        size = len(written) + (16 - len("%016d")) * (batch + 2)
        head = (
            f"POST /i?key={key} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {_AGENT}\r\n"
            "Accept: */*\r\nOrigin: https://www.example.com\r\n"
            f"Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {size}\r\n\r\n"
        )
        self._form = (head + written).encode()
        self._batch = batch
        self._next = time.time_ns() // 1000 % 10**15

    def next(self) -> bytes:
        """A request."""
        first = self._next
        self._next += self._batch
        session = first // 2000
        return self._form % (session, session, *range(first, first + self._batch))


class Connection(asyncio.Protocol):
    """Sends the next request as soon as one is answered, until the time is over."""

    def __init__(self, requests: Requests, until: float, took: list[float]) -> None:
        self._requests, self._until, self._took = requests, until, took
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        """Sends the first."""
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """An answer, which has no body."""
        now = time.perf_counter()
        if not data.startswith(b"HTTP/1.1 204") or not data.endswith(b"\r\n\r\n"):
            self.done.set_exception(RuntimeError(data[:300].decode()))
            return
        self._took.append(now - self._since)
        if now < self._until:
            self._send()
        else:
            self._transport.close()
            self.done.set_result(None)

    def _send(self) -> None:
        self._since = time.perf_counter()
        self._transport.write(self._requests.next())


async def load(port: int, key: str, batch: int, connections: int, seconds: float) -> dict[str, Any]:
    """How many requests were answered in how many seconds, how long each took, and the CPU here."""
    requests, took = Requests(key, batch), []
    started = time.perf_counter()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(
            lambda: Connection(requests, started + seconds, took), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _, connection in made))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    took.sort()
    return {
        "requests": len(took),
        "seconds": time.perf_counter() - started,
        "p50": took[len(took) // 2],
        "p99": took[len(took) * 99 // 100],
        "cpu": usage.ru_utime + usage.ru_stime,
    }


if __name__ == "__main__":
    port, key, batch, connections, seconds = sys.argv[1:]
    found = uvloop.run(load(int(port), key, int(batch), int(connections), float(seconds)))
    print(json.dumps(found))
