"""The releases that have ended: one object each, written once and never again."""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from release.clients import Clients, Patient, code_of
from release.errors import BadRecord
from release.record import RECORDS, Outcome, Record

LIMIT: Final = 500
"""Records that are looked at, newest first."""
_CONTESTED: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_END: Final = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A stage's releases, newest first."""

    records: tuple[Record, ...]
    unreadable: tuple[str, ...] = ()
    """A sentence for each object that is no record."""

    @property
    def shipped(self) -> tuple[Record, ...]:
        """Those that took the traffic."""
        return tuple(record for record in self.records if record.outcome is Outcome.SHIPPED)

    def of(self, digest: str) -> Record | None:
        """Return the newest record of an image, whatever became of it."""
        return next((record for record in self.records if record.digest == digest), None)


@dataclass(frozen=True, slots=True)
class Records:
    """The place of one stage's records."""

    ask: Patient
    bucket: str
    """The stage's data bucket."""

    def write(self, record: Record) -> Record:
        """Write what became of a release, once; return what stands there.

        A release that was finished before keeps what was written then.

        Raises:
            BadRecord: something stands there that is no record.
        """
        key = f"{RECORDS}{record.id}{_END}"
        body = json.dumps(record.to_json(), indent=1).encode()
        while True:
            try:
                self.ask.ask(
                    lambda clients: clients.s3.put_object(
                        Bucket=self.bucket, Key=key, Body=body, IfNoneMatch="*"
                    )
                )
            except ClientError as error:
                if code_of(error) not in _CONTESTED:
                    raise
                if (written := self._read(key)) is not None:
                    return written
                continue  # 409: another write was under way, and came to nothing
            return record

    def newest(self, limit: int = LIMIT) -> History:
        """Return the newest releases; what cannot be read is named, and the rest returned."""
        keys = self.ask.ask(lambda clients: _keys(clients, self.bucket, limit))
        records, unreadable = [], []
        for key in keys:
            try:
                record = self._read(key)
            except BadRecord as problem:
                unreadable.append(str(problem))
            else:
                records += [record] if record else []
        return History(records=tuple(records), unreadable=tuple(unreadable))

    def _read(self, key: str) -> Record | None:
        try:
            answer = self.ask.ask(lambda clients: clients.s3.get_object(Bucket=self.bucket, Key=key))
        except ClientError as error:
            if code_of(error) in {"NoSuchKey", "404"}:
                return None
            raise
        where = f"s3://{self.bucket}/{key}"
        try:
            found = json.loads(answer["Body"].read())
        except ValueError:
            raise BadRecord(f"{where} is no record of a release: it is not JSON.") from None
        return Record.from_json(found, where=where)


def _keys(clients: Clients, bucket: str, limit: int) -> Sequence[str]:
    """Return the newest keys, newest first: S3 lists in the order of ids, which is that of time."""
    last: deque[str] = deque(maxlen=limit)
    for page in clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=RECORDS):
        last.extend(item["Key"] for item in page.get("Contents", ()) if item["Key"].endswith(_END))
    return list(reversed(last))
