"""A server that keeps what it is sent, and answers as it is told to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Recorder(ThreadingHTTPServer):
    """Answers of `answers` in turn, then 204; None is no answer at all, once `held` is set."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.answers: list[int | None] = []
        self.held = threading.Event()

    def events(self, count: int) -> list[dict[str, Any]]:
        """All events received, once there are so many."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            events = [event for _, _, body in self.requests for event in body["events"]]
            if len(events) >= count:
                return events
            time.sleep(0.01)
        raise AssertionError(self.requests)


class _Handler(BaseHTTPRequestHandler):
    server: Recorder

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        answer = self.server.answers.pop(0) if self.server.answers else 204
        if answer is None:
            self.server.held.wait(10)
            return
        self.send_response(answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the log is no part of a test."""


@contextmanager
def recording(port: int = 0) -> Iterator[Recorder]:
    """A server that records, in here."""
    server = Recorder(port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.held.set()
        server.shutdown()
        thread.join()
        server.server_close()
