"""Conditional writes of objects."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rehearsal.aws import objects
from rehearsal.aws.original import objects_api


def test_of_several_conditional_writes_one_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each checks and writes before the next one checks ("How to prevent object overwrites")."""
    store: list[int] = []
    together = threading.Barrier(2)

    def put_object(response: Any) -> bool:  # noqa: ANN401 - stands for moto's response
        if store:
            return False
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(timeout=0.1)  # both would be here, had both been let in
        store.append(response)
        return True

    monkeypatch.setattr(objects_api.S3Response, "put_object", put_object)
    objects.mend()
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(objects_api.S3Response.put_object, (1, 2))) == [False, True]
