"""The OpenAPI document, made of the table of operations and the models. Says nothing by itself."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from etl.collector import models
from etl.collector.operations import OPERATIONS, Operation

_PLACE = "#/components/schemas/{name}"
_REFUSALS = (400, 401, 403, 408, 413, 415, 429, 503)
# The address of the picture says these of an event; what else it says is kept as well.
_ASKED = ("page", "type", "session_id", "user_id", "visitor_id", "referrer", "campaign")


class Problem(msgspec.Struct):
    """Why a request was not taken, and what would be."""

    error: str


class Health(msgspec.Struct):
    """The collector answers."""

    status: str


def document(version: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The document, of this version of Dwell.

    `more`: `paths` and `securitySchemes` of what answers beside the collector.
    """
    others = more or {"paths": {}, "securitySchemes": {}}
    told = {model for op in OPERATIONS for model in (op.model, op.answers) if model}
    inner = (models.Device, models.Entry, models.Context, models.Event, Problem, Health)
    _, schemas = msgspec.json.schema_components([*told, *inner], ref_template=_PLACE)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Dwell collector", "version": version},
        "paths": {op.path: {op.method.lower(): _operation(op)} for op in OPERATIONS}
        | {
            "/health": {"get": _plain("Whether the collector answers.", Health)},
        }
        | others["paths"],
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "header": {"type": "apiKey", "in": "header", "name": "X-Write-Key"},
                "address": {"type": "apiKey", "in": "query", "name": "key"},
            }
            | others["securitySchemes"],
        },
        "security": [{"header": []}, {"address": []}, {}],
    }


def _operation(op: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": op.summary,
        "operationId": re.sub(r"\W+", "_", f"{op.method.lower()}{op.path}").strip("_"),
        "parameters": _parameters(op),
        "responses": {str(op.status): _answer(op)}
        | {str(status): _json(HTTPStatus(status).phrase, Problem) for status in _REFUSALS},
    }
    if op.model:
        content = {"schema": {"$ref": _PLACE.format(name=op.model.__name__)}}
        described["requestBody"] = {
            # A page sends text, so that its browser does not ask beforehand.
            "content": {"application/json": content, "text/plain": content},
            "required": any(field.required for field in msgspec.structs.fields(op.model)),
        }
    return described


def _parameters(op: Operation) -> list[dict[str, Any]]:
    text = {"type": "string", "maxLength": 256}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": text | {"minLength": 1}}
        for name in re.findall(r"{(\w+)}", op.path)
    ]
    if op.model is None:
        text |= {"pattern": r"\S"}
        parameters += [{"name": name, "in": "query", "schema": text} for name in _ASKED]
    return parameters


def _answer(op: Operation) -> dict[str, Any]:
    if op.answers:
        return _json("Kept: it is on disk.", op.answers)
    if op.status == HTTPStatus.NO_CONTENT:
        return {"description": "Kept: it is on disk."}
    return {"description": "Kept: it is on disk.", "content": {"image/gif": {}}}


def _plain(summary: str, answers: type[msgspec.Struct]) -> dict[str, Any]:
    return {"summary": summary, "security": [], "responses": {"200": _json(summary, answers)}}


def _json(description: str, model: type[msgspec.Struct]) -> dict[str, Any]:
    schema = {"$ref": _PLACE.format(name=model.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
