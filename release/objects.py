"""Objects in the stage's data bucket: read, and written once.

Source: GetObject and PutObject, Amazon S3 API Reference, for what S3 answers to conditional writes, and to
reading what is not there.
"""

import time
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from release.aws_errors import code_of
from release.clients import Clients
from release.patience import Patient

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

_ABSENT: Final = frozenset({"NoSuchKey", "404"})
_FORBIDDEN: Final = frozenset({"AccessDenied", "403"})
_THERE: Final = frozenset({"PreconditionFailed", "412"})
_CONTESTED: Final = frozenset({"ConditionalRequestConflict", "409"})
"""Another write of the same object was under way; what came of it is not said."""


def read(clients: Clients, bucket: str, key: str) -> "GetObjectOutputTypeDef | None":
    """Return an object, or None where there is none.

    Who may list some prefixes only is told that an object is forbidden where there is none.
    """
    try:
        return clients.s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if code_of(error) in _ABSENT:
            return None
        if code_of(error) in _FORBIDDEN and not _listed(clients, bucket, key):
            return None
        raise


def write_once(ask: Patient, bucket: str, key: str, body: bytes) -> bool:
    """Write an object of JSON unless there is one; return whether it was written now.

    Raises:
        ClientError: another write was under way for as long as patience lasts, or S3 refuses.
    """
    deadline = time.monotonic() + ask.pace.patience
    while True:
        try:
            ask.ask(
                lambda clients: clients.s3.put_object(
                    Bucket=bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*"
                )
            )
        except ClientError as error:
            if code_of(error) in _THERE:
                return False
            if code_of(error) not in _CONTESTED or time.monotonic() > deadline:
                raise
        else:
            return True
        time.sleep(ask.pace.poll)


def _listed(clients: Clients, bucket: str, key: str) -> bool:
    found = clients.s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
    return any(item["Key"] == key for item in found.get("Contents", ()))
