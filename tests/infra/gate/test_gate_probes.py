"""Which answers the release gate accepts."""

import json

import pytest

from infra.hooks.gate.probes import Answer, Probe, fault_of, version_of

PROBE = Probe(name="typical", record={"A5": "21:00:00"}, prediction=0.93)


def answer(prediction: object, status: int = 200) -> Answer:
    """Return what the service answers for one record."""
    return Answer(status, json.dumps({"prediction": prediction, "model": {}}).encode())


@pytest.mark.parametrize("prediction", [0.93, 0.93 + 5e-10, 0.93 - 5e-10])
def test_right_answers_pass(prediction: float) -> None:
    """An answer within the tolerance is right."""
    assert fault_of(PROBE, answer(prediction), tolerance=1e-9) is None


@pytest.mark.parametrize(
    ("got", "fault"),
    [
        (answer(0.94), "Probe 'typical' was answered with 0.94 instead of 0.93."),
        (answer(0.93 + 2e-9), "instead of 0.93."),
        (answer(0.93, status=503), "Probe 'typical' was answered with status 503."),
        (answer(0.93, status=302), "status 302"),
        (answer(None), "without a prediction"),
        (answer("0.93"), "without a prediction"),
        (answer(prediction=True), "without a prediction"),
        (answer(float("nan")), "without a prediction"),
        (answer(float("inf")), "without a prediction"),
        (Answer(200, b"[0.93]"), "without a prediction"),
        (Answer(200, b'{"predictions": [0.93]}'), "without a prediction"),
        (Answer(200, b"<html>"), "without a prediction"),
        (Answer(200, b"\xff"), "without a prediction"),
        (Answer(200, b""), "without a prediction"),
        (Answer(200, b"[" * 100_000), "without a prediction"),
        (Answer(200, b'{"prediction": 1%s}' % (b"0" * 400)), "without a prediction"),
    ],
)
def test_wrong_answers_do_not(got: Answer, fault: str) -> None:
    """Everything else is a fault that names the probe."""
    told = fault_of(PROBE, got, tolerance=1e-9)
    assert told is not None
    assert fault in told


@pytest.mark.parametrize(
    ("body", "version"),
    [
        (b'{"name": "yield", "version": "4e4e"}', "4e4e"),
        (b'{"name": "yield"}', None),
        (b'{"version": 4}', None),
        (b'["version"]', None),
        (b"not found", None),
        (b"[" * 100_000, None),
    ],
)
def test_a_version_is_a_text_or_it_is_none(body: bytes, version: str | None) -> None:
    """Whatever else a page says, it does not say which version it is."""
    assert version_of(Answer(200, body)) == version
