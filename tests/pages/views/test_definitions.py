"""Definitions: the lab and the glossary, as a reader meets them."""

from tests.pages.conftest import texts

PAGE = "pages/definitions.py"


def test_the_lab_and_the_glossary_are_there(open_page, home):
    page = open_page(PAGE, home, period="all", timeout="45", q="bounce_rate")
    told = texts(page)
    assert "Sessions by timeout" in told
    assert "valley" in told
    assert 'timeout = "45 min"' in page.code[-1].value or any(
        'timeout = "45 min"' in code.value for code in page.code
    )
    assert any("dwell build --full" in code.value for code in page.code)


def test_filters_that_the_lab_cannot_take_leave_the_timeout_of_the_build(open_page, home):
    told = texts(open_page(PAGE, home, period="all", pattern="explorer"))
    assert "Other timeouts cannot be told exactly under these filters" in told
