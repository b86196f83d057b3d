"""Which API call an HTTP request is: of which service, which action, and from whom."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_SCOPE: Final = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
"""Service in the credential scope (AWS General Reference, "Signature Version 4 signing process")."""
_NAMES: Final = {"elasticloadbalancing": "elbv2", "monitoring": "cloudwatch"}
"""Services that boto3 calls by another name than they sign with."""
_INVOKE: Final = re.compile(r"/functions/[^/]+/invocations$")
_FORM: Final = "application/x-www-form-urlencoded"
_OBJECT: Final = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
_BUCKET: Final = {"GET": "ListObjects", "PUT": "CreateBucket", "HEAD": "HeadBucket", "DELETE": "DeleteBucket"}


@dataclass(frozen=True, slots=True)
class Call:
    """A call as a rule sees it; what cannot be told is empty."""

    service: str
    """As boto3 names its clients, such as `ecs` or `elbv2`."""
    action: str
    """As the API names it, such as `RegisterTaskDefinition`; for Lambda but for Invoke: method and path."""
    agent: str
    """The User-Agent header."""
    path: str = "/"
    """Where it goes; for S3 it ends with the object's key."""

    @property
    def name(self) -> str:
        """Service and action, as in `ecs:RegisterTaskDefinition`."""
        return f"{self.service}:{self.action}"


def call_of(environ: "WSGIEnvironment") -> Call:
    """Return what a request calls; its body can be read afterwards."""
    signed = environ.get("HTTP_AUTHORIZATION", "")
    if not signed:  # presigned, or not signed at all
        signed = "Credential=" + unquote(environ.get("QUERY_STRING", "")).partition("X-Amz-Credential=")[2]
    scope = _SCOPE.search(signed)
    service = scope[1] if scope else ""
    return Call(
        service=_NAMES.get(service, service),
        action=_action(environ, service),
        agent=environ.get("HTTP_USER_AGENT", ""),
        path=environ.get("PATH_INFO", "/"),
    )


def _action(environ: "WSGIEnvironment", service: str) -> str:
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return target.rpartition(".")[2]
    if environ.get("CONTENT_TYPE", "").startswith(_FORM):
        return parse_qs(_body(environ).decode(errors="replace")).get("Action", [""])[0]
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
    if service == "s3":
        return _of_s3(method, path, environ)
    return "Invoke" if _INVOKE.search(path) else f"{method} {path}"


def _body(environ: "WSGIEnvironment") -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    return body


def _of_s3(method: str, path: str, environ: "WSGIEnvironment") -> str:
    """Return the operation on an object or a bucket, which stands in the path or in the host's name."""
    bucket_in_host = environ.get("HTTP_HOST", "").partition(":")[0].endswith(".localhost")
    key = path.strip("/") if bucket_in_host else path.strip("/").partition("/")[2]
    if key:
        return _OBJECT.get(method, method)
    if "list-type=2" in environ.get("QUERY_STRING", ""):
        return "ListObjectsV2"
    return _BUCKET.get(method, method)
