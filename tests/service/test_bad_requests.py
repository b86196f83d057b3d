"""What a client gets for anything else: a problem document that points at the fault."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.features import vectorise
from service.contract import MAX_BODY_BYTES, MAX_ERRORS, MAX_RECORDS
from service.predictor import Predictor
from service.problems import KINDS, Problem

Record = dict[str, Any]
Ask = Callable[..., httpx.Response]


def check(response: httpx.Response, kind: str, status: int) -> dict[str, Any]:
    """Assert that a response is a problem document of a kind, and return it."""
    document: dict[str, Any] = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, document["status"]) == (status, status)
    assert document["type"] == f"urn:switchyard:problem:{kind}"
    assert document["title"]
    assert document["detail"].endswith(".")
    return document


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"{",
        b"yield?",
        b'{"A1": 1,}',
        b"{'A1': 1}",
        b'{"A1": 1} {}',
        b'{"A5": "\x00"}',
        b"\xff\xfe{}",
        '{"A1": 1}'.encode("utf-16"),
        b'\xef\xbb\xbf{"A1": 1}',
        b'{"A1": NaN}',
        b'{"A1": Infinity}',
        b'{"A1": -Infinity}',
        b"NaN",
        b'{"A1": 1e999}',
        b'{"A1": -1e400}',
        b'{"A1": ' + b"9" * 400 + b"}",
        b'{"A1": ' + b"9" * 5000 + b"}",
        b'{"A1": 1, "A1": 2}',
        b'{"records": [{"A1": 1, "A1": 2}]}',
        b'{"A5": "\\ud800"}',
        b'{"\\uDFFF": 1}',
        b"[" * 1_000_000,
        b'{"A1":' * 100_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_json_is_malformed(ask: Ask, body: bytes) -> None:
    """Bytes that are not JSON, or JSON that means nothing certain, get 400."""
    document = check(ask(body), "malformed-json", 400)
    assert len(document["detail"]) < 200
    assert "errors" not in document


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "1e999"])
def test_a_number_that_json_cannot_carry_is_not_echoed_as_one(
    ask: Ask, example: Record, literal: str
) -> None:
    """The answer to NaN, Infinity or 1e999 is JSON that any parser reads."""
    body = json.dumps(example).replace("300.0", literal).encode()
    response = ask(body)
    check(response, "malformed-json", 400)
    json.loads(response.content, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"ZZ": 1}, "/ZZ", 'no field "ZZ"'),
        ({"a/b~c": 1}, "/a~1b~0c", 'no field "a/b~c"'),
        ({"records ": 1}, "/records ", "no field"),
        ({"收率": 0.9}, "/收率", "no field"),
        ({"x" * 500: 1}, "", "no field"),
        ({"line\nbreak": 1}, "", "line�break"),
        ({"A1": True}, "/A1", "a number is expected, not true"),
        ({"A1": "300"}, "/A1", 'a number is expected, not the text "300"'),
        ({"A1": "nan"}, "/A1", "a number is expected"),
        ({"A1": "three"}, "/A1", "a number is expected"),
        ({"A1": ""}, "/A1", "a number is expected"),
        ({"A1": [300]}, "/A1", "a number is expected, not a list"),
        ({"A1": {"value": 300}}, "/A1", "a number is expected, not an object"),
        ({"A1": None}, "/A1", "may not be missing"),
        ({"A1": -1}, "/A1", "-1 is outside 50 to 1000"),
        ({"A1": 1000.5}, "/A1", "1000.5 is outside 50 to 1000"),
        ({"A1": 10**299}, "/A1", "is outside 50 to 1000"),
        ({"A6": 1e300}, "/A6", "1e+300 is outside -20 to 200 °C"),
        ({"A13": "1900/3/10 0:00"}, "/A13", "70.0 is outside 0.01 to 2"),
        ({"A25": "2019/3/10 0:00"}, "/A25", "a number is expected"),
        ({"A5": None}, "/A5", "may not be missing"),
        ({"A5": ""}, "/A5", "may not be missing"),
        ({"A5": False}, "/A5", "a time such as 21:00:00 is expected, not false"),
        ({"A5": "25:61"}, "/A5", "25:61"),
        ({"A5": "noon"}, "/A5", "noon"),
        ({"A5": 7.5}, "/A5", "7.5"),
        ({"A5": 10**299}, "/A5", "1000000"),
        ({"A5": "1" * 65}, "/A5", "a time such as"),
        ({"A5": "21:00\u0000"}, "/A5", "a time such as"),
        ({"A20": "21:00"}, "/A20", "21:00"),
        ({"A20": 700}, "/A20", "700"),
        ({"A4": "1900/1/0 0:00"}, "/A4", "0.0 is outside"),
        ({"样本id": "x" * 65}, "/样本id", "at most 64 characters"),
        ({"样本id": True}, "/样本id", "an identifier is text"),
        ({"样本id": ["a"]}, "/样本id", "an identifier is text"),
    ],
    ids=str,
)
def test_every_fault_is_pointed_at(
    ask: Ask, example: Record, change: Record, pointer: str, words: str
) -> None:
    """One wrong value gets 422 and a pointer into the body as sent, in each of its three shapes."""
    record = {**example, **change}
    bodies = {"": record, "/1": [example, record], "/records/1": {"records": [example, record]}}
    for prefix, body in bodies.items():
        document = check(ask(body), "invalid-records", 422)
        assert document["detail"] == "1 error was found."
        [error] = document["errors"]
        assert error["pointer"] == prefix + pointer
        assert words in error["detail"]


def test_a_required_field_must_be_there(ask: Ask, example: Record) -> None:
    """A field that may not be null may not be absent either; the pointer says where it belongs."""
    del example["B14"]
    [error] = check(ask([example]), "invalid-records", 422)["errors"]
    assert error == {"pointer": "/0/B14", "detail": "is missing; a number is expected"}


def test_all_faults_are_told_at_once(ask: Ask, example: Record) -> None:
    """Wrong types, unknown fields and unreadable times of several records come in one answer."""
    first = {**example, "A1": "300", "A5": "25:61", "A20": "?"}
    second = {**example, "ZZ": 0}
    errors = check(ask([first, second]), "invalid-records", 422)["errors"]
    assert {error["pointer"] for error in errors} == {"/0/A1", "/0/A5", "/0/A20", "/1/ZZ"}


def test_many_unreadable_times_are_not_said_to_be_all(ask: Ask, example: Record) -> None:
    """Where the search for faults stopped early, their number is a lower bound and said to be one."""
    document = check(ask([{**example, "A5": "25:61"}] * 100), "invalid-records", 422)
    assert document["detail"].startswith(f"At least {MAX_ERRORS} errors were found.")


def test_two_numbers_that_were_dates_may_be_zero(ask: Ask, example: Record) -> None:
    """Numbers that are read before their range is known divide by nothing in the log's sight."""
    wrong = {"A4": "1900/1/0 0:00", "B14": "1900/3/10 0:00"}
    errors = check(ask({**example, **wrong}), "invalid-records", 422)["errors"]
    assert {error["pointer"] for error in errors} == {"/A4"}


@pytest.mark.parametrize(
    "odd", [{}, {"A1": True}, {"A5": "25:61"}, {"A1": "x", "A2": "y"}], ids=["none", "type", "time", "text"]
)
def test_numbers_that_were_dates_are_read_together(
    predictor: Predictor, example: Record, odd: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feature code is asked a few times a record, not for every value, fault or no fault."""
    asked = []

    def count(records: Sequence[Mapping[str, object]]) -> NDArray[np.float64]:
        asked.append(len(records))
        return vectorise(records)

    monkeypatch.setattr("service.records.vectorise", count)
    dates = {
        "A6": "1900/1/29 0:00",
        "A10": "1900/4/10 0:00",
        "A25": "1900/3/10 0:00",
        "A21": "1900/2/19 0:00",
    }
    body = [{**example, **dates}] * 100 + [{**example, **dates, **odd}]
    with suppress(Problem):
        predictor.answer(json.dumps(body).encode())
    assert len(asked) < 2 * len(body) + 60


def test_the_list_of_faults_is_bounded(ask: Ask, example: Record) -> None:
    """However much is wrong, the answer stays short and says how much was found."""
    document = check(ask([{**example, "A1": True}] * 100), "invalid-records", 422)
    assert document["detail"] == f"At least 100 errors were found. The first {MAX_ERRORS} are listed."
    assert len(document["errors"]) == MAX_ERRORS


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (None, ""),
        ("text", ""),
        (300, ""),
        (True, ""),
        ([], ""),
        ({"records": []}, "/records"),
        ({"records": None}, "/records"),
        ({"records": {"A1": 1}}, "/records"),
        ({"records": [{}], "A1": 1}, "/A1"),
        ([None], "/0"),
        ([[]], "/0"),
        ({"records": ["text"]}, "/records/0"),
    ],
    ids=repr,
)
def test_what_holds_no_records_is_refused(ask: Ask, body: object, pointer: str) -> None:
    """Null, text, a number, an empty list or something else in place of a record gets 422."""
    [error] = check(ask(body), "invalid-records", 422)["errors"]
    assert error["pointer"] == pointer


def test_an_empty_record_is_refused(ask: Ask) -> None:
    """Nothing is predicted from nothing."""
    check(ask({}), "invalid-records", 422)
    check(ask({"ZZ": 1}), "invalid-records", 422)


@pytest.mark.parametrize("count", [MAX_RECORDS + 1, 10_000])
@pytest.mark.parametrize("record", [{}, None], ids=["empty", "whole"])
def test_too_many_records_are_refused(ask: Ask, example: Record, count: int, record: Record | None) -> None:
    """One record above the limit, or ten thousand, get 413."""
    response = ask([example if record is None else record] * count)
    large = len(response.request.content) > MAX_BODY_BYTES
    check(response, "body-too-large" if large else "too-many-records", 413)


def test_nested_arrays_of_five_megabytes_are_refused(ask: Ask) -> None:
    """A body above the limit is refused by its size, whatever is in it."""
    check(ask(b"[" * 5_000_000), "body-too-large", 413)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/csv"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/jsonp"},
        {"content-type": "json"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
    ids=str,
)
def test_other_media_types_are_refused(ask: Ask, example: Record, headers: dict[str, str]) -> None:
    """What is not plain JSON in UTF-8 gets 415."""
    check(ask(example, headers=headers), "unsupported-media-type", 415)


@pytest.mark.parametrize("path", ["/", "/predict/", "/Predict", "/v1/predict", "/health", "/redoc", "/%00"])
def test_unknown_paths_are_problems(ask: Ask, path: str) -> None:
    """A path that is not there gets 404 in the same form as every other error."""
    check(ask(path=path), "not-found", 404)


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [("/predict", "GET", "POST"), ("/predict", "PUT", "POST"), ("/health/ready", "POST", "GET, HEAD")],
)
def test_wrong_methods_are_problems(ask: Ask, path: str, method: str, allowed: str) -> None:
    """A method that a path does not take gets 405 and the ones that it does."""
    response = ask(path=path, method=method)
    check(response, "method-not-allowed", 405)
    assert sorted(response.headers["allow"].split(", ")) == sorted(allowed.split(", "))


def test_an_unexpected_failure_tells_nothing(
    ask: Ask, example: Record, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug gives 500 without its trace; the log has it on one line under the id in the answer."""

    def fail(*_: object) -> None:
        raise LookupError("a secret")

    monkeypatch.setattr(Predictor, "answer", fail)
    response = ask(example, headers={"x-request-id": "abc-1"})
    document = check(response, "internal-error", 500)
    assert "secret" not in response.text
    assert "abc-1" in document["detail"]
    [line] = capsys.readouterr().err.splitlines()
    logged = json.loads(line)
    assert (logged["request_id"], logged["path"]) == ("abc-1", "/predict")
    assert "LookupError: a secret" in logged["exception"]


_scalars = st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=8)
_names = st.sampled_from(["A1", "A5", "A6", "A20", "A25", "B11", "样本id", "records"]) | st.text(max_size=4)
_values = st.recursive(
    _scalars | st.sampled_from(["21:00", "1900/3/10 0:00", "19:00-20:00", ":30:00", "7;00", 700, -0.0]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(change=st.dictionaries(_names, _values, max_size=4), alone=_values)
def test_random_json_is_answered_or_refused(
    predictor: Predictor, example: Record, change: dict[str, Any], alone: object
) -> None:
    """Any JSON at all gets a finite prediction or a problem of a documented kind."""
    refusals = []
    for document in ({**example, **change}, [example, {**example, **change}], change, alone):
        try:
            answer = json.loads(predictor.answer(json.dumps(document).encode()))
            assert math.isfinite(answer.get("prediction", 0.0))
        except Problem as problem:
            refusals.append(problem)
    assert all(one.kind in KINDS and one.kind.status < 500 and len(one.render()) < 10_000 for one in refusals)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=64) | st.text('{}[]",:0123456789eEn.-\\uadNfI ', max_size=40).map(str.encode))
def test_random_bytes_are_refused(predictor: Predictor, body: bytes) -> None:
    """Any bytes that are no records get a problem below 500."""
    with pytest.raises(Problem) as caught:
        predictor.answer(body)
    assert caught.value.kind.status < 500
