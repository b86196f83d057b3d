"""What a client gets for good records."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from model.features import vectorise
from service.contract import INLINE_RECORDS, MAX_RECORDS
from service.predictor import Predictor

Record = dict[str, Any]
Ask = Callable[..., httpx.Response]


def test_one_record_gets_one_prediction(ask: Ask, predictor: Predictor, example: Record) -> None:
    """One record gets the model's number, with the name and version of the model that said it."""
    response = ask(example)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.json() == {
        "prediction": predictor.model.predict(vectorise([example])).item(),
        "model": {"name": "process-yield", "version": predictor.manifest.version},
    }


def test_both_shapes_of_many_get_the_same(ask: Ask, records: list[Record]) -> None:
    """A bare list and a list under `records` get one prediction per record, in order."""
    bare, wrapped = ask(records), ask({"records": records})
    assert bare.status_code == wrapped.status_code == 200
    assert bare.content == wrapped.content
    assert len(set(bare.json()["predictions"])) > 1


def test_a_list_of_one_is_still_a_list(ask: Ask, example: Record) -> None:
    """A list of one record gets a list of one prediction."""
    assert len(ask([example]).json()["predictions"]) == 1


@pytest.mark.parametrize("count", [INLINE_RECORDS, INLINE_RECORDS + 1, MAX_RECORDS])
def test_batches_equal_single_records_bit_by_bit(ask: Ask, records: list[Record], count: int) -> None:
    """A record's prediction is the same double alone, in a batch and in the largest batch."""
    single = [ask(record).json()["prediction"].hex() for record in records]
    batch = [records[at % len(records)] for at in range(count)]
    got = [number.hex() for number in ask(batch).json()["predictions"]]
    assert got == [single[at % len(records)] for at in range(count)]


@pytest.mark.parametrize("identifier", ["sample_1528", 1528, None])
def test_identifier_changes_nothing(ask: Ask, example: Record, identifier: object) -> None:
    """The identifier may come along and is never looked at."""
    assert ask({**example, "样本id": identifier}).content == ask(example).content


def test_missing_counts_as_null(ask: Ask, example: Record) -> None:
    """A nullable field that is absent, null or, for a time, empty means the same."""
    without = {name: value for name, value in example.items() if name not in ("A2", "A7")}
    expected = ask(without)
    assert expected.status_code == 200
    assert ask({**without, "A2": None, "A7": None}).content == expected.content
    assert ask({**without, "A7": ""}).content == expected.content


@pytest.mark.parametrize(
    ("clean", "dirty"),
    [
        ({"A5": "7:00:00"}, {"A5": 700}),
        ({"A5": "0:30:00"}, {"A5": ":30:00"}),
        ({"A20": "19:00-20:30"}, {"A20": "19:00-20；30"}),
        ({"A25": 70}, {"A25": "1900/3/10 0:00"}),
        ({"A6": 29}, {"A6": 29.0}),
    ],
)
def test_records_are_read_as_the_plant_writes_them(
    predictor: Predictor, example: Record, clean: Record, dirty: Record
) -> None:
    """What the plant is known to write reaches the feature code untouched and means the same."""
    bodies = [json.dumps({**example, **one}).encode() for one in (clean, dirty)]
    assert predictor.answer(bodies[0]) == predictor.answer(bodies[1])


def test_media_type_may_be_missing_or_say_utf_8(ask: Ask, example: Record) -> None:
    """A body without a media type is taken as JSON, and a charset of UTF-8 is no other type."""
    for headers in (
        {},
        {"content-type": "application/json; charset=UTF-8"},
        {"content-encoding": "identity"},
    ):
        assert ask(example, headers=headers).status_code == 200


def test_large_batches_leave_the_event_loop(
    app: FastAPI, example: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a large batch is computed, the service goes on answering others."""
    started, release = threading.Event(), threading.Event()
    answer = Predictor.answer

    def slow(self: Predictor, body: bytes) -> bytes:
        started.set()
        release.wait(5)
        return answer(self, body)

    async def both() -> tuple[int, int]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            batch = asyncio.create_task(client.post("/predict", json=[example] * 100))
            await asyncio.to_thread(started.wait, 5)
            live = await client.get("/health/live")
            release.set()
            return live.status_code, (await batch).status_code

    monkeypatch.setattr(Predictor, "answer", slow)
    assert asyncio.run(both()) == (200, 200)


def test_a_prediction_that_takes_too_long_is_given_up(
    ask: Ask, example: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that cannot be answered in time gets 503 and when to try again, not silence."""
    monkeypatch.setattr("service.app._COMPUTE_TIMEOUT", 0.05)
    monkeypatch.setattr(Predictor, "answer", lambda *_: time.sleep(0.2))
    response = ask([example] * 100)
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["type"] == "urn:switchyard:problem:busy"
