"""The gate document: what a release leaves for the gate, made from the model package in the image itself."""

import json
from typing import Final

from botocore.exceptions import ClientError

from infra.names import PROBES_PREFIX
from release.clients import Patient, code_of
from release.errors import Refused
from release.image_facts import Image
from release.layers import Package
from release.stage_facts import Stage

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a document; the gate reads no more."""
_FIELDS: Final = ("name", "record", "prediction")
_THERE: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


def gate_document(package: Package) -> bytes:
    """Return the document for a package: its version, and requests with their answers.

    Raises:
        Refused: it is longer than the gate reads, or a probe is none.
    """
    try:
        probes = [{name: probe[name] for name in _FIELDS} for probe in package.probes]
    except (KeyError, TypeError):
        short = package.version[:12]
        raise Refused([f"A probe of model {short} is no request with its answer: train anew."]) from None
    text = json.dumps({"version": package.version, "probes": probes}, sort_keys=True, ensure_ascii=False)
    document = text.encode()
    if len(document) > LARGEST:
        short = package.version[:12]
        raise Refused([f"The probes of model {short} are longer than the gate reads: train anew."])
    return document


def key_of(image: Image) -> str:
    """Return where the document of an image is, in the stage's data bucket."""
    return f"{PROBES_PREFIX}{image.digest.removeprefix('sha256:')}.json"


def upload(ask: Patient, stage: Stage, image: Image) -> None:
    """Leave the document for the gate; it is written once, and what is there must say the same.

    Raises:
        Refused: something else is there.
    """
    key = key_of(image)
    try:
        ask.ask(
            lambda clients: clients.s3.put_object(
                Bucket=stage.bucket,
                Key=key,
                Body=image.gate_document,
                ContentType="application/json",
                IfNoneMatch="*",
            )
        )
    except ClientError as error:
        if code_of(error) not in _THERE:
            raise
        _compare(ask, stage, image, key)


def _compare(ask: Patient, stage: Stage, image: Image, key: str) -> None:
    found = ask.ask(
        lambda clients: clients.s3.get_object(Bucket=stage.bucket, Key=key)["Body"].read(LARGEST + 1)
    )
    if _decoded(found) != _decoded(image.gate_document):
        reason = (
            f"s3://{stage.bucket}/{key} is not the gate document of this image: somebody else wrote it. "
            "Find out who, delete it and release again."
        )
        raise Refused([reason])


def _decoded(text: bytes) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
