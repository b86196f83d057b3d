"""How the gate fetches what a release left for it: in words when it is not there, and never too much."""

from collections.abc import Callable

import boto3
import pytest

from infra.hooks.gate.document import MAX_BYTES
from tests.infra.assembly import IMAGE
from tests.infra.gate.conftest import Gate
from tests.infra.gate.release import DIGEST
from tests.infra.gate.servers import flood, refuse

pytestmark = pytest.mark.slow

HERE = f"s3://switchyard-data/releases/probes/{DIGEST}.json"


def test_a_missing_document_is_named(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A release that left nothing reads a sentence, not a traceback."""
    monkeypatch.setenv("PROBES_PREFIX", "elsewhere/")
    assert not gate.lets_pass()
    assert (
        f"No gate document was uploaded for image {IMAGE}: "
        f"S3 answered NoSuchKey for s3://switchyard-data/elsewhere/{DIGEST}.json."
    ) in caplog.messages
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(("code", "named"), [("AccessDenied", True), ("InvalidObjectState", False)])
def test_a_missing_document_looks_denied_on_aws(
    gate: Gate,
    other_s3: Callable[[object], None],
    caplog: pytest.LogCaptureFixture,
    code: str,
    *,
    named: bool,
) -> None:
    """S3 denies access to what is not there to a role that may not list; other errors stay what they are."""
    other_s3(refuse(403, code))
    assert not gate.lets_pass()
    assert (f"No gate document was uploaded for image {IMAGE}: S3 answered {code}" in caplog.text) is named


def test_a_document_of_another_form_is_refused(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """What the gate does not understand proves nothing."""
    boto3.client("s3").put_object(
        Bucket="switchyard-data", Key=f"releases/probes/{DIGEST}.json", Body=b'{"probes": []}'
    )
    assert not gate.lets_pass()
    assert "The gate document is not an object of probes and version." in caplog.messages


def test_a_long_document_is_not_read_to_its_end(
    gate: Gate, other_s3: Callable[[object], None], caplog: pytest.LogCaptureFixture
) -> None:
    """A document of a gigabyte is refused after its first bytes: the function has no room for it."""
    sent: list[int] = []
    other_s3(flood(1024 * 1024 * 1024, sent))
    assert not gate.lets_pass()
    assert f"The gate document {HERE} is longer than the {MAX_BYTES} bytes that are read." in caplog.messages
    assert sum(sent) < 16 * MAX_BYTES  # buffers of both sides included
