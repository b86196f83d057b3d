"""A constant load in a program of its own: requests leave on schedule, however slowly answers come.

`python -m tests.e2e.live_colour.load PLAN OUTPUT` reads a plan, sends until it is told to end, and writes one
line of JSON per request: when it was due, how long it took from then, its kind, and what came back. It
repeats nothing: an answer that does not come is lost.
"""

import asyncio
import contextlib
import itertools
import json
import signal
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

PATIENCE: Final = 5.0
"""Seconds after which an answer counts as lost."""
LONGEST: Final = 900.0
"""Seconds after which it ends by itself."""
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Plan:
    """Where to, how many a second, with which bodies; the certificate that vouches for the other side."""

    host: str
    port: int
    rate: float
    bodies: list[str]
    trust: str
    reused: int


class Load:
    """Sends a plan's requests, every other one over a connection that is kept."""

    def __init__(self, plan: Plan, output: TextIO) -> None:
        self._plan = plan
        self._output = output
        self._trust = ssl.create_default_context(cafile=plan.trust)
        self._idle: list[Connection] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._done = asyncio.Event()

    async def run(self) -> None:
        """Send until told to end, then wait for what is under way."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._done.set)
        started = time.monotonic()
        for count, kind, body in self._requests():
            due = started + count / self._plan.rate
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._done.wait(), max(0.0, due - time.monotonic()))
            if self._done.is_set() or due - started > LONGEST:
                break
            task = asyncio.create_task(self._ask(count, due, kind, body))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        await asyncio.gather(*self._under_way)

    def _requests(self) -> Iterator[tuple[int, str, str]]:
        kinds = itertools.cycle(("new", "reused"))
        bodies = itertools.cycle(body for body in self._plan.bodies for _ in range(2))
        return zip(itertools.count(), kinds, bodies, strict=False)

    async def _ask(self, count: int, due: float, kind: str, body: str) -> None:
        at = time.time() + due - time.monotonic()
        found: dict[str, Any]
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._exchange(kind, body)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            found = {"status": 0, "error": f"{type(error).__name__}: {error}"}
        seconds = time.monotonic() - due
        line = {"count": count, "at": at, "seconds": seconds, "kind": kind, **found}
        line["body"] = self._plan.bodies.index(body)
        self._output.write(json.dumps(line) + "\n")

    async def _exchange(self, kind: str, body: str) -> dict[str, Any]:
        plan = self._plan
        kept = kind == "reused"
        connection = (
            self._idle.pop(0)
            if kept and self._idle
            else await asyncio.open_connection(plan.host, plan.port, ssl=self._trust)
        )
        reader, writer = connection
        try:
            writer.write(
                f"POST /predict HTTP/1.1\r\nHost: {plan.host}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\nConnection: {'keep-alive' if kept else 'close'}\r\n\r\n"
                f"{body}".encode("ascii")
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length:")[2].partition("\r\n")[0])
            answer = await reader.readexactly(length)
        except BaseException:
            writer.close()
            raise
        if kept and "connection: close" not in head and len(self._idle) < plan.reused:
            self._idle.append(connection)
        else:
            writer.close()
        status = int(head.split(" ", 2)[1])
        return {"status": status, "answer": json.loads(answer) if status < 500 else answer.decode()}


def main() -> None:
    """Send the plan's requests."""
    plan = Plan(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    with Path(sys.argv[2]).open("w", encoding="utf-8", buffering=1) as output:
        asyncio.run(_run(plan, output))


async def _run(plan: Plan, output: TextIO) -> None:
    await Load(plan, output).run()


if __name__ == "__main__":
    main()
