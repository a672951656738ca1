"""Which requests a person made, and which came with them."""

import duckdb
import pytest

from etl.formats.http_requests import event_type

CASES = [
    ("GET", "/", "200", "page_view"),
    ("GET", "/about", "200", "page_view"),
    ("GET", "/about", "304", "page_view"),
    ("GET", "/about.html?x=1", "206", "page_view"),
    ("GET", "/search?q=cat.png", "200", "page_view"),
    ("GET", "/index.php", "200", "page_view"),
    ("GET", "/v1.2/notes", "200", "page_view"),
    ("GET", "/capital", "200", "page_view"),
    ("GET", "/about", None, "page_view"),
    ("GET", "/old", "301", "redirect"),
    ("GET", "/old", "308", "redirect"),
    ("GET", "/style.css", "200", "asset_request"),
    ("GET", "/app.3fa1.JS?v=3", "200", "asset_request"),
    ("GET", "/img/cat.png", "404", "asset_request"),
    ("GET", "/favicon.ico", "404", "asset_request"),
    ("GET", "/robots.txt", "200", "asset_request"),
    ("GET", "/feed.xml", "200", "asset_request"),
    ("GET", "/.well-known/security", "200", "asset_request"),
    ("HEAD", "/img/cat.png", "200", "asset_request"),
    ("GET", "/files/report.pdf", "200", "download"),
    ("GET", "/files/report.pdf#page=2", "200", "download"),
    ("GET", "/files/report.pdf", "404", "error"),
    ("GET", "/missing", "404", "error"),
    ("GET", "/", "500", "error"),
    ("GET", "/left-at-once", "499", "error"),
    ("POST", "/cart", "422", "error"),
    ("GET", "/api/items", "500", "error"),
    ("GET", "/private", "401", "background_request"),
    ("GET", "/socket", "101", "background_request"),
    ("GET", "/api/items", "200", "api_request"),
    ("POST", "/graphql", "200", "api_request"),
    ("GET", "/data.json", "200", "api_request"),
    ("POST", "/cart", "200", "form_submit"),
    ("POST", "/cart", "303", "form_submit"),
    ("DELETE", "/cart/7", "204", "form_submit"),
    ("HEAD", "/", "200", "background_request"),
    ("OPTIONS", "/cart", "204", "background_request"),
    ("PROPFIND", "/", "405", "background_request"),
]


@pytest.mark.parametrize(
    ("method", "url", "status", "wanted"), CASES, ids=[" ".join(map(str, c[:3])) for c in CASES]
)
def test_a_request_is_an_event_of_its_kind(
    method: str, url: str, status: str | None, wanted: str
) -> None:
    query = f"select {event_type('$method::varchar', '$url::varchar', '$status::varchar')}"
    asked = {"method": method, "url": url, "status": status}
    with duckdb.connect() as con:
        assert con.execute(query, asked).fetchall() == [(wanted,)]
