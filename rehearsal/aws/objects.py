"""Conditional writes of objects: of several at once, one wins.

AWS documentation (Amazon S3 User Guide, "How to prevent object overwrites with conditional writes"): when
several conditional writes to one object arrive at the same time, the first that finishes succeeds, and the
others fail with 412 Precondition Failed or 409 Conflict. moto checks and then writes, and answers many
requests at a time.
"""

import threading
from typing import TYPE_CHECKING

from rehearsal.aws.original import Moto, objects_api

if TYPE_CHECKING:
    from collections.abc import Callable


def mend() -> None:
    """Let one PutObject finish before the next one checks its condition."""
    original: Callable[[Moto], Moto] = objects_api.S3Response.put_object
    one_at_a_time = threading.RLock()

    def put_object(response: Moto) -> Moto:
        with one_at_a_time:
            return original(response)

    objects_api.S3Response.put_object = put_object
