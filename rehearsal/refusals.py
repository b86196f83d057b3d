"""How the services of AWS say that a call did not succeed and may be tried again.

A client repeats such calls with growing waits, and knows them by status and code (AWS SDKs and Tools
Reference Guide, "Retry behavior"); the codes differ between services:

- JSON services: ThrottlingException, 400; query services: Throttling, 400 (API references, "Common Errors")
- S3: SlowDown, 503 (S3 API Reference, "List of error codes")
- EC2: RequestLimitExceeded, 503 (EC2 Developer Guide, "Troubleshoot API request errors")
- Lambda: TooManyRequestsException, 429 (Lambda API Reference, "Invoke", Errors)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is an error, in a service's own form."""

    status: str
    kind: str
    body: bytes
    code: str


_FAILURES: Final = (
    ("500 Internal Server Error", "InternalFailure"),
    ("503 Service Unavailable", "ServiceUnavailable"),
)
_QUERY: Final = ("cloudformation", "elbv2", "iam", "sns", "sts")
_FORMS: Final[Mapping[str, str]] = {
    "s3": "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>rehearsal</RequestId></Error>",
    "ec2": "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>rehearsal</RequestID></Response>",
    "query": "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
    "</Error><RequestId>rehearsal</RequestId></ErrorResponse>",
}


def throttled(service: str) -> Refusal:
    """Return how a service says that it is asked too often."""
    match service:
        case "s3":
            return _refusal(service, "503 Slow Down", "SlowDown", "Please reduce your request rate.")
        case "ec2":
            status = "503 Service Unavailable"
            return _refusal(service, status, "RequestLimitExceeded", "Request limit exceeded.")
        case "lambda":
            return _refusal(service, "429 Too Many Requests", "TooManyRequestsException", "Rate Exceeded.")
        case _:
            code = "Throttling" if service in _QUERY else "ThrottlingException"
            return _refusal(service, "400 Bad Request", code, "Rate exceeded")


def failed(service: str, number: int) -> Refusal:
    """Return how a service says that it has failed for now: with 500 and 503 in turn, by `number`."""
    status, code = _FAILURES[number % len(_FAILURES)]
    return _refusal(service, status, code, "The request failed because of a temporary failure of the server.")


def _refusal(service: str, status: str, code: str, message: str) -> Refusal:
    form = _FORMS.get("query" if service in _QUERY else service)
    if form is not None:
        return Refusal(status, "text/xml", form.format(code=code, message=message).encode(), code)
    document = json.dumps({"__type": code, "message": message}).encode()
    return Refusal(status, "application/x-amz-json-1.1", document, code)
