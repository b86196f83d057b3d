"""The gate document: what a release leaves for the gate, made from the model package in the image itself."""

import json
from typing import Final

from infra.names import PROBES_PREFIX
from release import objects
from release.clients import Clients
from release.errors import Refused
from release.image_facts import Image
from release.layers import Package
from release.patience import Patient
from release.stage_facts import Stage

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a document; the gate reads no more."""
_FIELDS: Final = ("name", "record", "prediction")


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
    """Return where the document of an image is, in the stage's data bucket.

    It stays for good, so that going back finds it as it was: should its form ever change, so must its prefix.
    """
    return f"{PROBES_PREFIX}{image.digest.removeprefix('sha256:')}.json"


def upload(ask: Patient, stage: Stage, image: Image) -> None:
    """Leave the document for the gate; it is written once, and what is there must say the same.

    Raises:
        Refused: something else is there.
    """
    key = key_of(image)
    if objects.write_once(ask, stage.bucket, key, image.gate_document):
        return
    found = ask.ask(lambda clients: _found(clients, stage.bucket, key))
    if _decoded(found) != _decoded(image.gate_document):
        reason = (
            f"s3://{stage.bucket}/{key} is not the gate document of this image: somebody else wrote it. "
            "Find out who, have it deleted by somebody who may, and release again."
        )
        raise Refused([reason])


def _found(clients: Clients, bucket: str, key: str) -> bytes:
    there = objects.read(clients, bucket, key)
    return b"" if there is None else there["Body"].read(LARGEST + 1)


def _decoded(text: bytes) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
