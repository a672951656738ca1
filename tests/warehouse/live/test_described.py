"""The OpenAPI document says of the reading endpoints what they are."""

import re
from pathlib import Path

from etl.collector.openapi import document
from etl.config.settings import Settings
from warehouse.live.app import reading_routes
from warehouse.live.described import described


def test_each_endpoint_is_described_and_no_other(tmp_path: Path) -> None:
    routes = {
        (route.path.replace(":any_text", ""), method.lower())
        for route in reading_routes(tmp_path, Settings(home=tmp_path))
        for method in (route.methods or set()) - {"HEAD"}
    }
    paths = described()["paths"].items()
    assert {(path, method) for path, operations in paths for method in operations} == routes


def test_it_is_part_of_one_document_whose_references_lead_somewhere() -> None:
    whole = document("1", described())
    assert whole["paths"].keys() > described()["paths"].keys()
    named = set(re.findall(r"'#/components/schemas/(\w+)'", str(whole)))
    assert named == whole["components"]["schemas"].keys()
    keys = {name for path in described()["paths"].values() for one in path.values()
            for way in one["security"] for name in way}  # fmt: skip
    assert keys <= whole["components"]["securitySchemes"].keys()
