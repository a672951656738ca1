"""Pages of the dashboard in Debian's Chromium: what it takes until they are drawn.

A new profile is a new context of one Chromium: nothing cached, and a process of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.page_server import Server

_CHROMIUM = "/usr/bin/chromium"
_WATCH = Path(__file__).with_name("page_watch.js")
_MOST_MS = 60_000
# Nothing leaves this machine. A route that refuses would do too, but turns the cache off.
_FLAGS = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


@dataclass(frozen=True)
class Drawn:
    """What one step took.

    seconds       until the numbers were drawn
    all_seconds   until the whole page was, charts too
    browser_busy  CPU of the page's main thread
    """

    seconds: float
    all_seconds: float
    browser_busy: float
    server_cpu: float
    requests: int
    mb: float


class Profile:
    """One page of a new browser profile."""

    def __init__(self, page: Any, server: Server) -> None:
        self.page = page
        self._server = server
        self._requests = self._bytes = 0
        self._protocol = page.context.new_cdp_session(page)
        # Of the thread's own clock: other processes on the machine do not count.
        self._protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._protocol.send("Network.enable")
        self._protocol.on("Network.requestWillBeSent", self._on_request)
        self._protocol.on("Network.loadingFinished", self._on_loaded)
        self._protocol.on("Network.webSocketFrameReceived", self._on_frame)

    def opened(self, path: str, numbers: str) -> Drawn:
        """The page of an address, opened for the first time."""
        self.page.add_init_script(f"sessionStorage.setItem('bench', {numbers!r})")
        self.page.add_init_script(path=_WATCH)
        return self._step(lambda: self.page.goto(self._server.address + path))

    def reloaded(self) -> Drawn:
        """The same page, loaded anew."""
        return self._step(self.page.reload)

    def clicked(self, target: Any, numbers: str) -> Drawn:
        """What the page becomes by a click, once these numbers are others than before."""
        target.scroll_into_view_if_needed()
        self.page.evaluate("numbers => bench.expect(numbers)", numbers)
        return self._step(target.click)

    def _step(self, do: Callable[[], object]) -> Drawn:
        requests, received = self._requests, self._bytes
        cpu, busy = self._server.cpu, self._busy()
        do()
        self.page.wait_for_function("() => bench.isDone()", polling=100, timeout=_MOST_MS)
        seconds, all_seconds = self.page.evaluate("() => bench.told()")
        return Drawn(
            seconds,
            all_seconds,
            _since(busy, self._busy()),
            self._server.cpu - cpu,
            self._requests - requests,
            (self._bytes - received) / 1e6,
        )

    def _busy(self) -> float:
        metrics = self._protocol.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "TaskDuration")

    def _on_request(self, event: dict[str, Any]) -> None:
        address = event["request"]["url"]
        if address.startswith("http"):
            self._requests += 1

    def _on_loaded(self, event: dict[str, Any]) -> None:
        self._bytes += event["encodedDataLength"]

    def _on_frame(self, event: dict[str, Any]) -> None:
        text, is_binary = event["response"]["payloadData"], event["response"]["opcode"] == 2
        self._bytes += len(text) * 3 // 4 if is_binary else len(text)


def _since(before: float, after: float) -> float:
    """How far a clock came that begins anew with each load of a page."""
    return after - before if after >= before else after


@contextmanager
def chromium() -> Iterator[Callable[[Server], Any]]:
    """What opens a new profile, as a context; the browser ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)

        @contextmanager
        def profile(server: Server) -> Iterator[Profile]:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            try:
                yield Profile(context.new_page(), server)
            finally:
                context.close()

        try:
            yield profile
        finally:
            browser.close()
