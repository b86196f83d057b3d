"""Problem documents (RFC 9457): the one form in which every error leaves the service.

Whatever goes wrong with a request is raised as a `Problem` and rendered here, so that no input is
echoed but a short, printable excerpt and no number that JSON cannot carry is ever written.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MEDIA_TYPE: Final = "application/problem+json"
_EXCERPT: Final = 40


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of problem, as the documentation lists it."""

    slug: str
    """Last part of the type's URN; never changes once published."""
    status: int
    """HTTP status that goes with it."""
    title: str
    """The same words for every occurrence."""

    @property
    def urn(self) -> str:
        """The `type` member of its documents."""
        return f"urn:switchyard:problem:{self.slug}"


MALFORMED: Final = Kind("malformed-json", 400, "The body is not JSON that can be read")
NOT_FOUND: Final = Kind("not-found", 404, "There is nothing at this path")
WRONG_METHOD: Final = Kind("method-not-allowed", 405, "This path does not take that method")
BAD_HTTP: Final = Kind("malformed-http", 400, "This is not HTTP")
SLOW_HEAD: Final = Kind("head-timeout", 408, "The request's headers did not arrive in time")
LARGE_HEAD: Final = Kind("head-too-large", 431, "The request's headers are too large")
SLOW_BODY: Final = Kind("body-timeout", 408, "The body did not arrive in time")
LARGE_BODY: Final = Kind("body-too-large", 413, "The body is too large")
MANY_RECORDS: Final = Kind("too-many-records", 413, "There are too many records in one request")
MEDIA: Final = Kind("unsupported-media-type", 415, "The body's media type is not served")
INVALID: Final = Kind("invalid-records", 422, "The records do not fit the model's schema")
INTERNAL: Final = Kind("internal-error", 500, "The service failed")
NOT_READY: Final = Kind("not-ready", 503, "The service is not ready for traffic")
BUSY: Final = Kind("busy", 503, "The service could not answer in time")
KINDS: Final = (
    *(MALFORMED, NOT_FOUND, WRONG_METHOD, SLOW_BODY, LARGE_BODY, MANY_RECORDS),
    *(MEDIA, INVALID, INTERNAL, NOT_READY, BUSY, BAD_HTTP, SLOW_HEAD, LARGE_HEAD),
)
"""Every kind of problem that the service answers with."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the body."""

    pointer: str
    """Where, as a JSON pointer (RFC 6901) into the body as it was sent."""
    detail: str
    """What, in words."""


class Problem(Exception):  # noqa: N818 - RFC 9457 names it
    """A request that gets an error instead of an answer."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})

    def render(self) -> bytes:
        """Return the problem document as JSON in ASCII."""
        document: dict[str, object] = {
            "type": self.kind.urn,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        if self.faults:
            document["errors"] = [{"pointer": one.pointer, "detail": one.detail} for one in self.faults]
        return json.dumps(document, allow_nan=False).encode("ascii")


def excerpt(text: str) -> str:
    """Return the text in quotation marks, short and printable enough to be shown to anyone."""
    shown = "".join(char if char.isprintable() else "�" for char in text[:_EXCERPT])
    return f'"{shown}…"' if len(text) > _EXCERPT else f'"{shown}"'
