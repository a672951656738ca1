"""What an addition costs: each recipe of CONTRIBUTING, followed in a copy of the repository.

The copy is a repository of its own, so that git counts the files that a recipe touches; then the
program of the copy runs, and has to know what was added.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Line:
    """Text that goes into a file, right before or behind its first line with some words."""

    file: str
    text: str
    behind: str = ""
    before: str = ""

    def apply(self, root: Path) -> None:
        """Writes it into the copy at the root."""
        path = root / self.file
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        words = self.behind or self.before
        found = [number for number, line in enumerate(lines) if words in line]
        assert found, f"{self.file} has no line with {words!r}: mend the recipe"
        lines.insert(found[0] + bool(self.behind), self.text)
        path.write_text("".join(lines), encoding="utf-8")


@dataclass(frozen=True)
class File:
    """A file that is new."""

    file: str
    text: str

    def apply(self, root: Path) -> None:
        """Writes it into the copy at the root."""
        assert not (root / self.file).exists()
        (root / self.file).write_text(self.text, encoding="utf-8")


@dataclass(frozen=True)
class Recipe:
    """What is written where, how many files of the product and of the handbook that is at most,
    and a program that fails when the addition does not work.
    """

    edits: tuple[Line | File, ...]
    files: int
    program: str
    documents: int = 0


# What the programs share: an export, loads of it and builds.
KITCHEN = """
import json, re, sys
from pathlib import Path
import warehouse
from etl.config.settings import load_settings
from etl.formats.format import Request
from etl.lake import locked
from etl.load.run import load
from warehouse import Filters
from warehouse.build import build
from warehouse.metrics import overview

here = Path.cwd()
EVENTS = [
    {"user": f"u{n % 5}", "time": f"2026-03-{1 + n % 9:02}T{8 + n % 7:02}:00:00Z", "id": f"e{n}",
     "event": "prompt" if n % 3 else "page_view", "url": f"/{n % 4}",
     "plan": "pro" if n % 2 else None, "referrer": f"https://site{n % 3}.example/"}
    for n in range(60)
]


def load_events(name, events, settings=None, **request):
    settings = settings or load_settings(here / "home")
    (here / name).write_text("".join(json.dumps(event) + "\\n" for event in events))
    with locked(settings.home):
        outcomes = load(settings, [(str(here / name), Request(source="web", **request))])
        assert [outcome.status for outcome in outcomes] == ["loaded"], outcomes
        return build(settings)


def rows(wh, query):
    return wh.sql(query).fetchall()


def open_page(file, **address):
    from streamlit.testing.v1 import AppTest

    page = AppTest.from_file("app.py", default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    if file != "app.py":
        page.switch_page(file).run()
    assert not page.exception, page.exception
    return page


def html_of(page):
    return " ".join(element.proto.body for element in page.get("html"))


def cards(page):
    parts = [re.findall(f'class="dwell-{part}"[^>]*>(?:<a [^>]*>)?([^<]*)<', html_of(page))
             for part in ("label", "value")]
    return dict(zip(*parts, strict=True))
"""

RECIPES: dict[str, Recipe] = {
    "a filter, which is also a breakdown": Recipe(
        (
            Line(
                "warehouse/dimensions.py",
                '    Dimension("referrer", "Referrer", scope="entry is"),\n',
                behind='Dimension("campaign"',
            ),
        ),
        files=1,
        program="""
load_events("events.ndjson", EVENTS)
chosen = Filters(where={"referrer": "https://site1.example/"})
with warehouse.open(here / "home") as wh:
    every, some = (overview.totals(wh, f)["session_count"][0] for f in (Filters(), chosen))
    assert 0 < some < every
    broken_down = overview.breakdown(wh, Filters(), "referrer")
    assert broken_down["session_count"].sum() == every
    assert some in broken_down["session_count"].to_list()

from pages.ui.address import Choice, decode, encode
from warehouse.conditions import conditions_of

choice = Choice(where=conditions_of({"referrer": "https://site1.example/"}))
assert encode(choice) == [("referrer", "https://site1.example/")]
assert decode({"referrer": ["https://site1.example/"]}, {}) == (choice, [])

page = open_page("app.py", referrer="https://site1.example/", period="90")
assert cards(page)["Sessions"] == str(some), cards(page)
assert any(b.label.startswith("Referrer: https") for b in page.button), page.button
assert "Referrer" in next(box for box in page.selectbox if box.label == "Filter by").options
""",
    ),
    "a headline metric for cards, trend and tables": Recipe(
        (
            Line(
                "warehouse/queries/_measured_sessions.sql",
                "    avg(query_count) as queries_per_session,\n",
                behind="as actions_per_session",
            ),
            Line(
                "warehouse/metrics/registry.py",
                "    Metric(\n"
                '        "queries_per_session",\n'
                '        "Queries per session",\n'
                '        "Mean number of queries per session.",\n'
                '        "per_session",\n'
                "        1,\n"
                "    ),\n",
                behind="HEADLINES = (",
            ),
            *(
                Line("warehouse/metrics/registry.py", f"    {text},\n", behind=f"{place} = ")
                for place, text in (
                    ("CARDS", '"queries_per_session"'),
                    ("TRENDS", '"queries": "queries_per_session"'),
                    ("COLUMNS", '"queries_per_session"'),
                )
            ),
            Line(
                "docs/definitions.md", "| queries_per_session | |\n", behind="actions_per_session"
            ),
        ),
        files=2,
        documents=1,
        program="""
load_events("events.ndjson", EVENTS)
with warehouse.open(here / "home") as wh:
    (mean,) = rows(wh, "select avg(query_count) from user_sessions")[0]
    assert overview.totals(wh, Filters())["queries_per_session"][0] == mean
    assert overview.breakdown(wh, Filters(), "browser")["queries_per_session"][0] == mean
    assert "queries_per_session" in overview.change(wh, Filters())["metric"].to_list()
    ((label,),) = rows(wh, "select label from metrics where name = 'queries_per_session'")
    assert label == "Queries per session"

page = open_page("app.py", metric="queries", period="90")
assert cards(page)["Queries per session"] == f"{mean:.1f}", cards(page)
assert "Queries per session per day" in [head.value for head in page.subheader], page.subheader
assert re.search("<th[^>]*>.*?Queries per session", html_of(page))
""",
    ),
    "a metric of its own": Recipe(
        (
            File(
                "warehouse/queries/data.busiest_day.sql",
                "-- The day with most sessions; of several the first.\n-- grain: one day\n"
                "select start_date, count(*) as session_count\nfrom filtered_sessions\n"
                "group by start_date\norder by session_count desc, start_date asc\nlimit 1\n",
            ),
            Line(
                "warehouse/metrics/data.py",
                "def busiest_day(wh: Warehouse, filters: Filters) -> 'pl.DataFrame':\n"
                '    """The day with most sessions. No rows without sessions."""\n'
                '    return run(wh, "data.busiest_day", filters)\n\n\n',
                before="def extent(",
            ),
            Line("docs/definitions.md", "| busiest_day | |\n", behind="actions_per_session"),
        ),
        files=2,
        documents=1,
        program="""
load_events("events.ndjson", EVENTS)
with warehouse.open(here / "home") as wh:
    day = warehouse.metrics.data.busiest_day(wh, Filters()).row(0, named=True)
    sessions = rows(wh, "select start_date, count(*) from user_sessions group by all")
    assert day["session_count"] == max(count for _, count in sessions)
""",
    ),
    "a page": Recipe(
        (
            File(
                "pages/funny.py",
                "from pages.ui.frame import open_page\nfrom pages.views import funny\n\n"
                'funny.show(open_page("Funny"))\n',
            ),
            File(
                "pages/views/funny.py",
                "import streamlit as st\n\nfrom pages.ui.ask import ask\n"
                "from pages.ui.frame import Page\nfrom warehouse.metrics import overview\n\n\n"
                'def show(page: Page) -> None:\n    """The sessions of the period."""\n'
                "    totals = ask(overview.totals, page.filters)\n"
                '    st.metric("Funny sessions", totals["session_count"][0])\n',
            ),
            Line(
                "pages/ui/header.py",
                '        ("Funny", "pages/funny.py", ":material/mood:"),\n',
                behind='("Users", "pages/users.py"',
            ),
        ),
        files=3,
        program="""
load_events("events.ndjson", EVENTS)
page = open_page("pages/funny.py")
assert [m.label for m in page.metric] == ["Funny sessions"]
""",
    ),
    "a source format": Recipe(
        (
            File(
                "etl/formats/parrot.py",
                '"""Exports of Parrot."""\n\nfrom etl.formats.field_map import FieldMap\n'
                "from etl.formats.format import Format\n\nFORMAT = Format(\n"
                '    name="parrot",\n    sentence="What a parrot has said.",\n'
                '    sessions="inactivity",\n'
                '    recognises=lambda sample, request: "squawk" in sample.columns,\n'
                "    field_maps=lambda sample, request, columns: [\n"
                '        FieldMap({"user_id": (("bird",),), "time": (("at",),), '
                '"type": (("squawk",),)})\n    ],\n)\n',
            ),
            Line("etl/formats/registry.py", "    parrot,\n", behind="    mongo_sessions,"),
            Line(
                "etl/formats/registry.py",
                "    parrot.FORMAT,\n",
                behind="    mongo_sessions.FORMAT,",
            ),
            Line("docs/formats.md", "| parrot | |\n", behind="posthog"),
        ),
        files=2,
        documents=1,
        program="""
said = [{"bird": "polly", "at": "2026-03-01T10:00:00Z", "squawk": "hello"}]
assert load_events("said.ndjson", said).sessions == 1
with warehouse.open(here / "home") as wh:
    assert rows(wh, "select user_id, event_type from session_events") == [("polly", "hello")]
""",
    ),
    "a column of the events": Recipe(
        (
            Line(
                "etl/lake/schema.py",
                '    EventColumn("plan", "VARCHAR", "What is paid for.", aliases=("plan",), '
                'nested=("plan",)),\n',
                behind='EventColumn("stream"',
            ),
            Line(
                "etl/normalise/sql/typed_rows.sql",
                "        filled(judged.plan) as plan,\n",
                behind="as query_type,",
            ),
            Line(
                "warehouse/models/marts/session_events.sql",
                "        events.plan, -- What is paid for.\n",
                behind="events.query_type,",
            ),
        ),
        files=3,
        program="""
load_events("events.ndjson", EVENTS)
with warehouse.open(here / "home") as wh:
    plans = rows(wh, "select plan, count(*) from session_events group by all order by all")
    assert plans == [("pro", 30), (None, 30)], plans
""",
    ),
    "a column of the sessions": Recipe(
        (
            Line(
                "warehouse/models/intermediate/int_session_totals.sql",
                "        arg_max(browser, position) as last_browser,\n",
                behind="arg_min(browser, position) as browser,",
            ),
            Line(
                "warehouse/models/marts/user_sessions.sql",
                "        sessions.last_browser, -- Last one told.\n",
                behind="sessions.browser,",
            ),
        ),
        files=2,
        program="""
load_events("events.ndjson", [event | {"browser": "Firefox"} for event in EVENTS[:30]])
load_events("later.ndjson", [event | {"browser": "Safari"} for event in EVENTS[30:]])
with warehouse.open(here / "home") as wh:
    browsers = {browser for (browser,) in rows(wh, "select last_browser from user_sessions")}
    assert browsers == {"Firefox", "Safari"}, browsers
""",
    ),
    "a table of the build": Recipe(
        (
            File(
                "warehouse/models/marts/user_errors.sql",
                "-- Users with their errors.\n-- scope: user\n-- key: user_id\n"
                "-- grain: one row per user_id\nwith\n\nfinal as (\n    select\n"
                "        user_id, -- The user.\n"
                "        sum(error_count)::bigint as error_count -- Their errors.\n"
                "    from user_sessions\n    group by user_id\n)\n\nselect * from final\n",
            ),
        ),
        files=1,
        program="""
load_events("events.ndjson", EVENTS)
error = {"user": "u1", "time": "2026-03-09T20:00:00Z", "id": "new", "event": "error"}
grown = load_events("later.ndjson", [error])
assert grown.reason == "new events"
with warehouse.open(here / "home") as wh:
    errors = rows(wh, "select * from user_errors order by all")
    assert errors == [(f"u{n}", int(n == 1)) for n in range(5)], errors
with locked(here / "home"):
    build(load_settings(here / "home"), full=True)
with warehouse.open(here / "home") as wh:
    assert rows(wh, "select * from user_errors order by all") == errors
""",
    ),
    "a check": Recipe(
        (
            File(
                "warehouse/checks/user_sessions__nobody_is_called_u1.sql",
                "-- Sessions of u1.\nselect session_id\nfrom user_sessions\nwhere user_id = 'u1'\n",
            ),
        ),
        files=1,
        program="""
from etl.errors import CheckFailed

try:
    load_events("events.ndjson", EVENTS)
except CheckFailed as error:
    assert "nobody is called u1" in str(error), error
else:
    raise AssertionError("the build was published")
""",
    ),
    "a setting that models read": Recipe(
        (
            Line(
                "etl/config/settings.py",
                "    long_visit: timedelta = key(\n"
                '        timedelta(minutes=45), "A visit is long from here on."\n    )\n',
                before="    live_window: timedelta",
            ),
            Line(
                "warehouse/models/staging/stg_settings.sql",
                "    long_visit_us / 1e6 as long_visit_seconds,\n",
                behind="    idle_timeout_us,",
            ),
            Line("docs/definitions.md", "| `long_visit` | 45 min | |\n", behind="| `settle_time`"),
        ),
        files=2,
        documents=1,
        program="""
load_events("events.ndjson", EVENTS)
(here / "own.toml").write_text('long_visit = "1 h"')
settings = load_settings(here / "home", here / "own.toml")
with locked(settings.home):
    assert build(settings).reason == "settings changed: all history redone"
with warehouse.open(here / "home") as wh:
    (told,) = rows(wh, "select value, default_value, help from settings where name = 'long_visit'")
    assert told == ("1 h", "45 min", "A visit is long from here on."), told
""",
    ),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it is in the working folder, committed to one of its own."""
    root = tmp_path_factory.mktemp("copy") / "dwell"
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "requirements")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-qm", "all")
    return root


@pytest.fixture
def kitchen(copy: Path) -> Iterator[Path]:
    """The copy, clean before and after."""
    yield copy
    git(copy, "checkout", "--quiet", ".")
    git(copy, "clean", "-fdxq")


def git(root: Path, *arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("name", RECIPES)
def test_an_addition_touches_few_files_and_works(kitchen: Path, name: str) -> None:
    recipe = RECIPES[name]
    for edit in recipe.edits:
        edit.apply(kitchen)
    touched = git(kitchen, "status", "--porcelain", "--untracked-files=all").splitlines()
    documents = [line for line in touched if line.endswith(".md")]
    assert len(touched) - len(documents) == recipe.files
    assert len(documents) == recipe.documents
    done = subprocess.run(
        [sys.executable, "-c", KITCHEN + recipe.program],
        cwd=kitchen,
        env=os.environ | {"DWELL_HOME": str(kitchen / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_handbook_tells_these_numbers() -> None:
    handbook = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| (an? [^|]+) \| (\d(?: \+ doc)?) \|", handbook, re.MULTILINE))
    counted = {
        name: f"{recipe.files}{' + doc' if recipe.documents else ''}"
        for name, recipe in RECIPES.items()
    }
    assert told == counted | {"a name for a column or an event type": "1"}
