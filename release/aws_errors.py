"""What an error of AWS's, or on the way to it, means: ask again, renew the credentials, or give up."""

from typing import Final

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)

_EXPIRED: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)
_PASSING: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServerException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TooManyUpdates",
    }
)
_NO_CREDENTIALS: Final = (
    CredentialRetrievalError,
    NoCredentialsError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
_SERVER_ERROR: Final = 500
_AT_ONCE: Final = "Too many concurrent attempts to create a new revision"
"""RegisterTaskDefinition's words when the family gets another revision in this moment; the code is that of
every mistake of a client's (hashicorp/terraform-provider-aws#9777)."""


def expired(error: Exception) -> bool:
    """Return whether newer credentials may help."""
    return isinstance(error, _NO_CREDENTIALS) or code_of(error) in _EXPIRED


def passing(error: Exception) -> bool:
    """Return whether the same question may be answered later."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= _SERVER_ERROR or code_of(error) in _PASSING | _EXPIRED or _AT_ONCE in str(error)
    return isinstance(error, (NoConnection, HTTPClientError, *_NO_CREDENTIALS))


def told(error: Exception) -> str:
    """Return an error in a few words for a sentence: AWS's code and message, or what it says itself."""
    if isinstance(error, ClientError):
        message = error.response.get("Error", {}).get("Message", "").strip().rstrip(".")
        return f"{code_of(error)}: {message}"
    return str(error).strip().rstrip(".")


def code_of(error: Exception) -> str:
    """Return AWS's code of an error, such as `AccessDenied`; empty when it is none of AWS's."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
