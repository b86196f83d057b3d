"""What the gate takes for a release's document: exactly one form, and never more than fits."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.hooks.gate.document import MAX_BYTES, GateDocument, parse_document
from infra.hooks.gate.errors import DocumentError
from infra.hooks.gate.probes import Probe

HOOKS = Path(__file__).parents[3] / "infra" / "hooks"
MEMORY = 512
"""MiB of the function, which the test of its template freezes."""
PROBE: dict[str, Any] = {"name": "typical", "record": {"A5": "21:00:00", "A2": None}, "prediction": 0.93}
VERSION = "4e" * 32
NO_VERSION = "The gate document's version is not 64 hex digits in lower case."
NO_PROBES = "The gate document has no list of probes, so nothing would be proved."
NO_NAME = "Probe 1 of the gate document has no name of 1 to 200 characters."
NO_PREDICTION = "Probe 1 of the gate document has no prediction that is a number."
NO_OBJECT = "The gate document is not an object of probes and version."
NO_PROBE_OBJECT = "Probe 1 of the gate document is not an object of name, prediction and record."


def document(**changes: object) -> dict[str, object]:
    """Return a right document with some fields changed."""
    return {"version": VERSION, "probes": [PROBE], **changes}


def refusal(text: bytes) -> str:
    """Return why a document is refused."""
    with pytest.raises(DocumentError) as refused:
        parse_document(text)
    return str(refused.value)


def test_a_release_is_read_as_it_was_written() -> None:
    """A version, and probes in their order; a whole number is a prediction too."""
    probes = [PROBE, {**PROBE, "name": "second", "prediction": 1}]
    assert parse_document(json.dumps(document(probes=probes)).encode()) == GateDocument(
        VERSION,
        (Probe("typical", PROBE["record"], 0.93), Probe("second", PROBE["record"], 1.0)),
    )


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ([], NO_OBJECT),
        ({}, NO_OBJECT),
        ({"probes": [PROBE]}, NO_OBJECT),
        (document(extra=1), NO_OBJECT),
        (document(version=None), NO_VERSION),
        (document(version="4E" * 32), NO_VERSION),
        (document(version=VERSION + "\n"), NO_VERSION),
        (document(probes=[]), NO_PROBES),
        (document(probes={"0": PROBE}), NO_PROBES),
        (document(probes=[1]), NO_PROBE_OBJECT),
        (document(probes=[{"name": "x"}]), NO_PROBE_OBJECT),
        (document(probes=[{**PROBE, "tolerance": 1}]), NO_PROBE_OBJECT),
        (document(probes=[{**PROBE, "name": ""}]), NO_NAME),
        (document(probes=[{**PROBE, "name": "x" * 201}]), NO_NAME),
        (
            document(probes=[PROBE, {**PROBE, "record": [1]}]),
            "Probe 2 of the gate document has no record that is an object.",
        ),
        (document(probes=[{**PROBE, "prediction": True}]), NO_PREDICTION),
        (document(probes=[{**PROBE, "prediction": "0.93"}]), NO_PREDICTION),
    ],
)
def test_any_other_form_is_refused_in_words(found: object, why: str) -> None:
    """Nothing is guessed, left out or added."""
    assert refusal(json.dumps(found).encode()) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "Expecting value: line 1 column 1 (char 0)."),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte."),
        (b'{"a": NaN}', "NaN is no number."),
        (b'{"a": -Infinity}', "-Infinity is no number."),
        (b'{"a": 1e999}', "a number is too large."),
        (b'{"a": 1' + b"0" * 400 + b"}", "a number is too large."),
        (b'{"a": 1, "a": 1}', "the field 'a' is there twice."),
    ],
)
def test_what_is_not_json_is_refused_in_words(text: bytes, why: str) -> None:
    """JSON as its standard has it: no constants of JavaScript, no field twice."""
    assert refusal(text) == f"The gate document is not JSON: {why}"


def test_a_deep_document_is_refused_in_words() -> None:
    """Nesting has an end before the interpreter's stack has."""
    assert refusal(b"[" * 100_000) == "The gate document is nested too deeply."


@pytest.mark.slow
@pytest.mark.parametrize("unit", ['{"":0},', "{},", f"{'[' * 400}{']' * 400},", '"\U0001f600",', "1.5,"])
def test_the_greediest_document_fits_into_the_function(unit: str) -> None:
    """The longest document, of what takes most memory, leaves the function a quarter of its own."""
    program = (
        "import sys\n"
        "import gate.codedeploy, gate.ecs\n"
        "from gate.clients import client\n"
        "from gate.document import parse_document\n"
        "clients = [client(name) for name in ('codedeploy', 'ec2', 'ecs', 's3')]\n"
        "parse_document(sys.stdin.buffer.read())\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(int(status['VmHWM'].split()[0]) // 1024)\n"
    )
    start, end = json.dumps(document(probes=[{**PROBE, "record": {"A1": [0]}}])).split("[0]")
    count = (MAX_BYTES - len(start) - len(end) - 1) // len(unit.encode())
    text = f"{start}[{(unit * count)[:-1]}]{end}".encode()
    assert MAX_BYTES - len(unit.encode()) <= len(text) <= MAX_BYTES
    environment = {
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PYTHONPATH": str(HOOKS),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    run = subprocess.run(
        [sys.executable, "-c", program],
        input=text,
        env=environment,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert int(run.stdout) < MEMORY * 3 / 4
