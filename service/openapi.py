"""The OpenAPI 3.1 document, made from the manifest: the schema that requests are checked against."""

from collections.abc import Mapping
from typing import Any, Final

from model.manifest import Field, Manifest
from service import contract, problems
from service.problems import Kind
from service.records import LONGEST_TEXT

_TYPES: Final = {
    "number": ["number"],
    "clock": ["string", "number"],
    "range": ["string"],
}


def openapi_document(manifest: Manifest) -> dict[str, Any]:
    """Return the document for a model package; JSON that needs no further encoding."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{manifest.name}: {manifest.target}",
            "description": manifest.description,
            "version": manifest.short_version,
        },
        "paths": {
            contract.PREDICT: {"post": _predict(manifest)},
            contract.LIVE: {"get": _get("live", "Whether the process answers", {"status": "live"})},
            contract.READY: {"get": _ready()},
            contract.VERSION: {"get": _get("version", "Which model this is, and how good", None)},
        },
        "components": {"schemas": _schemas(manifest)},
    }


def record_schema(manifest: Manifest) -> dict[str, Any]:
    """Return the JSON schema of one record."""
    identifier = {
        "type": ["string", "number", "null"],
        "description": "Tells records apart; not used.",
        "maxLength": LONGEST_TEXT,
    }
    return {
        "type": "object",
        "properties": {
            manifest.identifier: identifier,
            **{field.name: _property(field) for field in manifest.fields},
        },
        "required": [field.name for field in manifest.fields if not field.nullable],
        "additionalProperties": False,
    }


def example_record(manifest: Manifest) -> dict[str, Any]:
    """Return a record that the service accepts."""
    return {field.name: field.example for field in manifest.fields}


def _property(field: Field) -> dict[str, Any]:
    number = field.kind == "number"
    schema: dict[str, Any] = {
        "type": [*_TYPES[field.kind], *(["null"] if field.nullable else [])],
        "description": f"{field.meaning} ({field.unit})" if number and field.unit else field.meaning,
        "examples": [field.example],
    }
    if number:
        schema |= {"minimum": field.low, "maximum": field.high}
    else:
        schema["maxLength"] = LONGEST_TEXT
    return schema


def _schemas(manifest: Manifest) -> dict[str, Any]:
    records = {
        "type": "array",
        "items": _ref("Record"),
        "minItems": 1,
        "maxItems": contract.MAX_RECORDS,
    }
    wrapped = _object({"records": records})
    model = _object({"name": {"type": "string"}, "version": {"type": "string"}})
    number = {"type": "number", "description": manifest.target_field.meaning}
    fault = _object({"pointer": {"type": "string", "format": "json-pointer"}, "detail": {"type": "string"}})
    return {
        "Record": record_schema(manifest),
        "Records": {"oneOf": [_ref("Record"), records, wrapped]},
        "Prediction": _object({"prediction": number, "model": model}),
        "Predictions": _object({"predictions": {"type": "array", "items": number}, "model": model}),
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string", "enum": [kind.urn for kind in problems.KINDS]},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "errors": {"type": "array", "items": fault, "maxItems": contract.MAX_ERRORS},
            },
        },
    }


def _predict(manifest: Manifest) -> dict[str, Any]:
    record = example_record(manifest)
    examples = {
        "one record": {"value": record},
        "several records": {"value": {"records": [record, record]}},
        "a bare list": {"value": [record]},
    }
    elsewhere = (problems.NOT_FOUND, problems.NOT_READY)
    kinds = [kind for kind in problems.KINDS if kind not in elsewhere]
    answers = {"oneOf": [_ref("Prediction"), _ref("Predictions")]}
    return {
        "operationId": "predict",
        "summary": f"Predict {manifest.target} for one record or many",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref("Records"), "examples": examples}},
        },
        "responses": {"200": _response("One number per record", answers), **_problems(kinds)},
    }


def _ready() -> dict[str, Any]:
    operation = _get("ready", "Whether traffic may come", {"status": "ready"})
    operation["responses"] |= _problems([problems.NOT_READY])
    return operation


def _get(name: str, summary: str, example: Mapping[str, Any] | None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if example is not None:
        schema["examples"] = [example]
    return {"operationId": name, "summary": summary, "responses": {"200": _response(summary, schema)}}


def _problems(kinds: list[Kind]) -> dict[str, Any]:
    responses = {}
    for status in sorted({kind.status for kind in kinds}):
        titles = "; ".join(kind.title for kind in kinds if kind.status == status)
        responses[str(status)] = {
            "description": titles,
            "content": {problems.MEDIA_TYPE: {"schema": _ref("Problem")}},
        }
    return responses


def _response(description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
