"""Pictures of all pages of a home, light and dark, wide and narrow. Tests nothing.

    python -m tests.screenshots HOME FOLDER

Writes FOLDER/<page>-<width>-<scheme>.png, of each page from top to bottom, and says what stood in
the console and which other hosts were asked.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

import warehouse
from pages.ui.header import NAVIGATION
from tests.conftest import CHROMIUM
from tests.pages.conftest import serve, watch

WIDTHS = {1280: 900, 390: 844}
SCHEMES = ("light", "dark")
# From the last answer of the server until charts stand still.
_SETTLED_MS = 2500


def main() -> None:
    """Takes all pictures; exits with 1 when something stood in the console."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(args.home.absolute(), Path(scratch) / "log") as address,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for name, path in _addresses(args.home).items():
            for width, height in WIDTHS.items():
                for scheme in SCHEMES:
                    context = chromium.new_context(
                        viewport={"width": width, "height": height}, color_scheme=scheme
                    )
                    page = context.new_page()
                    watch(page, faults)
                    file = args.folder / f"{name}-{width}-{scheme}.png"
                    _take(page, f"{address}/{path}", width, file)
                    print(file)
                    context.close()
        chromium.close()
    if faults:
        raise SystemExit("\n".join(dict.fromkeys(faults)))


def _addresses(home: Path) -> dict[str, str]:
    """Page → its path; of a user, the one with the most sessions, and of each source a session."""
    files = [file for links in NAVIGATION.values() for _, file, _ in links]
    stems = [Path(file).stem for file in files]
    paths = {"overview" if stem == "app" else stem: stem for stem in stems}
    paths["overview"] = ""
    with warehouse.open(home) as wh:
        query = "select user_id from users order by session_count desc, user_id limit 1"
        ((user,),) = wh.sql(query).fetchall()
        query = (
            "select array_to_string(sources, '_'), min(session_id) from user_sessions "
            "where event_count between 40 and 120 and error_count > 0 group by all"
        )
        sessions = wh.sql(query).fetchall()
    paths |= {f"session_{name}": f"sessions?session={session}" for name, session in sessions}
    return paths | {"user": f"users?user={user}"}


def _take(page: Any, address: str, width: int, file: Path) -> None:
    page.goto(address)
    page.locator("h1").wait_for(timeout=60_000)
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for(timeout=60_000)
    page.wait_for_timeout(_SETTLED_MS)
    # The page scrolls within a part of its own: the window is made as high as that.
    high = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(high, WIDTHS[width])})
    page.wait_for_timeout(_SETTLED_MS)
    page.screenshot(path=file)


if __name__ == "__main__":
    main()
