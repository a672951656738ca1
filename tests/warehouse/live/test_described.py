"""The OpenAPI document says of the reading endpoints what they are."""

import re
from pathlib import Path

from etl.collector.openapi import document
from etl.config.settings import Settings
from warehouse.live.app import reading_routes
from warehouse.live.described import described
from warehouse.live.endpoints import ENDPOINTS


def test_each_endpoint_is_described_and_no_other(tmp_path: Path) -> None:
    routes = {
        (route.path.replace(":any_text", ""), method.lower())
        for route in reading_routes(tmp_path, Settings(home=tmp_path))
        for method in (route.methods or set()) - {"HEAD"}
    }
    paths = described()["paths"].items()
    assert {(path, method) for path, operations in paths for method in operations} == routes


def test_what_may_be_asked_for_is_what_an_endpoint_knows() -> None:
    for endpoint in ENDPOINTS:
        way = described()["paths"][endpoint.path]["get"]["parameters"]
        told = {where: [p["name"] for p in way if p["in"] == where] for where in ("path", "query")}
        assert sorted(told["query"]) == sorted(endpoint.asks)
        assert set(endpoint.of) <= {*told["path"], *told["query"]}
        # What names somebody in a path is noted.
        assert set(told["path"]) <= set(endpoint.of)
        assert set(endpoint.also.values()) <= set(endpoint.asks)


def test_it_is_part_of_one_document_whose_references_lead_somewhere() -> None:
    whole = document("1", described())
    assert whole["paths"].keys() > described()["paths"].keys()
    named = set(re.findall(r"'#/components/schemas/(\w+)'", str(whole)))
    assert named == whole["components"]["schemas"].keys()
    keys = {name for path in described()["paths"].values() for one in path.values()
            for way in one["security"] for name in way}  # fmt: skip
    assert keys <= whole["components"]["securitySchemes"].keys()
