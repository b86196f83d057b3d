"""The releases that have ended: one object each, written once and never again."""

import json
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from release import objects
from release.clients import Clients
from release.errors import BadRecord
from release.patience import Patient
from release.record import RECORDS, Outcome, Record

LIMIT: Final = 500
"""Records that are looked at, newest first, unless somebody says how many."""
_AT_ONCE: Final = 8
"""Objects that are read beside each other; a client keeps ten connections."""
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
        body = json.dumps(record.to_json(), indent=1).encode()
        if objects.write_once(self.ask, self.bucket, _key(record.id), body):
            return record
        return self.get(record.id) or record

    def get(self, release: str) -> Record | None:
        """Return a release by its id, however old; None when there is no record of it.

        Raises:
            BadRecord: something stands there that is no record.
        """
        return self._read(_key(release))

    def newest(self, limit: int = LIMIT) -> History:
        """Return the newest releases; what cannot be read is named, and the rest returned."""
        keys = self.ask.ask(lambda clients: _keys(clients, self.bucket, limit))
        found = self._all(keys)
        return History(
            records=tuple(one for one in found if isinstance(one, Record)),
            unreadable=tuple(one for one in found if isinstance(one, str)),
        )

    def _all(self, keys: Sequence[str]) -> list[Record | str | None]:
        """Return the record under each key, or why it is none, several of them read at once."""
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="records")
        try:
            return list(pool.map(self._record_or_problem, keys))
        finally:
            pool.shutdown(cancel_futures=True)

    def _record_or_problem(self, key: str) -> Record | str | None:
        try:
            return self._read(key)
        except BadRecord as problem:
            return str(problem)

    def _read(self, key: str) -> Record | None:
        text = self.ask.ask(lambda clients: _text(clients, self.bucket, key))
        if text is None:
            return None
        where = f"s3://{self.bucket}/{key}"
        try:
            found = json.loads(text)
        except ValueError:
            raise BadRecord(f"{where} is no record of a release: it is not JSON.") from None
        return Record.from_json(found, where=where)


def _key(release: str) -> str:
    return f"{RECORDS}{release}{_END}"


def _text(clients: Clients, bucket: str, key: str) -> bytes | None:
    found = objects.read(clients, bucket, key)
    return None if found is None else found["Body"].read()


def _keys(clients: Clients, bucket: str, limit: int) -> Sequence[str]:
    """Return the newest keys, newest first: S3 lists in the order of ids, which is that of time."""
    last: deque[str] = deque(maxlen=limit)
    for page in clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=RECORDS):
        last.extend(item["Key"] for item in page.get("Contents", ()) if item["Key"].endswith(_END))
    return list(reversed(last))
