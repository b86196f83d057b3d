"""Blobs of an image: asked of the registry, read in bounds, and believed when their digest agrees."""

import hashlib
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPException
from typing import IO, Final, TypeVar
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
)

from release.errors import LostSight, Refused
from release.image_facts import FOREIGN, Reference
from release.patience import Patient

T = TypeVar("T")

LARGEST_LAYER: Final = 256 * 1024 * 1024
"""Bytes of a layer as it is stored."""
LARGEST_CONFIG: Final = 1024 * 1024
"""Bytes of an image's configuration."""
_ATTEMPTS: Final = 5
_SECONDS: Final = 30.0
"""For one answer, or for the next bytes of one."""
_WHOLE: Final = 600.0
"""Seconds for a whole blob."""
_CHUNK: Final = 64 * 1024


class BadBlobError(OSError):
    """What came is not what was asked for; the message is a sentence. Asking once more may help."""


class Blob:
    """What comes from the registry, counted and summed as it is read."""

    def __init__(self, source: IO[bytes], *, digest: str, largest: int) -> None:
        self._source = source
        self._digest = digest
        self._left = largest
        self._sum = hashlib.sha256()
        self._deadline = time.monotonic() + _WHOLE

    def read(self, size: int) -> bytes:
        """Return so many bytes, or fewer at the end.

        Raises:
            Refused: there are more than a blob may have.
            OSError: it takes too long.
        """
        if time.monotonic() > self._deadline:
            raise TimeoutError(f"{self._digest} took longer than {_WHOLE:.0f} s")
        data = self._source.read(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise Refused([f"Blob {self._digest} is larger than any of ours: {FOREIGN}."])
        self._sum.update(data)
        return data

    def finish(self) -> None:
        """Read to the end and compare.

        Raises:
            BadBlobError: the bytes are not those of the digest.
        """
        while self.read(_CHUNK):
            pass
        if f"sha256:{self._sum.hexdigest()}" != self._digest:
            raise BadBlobError(f"Blob {self._digest} is not what its digest says: push the image again.")


def fetch(ask: Patient, where: Reference, digest: str, *, largest: int) -> bytes:
    """Return a whole blob, checked.

    Raises:
        Refused: it is too large, or its digest does not agree.
        LostSight: it could not be read.
    """

    def whole(blob: Blob) -> bytes:
        data = b""
        while more := blob.read(_CHUNK):
            data += more
        return data

    return read(ask, where, digest, whole, largest=largest)


def read(
    ask: Patient, where: Reference, digest: str, reader: Callable[[Blob], T], *, largest: int = LARGEST_LAYER
) -> T:
    """Return what a reader makes of a blob; only when all of the blob is what its digest says.

    Raises:
        Refused: it is too large, or its digest does not agree, or the reader refuses it.
        LostSight: it could not be read, several times.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return _read_once(ask, where, digest, reader, largest)
        except BadBlobError as error:
            if attempt > 1:
                raise Refused([str(error)]) from error
        except (OSError, HTTPException) as error:
            if attempt == _ATTEMPTS:
                raise LostSight(
                    f"Blob {digest} could not be read from the registry ({error}): try again later."
                ) from error
        time.sleep(ask.pace.poll)


def _read_once(ask: Patient, where: Reference, digest: str, reader: Callable[[Blob], T], largest: int) -> T:
    answer = ask.ask(
        lambda clients: clients.ecr.get_download_url_for_layer(
            registryId=where.account, repositoryName=where.repository, layerDigest=digest
        )
    )
    with closing(_opener().open(answer["downloadUrl"], timeout=_SECONDS)) as source:
        blob = Blob(source, digest=digest, largest=largest)
        made = reader(blob)
        blob.finish()
        return made


def _opener() -> OpenerDirector:
    """Return what opens HTTP and HTTPS, and no files: the address is what somebody else says."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPRedirectHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
