"""People with a browser, and pages that carry the tracker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.tracker.site import Site, open_site

BODY = """
<button id="go" class="big blue"><i>Go</i></button>
<p id="words">Forty two words that nobody should read.</p>
<div style="height: 4000px"></div>
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all tests of a file; each is a user of its own."""
    with open_site(tmp_path_factory.mktemp("tracked") / "home") as opened:
        yield opened


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Any]) -> Iterator[Any]:
    """A browser with the back-forward cache that people have."""
    chromium = launch(ignore_default_args=["--disable-back-forward-cache"])
    yield chromium
    chromium.close()


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """Who visits: a user for each test."""
    return str(request.node.name).replace("[", "-").strip("]").replace("_", "-")


@pytest.fixture
def faults() -> list[str]:
    """What pages threw, and what they wrote on the console as an error or a warning."""
    return []


@pytest.fixture
def person(browser: Any, faults: list[str]) -> Iterator[Any]:
    """A browser context without a past. At the end no page may have met a fault."""
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    context.set_default_timeout(10_000)
    context.on("weberror", lambda error: faults.append(f"{error.error}"))
    context.on(
        "console",
        lambda message: faults.append(message.text) if _is_fault(message) else None,
    )
    yield context
    context.close()
    assert faults == []


def _is_fault(message: Any) -> bool:
    # Of requests that fail the browser itself writes a line.
    is_of_request = message.text.startswith("Failed to load resource")
    return message.type in ("error", "warning") and not is_of_request


@pytest.fixture
def visit(site: Site, person: Any, user: str) -> Callable[..., Any]:
    """Opens a page with the tracker in a new tab; further options are attributes of its script."""

    def open_page(
        path: str = "one",
        body: str = BODY,
        head: str = "",
        headers: dict[str, str] | None = None,
        base: str = "",
        tab: Any = None,
        **options: Any,
    ) -> Any:
        given = {"key": "k", "user_id": user, "buffer": 0.05} | options
        attributes = " ".join(
            f'data-{name.replace("_", "-")}="{str(value).lower() if value is True else value}"'
            for name, value in given.items()
            if value is not None
        )
        script = f'<script defer src="{site.address}/dwell.js" {attributes}></script>'
        html = f"<!doctype html><html><head><title>A page</title>{head}{script}</head>"
        site.pages[user] = (f"{html}<body>{body}</body></html>", headers or {})
        page = tab or person.new_page()
        page.goto(f"{base or site.address}/{user}/{path}")
        return page

    return open_page
