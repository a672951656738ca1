"""The dashboard in a browser: cold links, filters that live in the address, and users opened."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.pages.opened import opened_csv, opened_xlsx

# One worker, so that one server is enough.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = (
    *(("/", "Overview"), ("/engagement", "Engagement"), ("/retention", "Retention")),
    *(("/funnels", "Funnels"), ("/paths", "Paths"), ("/compare", "Compare")),
    *(("/llm_chat", "LLM chat"), ("/breakdowns", "Breakdowns")),
    *(("/active_now", "Active now"), ("/sessions", "Sessions"), ("/users", "Users")),
)
# Behind those that are not filtered.
LAST = (("/sql", "SQL"),)
# They tell of the data as it is.
UNFILTERED = (("/data_health", "Data health"), ("/definitions", "Definitions"))


def value_of(page, label):
    """The number on the card of that label."""
    named = page.locator(".dwell-label").get_by_text(label, exact=True)
    return page.locator(".dwell-card").filter(has=named).locator(".dwell-value").inner_text()


def wait_for_change(page, label, old):
    page.wait_for_function(
        """([label, old]) => [...document.querySelectorAll('.dwell-card')]
            .some(card => card.querySelector('.dwell-label').innerText === label
                && card.querySelector('.dwell-value').innerText !== old)""",
        arg=[label, old],
    )


def period(page, text):
    page.locator(".st-key-period").get_by_text(text, exact=True).click()


def select_row(page, key, number):
    """Clicks into a row, beside its first cell."""
    page.locator(f".st-key-{key} tbody tr").nth(number).locator("td").nth(1).click()


def chosen_period(page):
    return page.locator(".st-key-period [aria-checked=true]").inner_text()


# Each kind of page as the first that anybody asks of a server: what it needs is imported with it.
@pytest.mark.parametrize("path", ["/", "/llm_chat", "/data_health"])
def test_a_page_may_be_the_first_that_a_server_is_asked_for(home, serve_home, visit, path):
    page = visit(f"{path}?device=mobile", base=serve_home(home))
    assert page.locator("h1").inner_text() == dict(PAGES + UNFILTERED + LAST)[path]
    assert_links(page)
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()


@pytest.mark.parametrize(("path", "title"), PAGES + LAST)
def test_a_deep_link_has_frame_and_filters(visit, path, title):
    page = visit(f"{path}?device=mobile")
    assert page.locator("h1").inner_text() == title
    page.get_by_role("button", name="Device: mobile").wait_for()
    assert_links(page)
    assert page.url.endswith(f"{path}?device=mobile")


@pytest.mark.parametrize(("path", "title"), UNFILTERED)
def test_a_deep_link_to_the_data_as_it_is_keeps_filters(visit, path, title):
    page = visit(f"{path}?device=mobile")
    assert page.locator("h1").inner_text() == title
    assert_links(page)
    assert page.get_by_role("button", name="Device: mobile").count() == 0
    # A page that is left before it is drawn takes its icon along.
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Overview").click()
    page.get_by_role("button", name="Device: mobile").wait_for()


def assert_links(page):
    links = page.get_by_test_id("stSidebar").get_by_role("link")
    links.nth(len(PAGES + UNFILTERED + LAST) - 1).wait_for()
    names = [text.splitlines()[-1] for text in links.all_inner_texts()]
    assert names == [name for _, name in PAGES + UNFILTERED + LAST]


def test_a_filter_changes_the_numbers_and_the_address(visit):
    page = visit("/")
    month = value_of(page, "Sessions")
    period(page, "7 d")
    page.wait_for_url("**/?period=7")
    wait_for_change(page, "Sessions", month)
    page.get_by_role("button", name="Device: all").click()
    week = value_of(page, "Sessions")
    page.locator(".st-key-filter_device_type").get_by_text("mobile", exact=True).click()
    page.wait_for_url("**/?period=7&device_type=mobile")
    wait_for_change(page, "Sessions", week)


def test_reopening_the_address_gives_the_same_view(visit):
    page = visit("/?period=7&device=mobile&metric=bounce")
    page.get_by_text("Bounce rate per day").wait_for()
    first = value_of(page, "Sessions")
    assert chosen_period(page) == "7 d"
    again = visit("/?period=7&device=mobile&metric=bounce")
    again.get_by_text("Bounce rate per day").wait_for()
    assert value_of(again, "Sessions") == first


def test_filters_go_along_to_other_pages_and_back_goes_back(visit):
    page = visit("/")
    month = value_of(page, "Sessions")
    period(page, "7 d")
    page.wait_for_url("**/?period=7")
    wait_for_change(page, "Sessions", month)
    week = value_of(page, "Sessions")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Users").click()
    page.wait_for_url("**/users?period=7")
    page.locator("h1", has_text="Users").wait_for()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Active now").click()
    page.wait_for_url("**/active_now?period=7")
    page.locator("h1", has_text="Active now").wait_for()
    page.go_back()
    page.locator("h1", has_text="Users").wait_for()
    page.go_back()
    page.locator("h1", has_text="Overview").wait_for()
    wait_for_change(page, "Sessions", month)
    assert value_of(page, "Sessions") == week
    page.go_back()
    wait_for_change(page, "Sessions", week)
    assert value_of(page, "Sessions") == month
    assert chosen_period(page) == "30 d"


def test_comparison_and_grain_go_into_the_address_and_open_alike_elsewhere(visit):
    days = "?from=2026-11-05&to=2026-11-14"
    page = visit(f"/{days}")
    page.get_by_text("Sessions per day").wait_for()
    usual = page.locator(".dwell-change").first.inner_text()
    page.get_by_role("button", name="vs same weekdays").click()
    page.get_by_text("Previous period", exact=True).click()
    page.wait_for_url(f"**/{days}&compare=previous")
    page.wait_for_function(
        "old => document.querySelector('.dwell-change').innerText !== old", arg=usual
    )
    page.keyboard.press("Escape")
    page.locator(".st-key-grain").get_by_text("Week", exact=True).click()
    page.wait_for_url(f"**/{days}&compare=previous&grain=week")
    page.get_by_text("Sessions per week").wait_for()
    again = visit(f"/{days}&compare=previous&grain=week")
    again.get_by_text("Sessions per week").wait_for()
    again.get_by_role("button", name="vs previous period").wait_for()
    # Whether a hint is open or not.
    shown = [each.locator(".dwell-cards").text_content() for each in (again, page)]
    assert shown[0] == shown[1]
    page.go_back()
    page.get_by_text("Sessions per day").wait_for()
    page.go_back()
    page.get_by_role("button", name="vs same weekdays").wait_for()
    # The cards are drawn after the filter row.
    page.wait_for_function(
        "usual => document.querySelector('.dwell-change').innerText === usual", arg=usual
    )


def test_custom_days_stand_in_the_address(visit):
    page = visit("/?period=7")
    period(page, "Custom")
    page.wait_for_url(re.compile(r"\?from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d$"))
    page.locator(".st-key-dates").wait_for()


def test_selecting_a_row_opens_the_user_and_a_session(visit):
    page = visit("/users?sort=session_count")
    select_row(page, "table_users", 0)
    page.wait_for_url("**/users?sort=session_count&user=*")
    page.locator(".dwell-lanes a").first.wait_for()
    page.get_by_text(re.compile(r"pattern:")).wait_for()
    select_row(page, "table_sessions", 1)
    page.wait_for_url("**/sessions?session=*")
    page.go_back()
    page.wait_for_url("**/users?sort=session_count&user=*")
    page.get_by_role("button", name="All users").click()
    page.wait_for_url("**/users?sort=session_count")


def test_a_click_on_a_head_orders_the_list_and_back_takes_it_back(visit):
    page = visit("/users?device=mobile")
    head = page.locator(".st-key-table_users thead").get_by_role("link", name="Sessions")
    head.click()
    page.wait_for_url("**/users?device=mobile&sort=session_count")
    page.locator(".st-key-table_users th[aria-sort=descending]", has_text="Sessions").wait_for()
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1
    head.click()
    page.wait_for_url("**/users?device=mobile&sort=session_count&order=up")
    page.locator(".st-key-table_users th[aria-sort=ascending]", has_text="Sessions").wait_for()
    page.go_back()
    page.locator(".st-key-table_users th[aria-sort=descending]", has_text="Sessions").wait_for()
    page.go_back()
    page.locator(".st-key-table_users th[aria-sort=descending]", has_text="Last seen").wait_for()


def test_selecting_an_open_session_opens_it_with_the_filters(visit):
    page = visit("/active_now?device=mobile")
    select_row(page, "table_open", 0)
    page.wait_for_url("**/sessions?device_type=mobile&session=*")
    page.locator(".dwell-replay canvas").wait_for()


def test_active_now_notices_a_new_build(home, tmp_path, serve_home, visit):
    copy = shutil.copytree(home, tmp_path / "copy")
    page = visit("/active_now", base=serve_home(copy))
    page.get_by_text("build 1").wait_for()
    publish_again(copy / "builds")
    page.get_by_text("build 2").wait_for(timeout=30_000)


def publish_again(builds):
    """Publishes the current build once more, under the next number."""
    pointer = json.loads((builds / "current.json").read_text())
    shutil.copy(builds / pointer["file"], builds / "wh-000002.duckdb")
    (builds / "next").write_text(json.dumps(pointer | {"build": 2, "file": "wh-000002.duckdb"}))
    (builds / "next").replace(builds / "current.json")


def test_pausing_keeps_the_page(visit):
    page = visit("/active_now")
    page.get_by_text("Pause").click()
    page.locator("[aria-label=Pause]:checked, input:checked").first.wait_for(state="attached")
    # The page draws itself anew: what was there comes back.
    page.locator(".dwell-card").nth(3).wait_for()


def saved(page, button):
    """The file that a button saves."""
    with page.expect_download() as download:
        page.locator(f".st-key-{button} button").first.click()
    return download.value


def test_files_hold_every_value_and_open(visit):
    page = visit("/?period=7")
    sessions = int(value_of(page, "Sessions").replace(",", ""))
    file = saved(page, "csv_pages")
    assert re.match(r"dwell_entry_page_.*_.*\.csv", file.suggested_filename)
    about, rows = opened_csv(file.path().read_bytes())
    assert about[0] == "# Page: Overview: Pages"
    assert rows.filter(~rows["is_total"])["session_count"].sum() == sessions
    head, *cells = opened_xlsx(saved(page, "xlsx_pages").path().read_bytes())["Rows"]
    assert head == rows.columns
    assert len(cells) == rows.height


def test_a_row_filters_and_back_takes_it_back(visit):
    from playwright.sync_api import expect

    page = visit("/breakdowns?by=device_type&period=90")
    total = page.locator(".st-key-table_values tbody tr").last.locator("td").first
    every = total.inner_text()
    page.locator(".st-key-table_values tbody tr", has_text="mobile").locator("td").nth(1).click()
    page.wait_for_url("**/breakdowns?*device_type=mobile*")
    page.get_by_role("button", name="Device: mobile").wait_for()
    expect(total).not_to_have_text(every)
    assert "by=device_type" in page.url
    page.go_back()
    expect(total).to_have_text(every)
    page.get_by_role("button", name="Device: all").wait_for()


def test_a_tab_opens_and_leads_to_all_its_values(visit):
    page = visit("/?period=90")
    page.locator(".dwell-tabs").get_by_role("link", name="Browser", exact=True).click(
        timeout=60_000
    )
    page.wait_for_url("**/?period=90&tab_technology=browser")
    page.locator(".st-key-table_browser").wait_for()
    page.locator("a[href*='by=browser']", has_text="View all").click()
    page.wait_for_url("**/breakdowns?period=90&by=browser&view=all")
    page.locator("h1", has_text="Breakdowns").wait_for()
    page.get_by_text("Sessions by browser", exact=True).wait_for()


def test_narrow_screen_folds_the_filters_and_puts_cards_two_abreast(visit):
    page = visit("/", viewport={"width": 390, "height": 844})
    page.locator(".st-key-filters").wait_for(state="hidden")
    page.locator(".st-key-filters_open").get_by_text(re.compile("30 d")).click()
    page.locator(".st-key-period").get_by_text("7 d", exact=True).click()
    page.wait_for_url("**/?period=7")
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.locator(".dwell-card").nth(1).wait_for()
    boxes = [card.bounding_box() for card in page.locator(".dwell-card").all()[:2]]
    assert boxes[0]["y"] == boxes[1]["y"]
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_dark_theme_colours_the_charts(visit):
    page = visit("/", color_scheme="dark")
    page.locator(".st-key-trend .main-svg").first.wait_for()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.st-key-trend path.js-line')]"
        ".some(line => line.style.stroke === 'rgb(127, 167, 232)')"
    )


def test_a_change_tells_both_numbers_above_what_is_below_it(visit):
    page = visit("/?period=7")
    is_on_top = """() => { const tip = document.querySelector(".dwell-change + .dwell-tip-text");
        const box = tip?.getBoundingClientRect();
        return !!box && document.elementFromPoint(box.x + 20, box.bottom - 4) === tip; }"""
    # While the page below is drawn, the card may be drawn anew, or move from under the mouse.
    for _ in range(60):
        page.locator(".dwell-change").first.hover()
        if page.evaluate(is_on_top):
            break
        page.mouse.move(0, 0)
        page.wait_for_timeout(250)
    else:
        pytest.fail("what is below the card lies above its tip")
    tip = page.locator(".dwell-change + .dwell-tip-text").first
    tip.get_by_text(re.compile(r"^[\d,]+ against [\d,]+$")).wait_for()


def test_more_filters_offers_values_and_shows_what_is_chosen_as_a_chip(visit):
    page = visit("/")
    month = value_of(page, "Sessions")
    assert page.locator(".st-key-filter_browser").count() == 0
    page.get_by_role("button", name="More filters").click()
    page.locator(".st-key-more_dimension input").click()
    page.get_by_role("option", name="Browser").click()
    page.locator(".st-key-filter_browser button").first.click()
    page.wait_for_url("**/?browser=*")
    wait_for_change(page, "Sessions", month)
    page.keyboard.press("Escape")
    page.locator(".st-key-chip_browser button").click()
    page.wait_for_url(re.compile(r"/$"))
    page.locator(".st-key-chip_browser").wait_for(state="detached")


def test_a_click_on_a_day_leads_to_its_sessions_and_back(visit):
    page = visit("/?device=mobile")
    chart = page.locator(".st-key-trend .main-svg").first
    chart.wait_for()
    # Plotly takes clicks only from where the pointer was seen to be.
    page.locator(".st-key-trend .nsewdrag").first.hover()
    page.locator(".st-key-trend .hoverlayer text").first.wait_for()
    page.locator(".st-key-trend .nsewdrag").first.click()
    page.wait_for_url("**/?device=mobile&in_day=*")
    line = page.locator(".dwell-ways")
    line.get_by_role("link", name="Show sessions").wait_for()
    count = re.search(r": ([\d,]+) session", line.inner_text())[1]
    line.get_by_role("link", name="Show sessions").click()
    page.wait_for_url("**/sessions?from=*&device_type=mobile")
    page.get_by_role("heading", name=re.compile(rf"^{count} sessions?$")).wait_for()
    page.go_back()
    page.wait_for_url("**/?device=mobile&in_day=*")
    page.locator(".dwell-ways").wait_for()
    page.go_back()
    page.locator(".dwell-ways").wait_for(state="detached")


def test_a_row_leads_to_all_but_its_sessions(visit):
    page = visit("/")
    month = value_of(page, "Sessions")
    row = page.locator(".st-key-table_device_type tbody tr").first
    row.hover()
    row.get_by_role("link", name="All but these").click()
    page.wait_for_url(re.compile(r"/\?device_type(!|%21)="))
    wait_for_change(page, "Sessions", month)


LONG_NAMES = {
    "a short list": "/breakdowns?by=is_new_user&across=cohort_month&cell=average2",
    "a long list": "/breakdowns?by=cohort_month&metrics=p90_duration_seconds&across=user_pattern",
    "sessions": "/sessions?columns=user_id,is_new_user,device_type,exit_reason,hour,user_pattern",
    "cards": "/?tab_who_and_when=cohort_month&metric=average2",
}
CUT = """() =>
    [...document.querySelectorAll('.dwell-table thead th, [data-testid=stSelectbox] input')]
    .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText || one.value)"""


@pytest.mark.parametrize("width", [390, 768, 1280])
@pytest.mark.parametrize("path", LONG_NAMES.values(), ids=LONG_NAMES)
def test_no_heading_and_no_choice_is_cut(visit, path, width):
    page = visit(path, viewport={"width": width, "height": 900})
    page.locator(".dwell-table thead th").last.wait_for()
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    assert page.evaluate(CUT) == []


def seen(locator):
    """Whether it can be seen and hit, whatever hides it."""
    return locator.evaluate("""one => {
        const {left, right, top, bottom} = one.getBoundingClientRect();
        const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        const around = [];
        for (let each = one; each; each = each.parentElement) around.push(each);
        return one.contains(hit) && around.every(each => getComputedStyle(each).opacity !== '0');
    }""")


def test_what_a_row_leads_to_is_reached_by_touch(visit):
    page = visit(
        "/breakdowns?by=exit_page",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    row = page.locator(".dwell-table tbody tr").nth(1)
    ways = row.locator(".dwell-more a")
    ways.last.wait_for(state="attached")
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    assert not seen(ways.last)
    name = row.locator("th").bounding_box()
    # The sign at the end of the name opens them, and does not open the row.
    page.touchscreen.tap(name["x"] + name["width"] - 10, name["y"] + name["height"] / 2)
    assert page.url.endswith("/breakdowns?by=exit_page")
    for at, words in enumerate(("All but these", "Sessions", "Users")):
        assert seen(ways.nth(at))
        assert ways.nth(at).get_attribute("aria-label") == words
        assert ways.nth(at).bounding_box()["x"] + ways.nth(at).bounding_box()["width"] <= 390
    ways.last.tap()
    page.wait_for_url("**/users?exit_page=*")


def test_what_a_row_leads_to_is_reached_by_the_keyboard(visit):
    page = visit("/breakdowns?by=exit_page")
    row = page.locator(".dwell-table tbody tr").nth(1)
    row.locator(".dwell-more a").last.wait_for(state="attached")
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    row.locator("a.dwell-row").focus()
    for words in ("All but these", "Sessions", "Users"):
        page.keyboard.press("Tab")
        way = row.get_by_label(words, exact=True)
        assert way.evaluate("one => one === document.activeElement")
        assert seen(way)
    page.keyboard.press("Enter")
    page.wait_for_url("**/users?exit_page=*")


PHONE = {"width": 390, "height": 844}
RUN_TOGETHER = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(plot => {
    const level = [...plot.querySelectorAll('.xtick text')]
        .filter(one => !/rotate\\(-/.test(one.getAttribute('transform')));
    const dates = level.map(one => one.getBoundingClientRect());
    dates.sort((one, other) => one.left - other.left);
    return dates.filter((date, at) => at && date.left < dates[at - 1].right).map(() => plot.id);
})"""


@pytest.mark.parametrize(
    "path", ["/?period=90", "/", "/engagement?period=90", "/retention?period=90"]
)
def test_dates_below_a_chart_do_not_run_together_on_a_phone(visit, path):
    page = visit(path, viewport=PHONE)
    page.locator(".xtick text").last.wait_for(state="attached")
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    assert page.evaluate(RUN_TOGETHER) == []


def test_names_are_told_apart_on_a_phone(visit):
    page = visit("/breakdowns?by=campaign", viewport=PHONE)
    names = page.locator(".dwell-table").first.locator(".dwell-name a.dwell-row")
    names.last.wait_for()
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    told = {}
    for name in names.all():
        told[name.inner_text()] = name.evaluate("""one => {
            const cell = one.closest('th');
            const isTall = one.scrollHeight > one.clientHeight + 1;
            return !isTall && cell.scrollWidth <= cell.clientWidth + 1;
        }""")
    assert {"newsletter-october", "newsletter-november"} <= told.keys()
    assert all(told.values()), told


def test_a_cell_of_the_cohorts_opens_its_users_and_back_closes_them(visit):
    page = visit("/retention")
    cell = page.locator(".dwell-triangle td.dwell-figure a").nth(1)
    cell.wait_for()
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    many = cell.get_attribute("aria-label").split(" of ")[0]
    cell.click()
    page.wait_for_url("**/retention?entered=*&nth=1")
    page.get_by_role("heading", name="Cohort of").wait_for()
    page.locator(".st-key-table_cell_users tbody tr").first.wait_for()
    assert page.locator(".st-key-table_cell_users tbody tr").count() == min(int(many), 50)
    assert page.locator(".dwell-chosen").count() == 1
    page.go_back()
    page.get_by_role("heading", name="Cohort of").wait_for(state="detached")


def test_an_event_to_come_back_with_is_typed_with_its_conditions(visit):
    page = visit("/retention")
    page.locator(".st-key-retention_more button").click()
    box = page.locator(".st-key-own_back input")
    box.fill("page_view:/pricing")
    box.press("Enter")
    page.wait_for_url("**/retention?back=page_view*")
    page.get_by_role("button", name="back with page_view:/pricing").wait_for()
