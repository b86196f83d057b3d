"""Which program answers at a port of loopback: one that was free may be another's before it is bound."""

import json
import os
from http import HTTPStatus
from typing import Final

from rehearsal import web
from rehearsal.processes import Program

PATH: Final = "/rehearsal/process"
"""Where a server of the rehearsal says which process it is."""


def told(pid: int | None = None) -> dict[str, int]:
    """Return what is said there, as JSON has it; by default what this process says."""
    return {"pid": os.getpid() if pid is None else pid}


def answers(program: Program, endpoint: str) -> bool:
    """Whether it is this program, and no other, that answers at a URL."""
    answer = web.get(f"{endpoint}{PATH}", timeout=2)
    return answer.status == HTTPStatus.OK and answer.body == json.dumps(told(program.process.pid)).encode()
