"""The OpenAPI document and the code that checks records are two readings of one manifest."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types
from openapi_spec_validator import validate

from service import contract
from service.openapi import example_record, openapi_document
from service.predictor import Predictor
from service.problems import KINDS, Problem


@pytest.fixture(scope="module")
def document(predictor: Predictor) -> dict[str, Any]:
    """The document of the small package."""
    return openapi_document(predictor.manifest)


class Promise:
    """What the document says of a body, as something that can be asked (and is short to print)."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._validator = Draft202012Validator({"$ref": "#/components/schemas/Records", **document})

    def holds(self, body: object) -> bool:
        """Tell whether the document allows a body."""
        return bool(self._validator.is_valid(body))


@pytest.fixture(scope="module")
def promise(document: dict[str, Any]) -> Promise:
    """What the document of the small package promises."""
    return Promise(document)


def accepts(predictor: Predictor, body: object) -> bool:
    """Tell whether the service predicts for a body."""
    try:
        predictor.answer(json.dumps(body).encode())
    except Problem:
        return False
    return True


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    """It is OpenAPI 3.1."""
    validate(document)


def test_every_path_is_documented(document: dict[str, Any]) -> None:
    """The paths of the contract, and no others."""
    assert set(document["paths"]) == {contract.PREDICT, contract.LIVE, contract.READY, contract.VERSION}


def test_every_problem_is_documented(document: dict[str, Any]) -> None:
    """Each status that a prediction can end in is there, with the form of its body."""
    responses = document["paths"][contract.PREDICT]["post"]["responses"]
    assert set(responses) == {"200", "400", "405", "408", "413", "415", "422", "431", "500", "503"}
    for status in set(responses) - {"200"}:
        assert list(responses[status]["content"]) == ["application/problem+json"]
    assert document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"] == [
        kind.urn for kind in KINDS
    ]


def test_the_examples_work(document: dict[str, Any], promise: Promise, predictor: Predictor) -> None:
    """Whoever presses "Try it out" gets a prediction."""
    content = document["paths"][contract.PREDICT]["post"]["requestBody"]["content"]["application/json"]
    assert len(content["examples"]) == 3
    for example in content["examples"].values():
        assert accepts(predictor, example["value"])
        assert promise.holds(example["value"])


def test_fields_are_described(document: dict[str, Any]) -> None:
    """Type, unit, range and meaning of a field come from the manifest."""
    properties = document["components"]["schemas"]["Record"]["properties"]
    assert properties["A6"] == {
        "type": ["number"],
        "description": "a temperature, judged by its values and its place beside a clock time (°C)",
        "examples": [29.0],
        "minimum": -20.0,
        "maximum": 200.0,
    }
    assert properties["A7"]["type"] == ["string", "number", "null"]


_values = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [-1e300, -20, -20.5, 0, 50, 200, 200.5, 1000, 5000, 1e300, "300", "", "1:00", "x" * 65, [], {}]
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["A1", "A2", "A6", "A13", "B8", "ZZ", "样本id"]), _values, max_size=3))
def test_document_and_service_agree(promise: Promise, predictor: Predictor, change: dict[str, Any]) -> None:
    """A record is accepted exactly when the document says so; times are beyond a schema's reach."""
    record = {**example_record(predictor.manifest), **change}
    assert accepts(predictor, record) == promise.holds(record)
