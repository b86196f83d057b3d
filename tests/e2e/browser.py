"""Chromium without a window, held over a pipe by its DevTools protocol: no port, no driver, no library.

Chrome DevTools Protocol, domains Page, Runtime, Log, Network, Emulation; `--remote-debugging-pipe` reads
messages from descriptor 3 and writes them to descriptor 4, each ended by a zero byte.
"""

import base64
import contextlib
import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pytest

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
MISSING: Final = "There is no Chromium: install it (on Debian: apt-get install chromium) to test the report."
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
_SECONDS: Final = 30.0
Scheme = Literal["light", "dark"]


@dataclass
class Browser:
    """A page in a browser; `told` is what it complained of or wanted to load."""

    reader: int
    writer: int
    session: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    _count: int = 0
    _buffer: bytes = b""

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol and return its result, keeping the events that come meanwhile."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.told.append(answer)

    def open(self, url: str, *, scheme: Scheme = "light", width: int = 1280) -> None:
        """Open a page and wait until it has been loaded."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        sizes = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **sizes)
        self.told.clear()
        self.call("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.told):
            self.told.append(self._next())

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever the page says
        """Return the value of a JavaScript expression in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def complaints(self) -> list[str]:
        """Return errors of the console, exceptions and requests other than for the page itself."""
        self.evaluate("0")  # what was on its way has arrived with the answer
        bad = (
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
            "Network.loadingFailed",
        )
        asked = [event["params"] for event in self.told if event.get("method") == "Network.requestWillBeSent"]
        return [json.dumps(event) for event in self.told if event.get("method") in bad] + [
            one["request"]["url"] for one in asked if one["type"] != "Document"
        ]

    def picture(self, path: Path) -> None:
        """Save the whole page as a PNG file."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + _SECONDS
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self.reader], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "Chromium does not answer."
            more = os.read(self.reader, 1 << 16)
            assert more, "Chromium has ended."
            self._buffer += more
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium with a profile of its own; end it and remove that."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(MISSING)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
        with _started(found, profile, theirs_in, theirs_out):
            page = Browser(ours_in, ours_out)
            target = page.call("Target.createTarget", url="about:blank")["targetId"]
            page.session = page.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                page.call(f"{domain}.enable")
            yield page
        os.close(ours_in)
        os.close(ours_out)


@contextlib.contextmanager
def _started(binary: str, profile: str, reader: int, writer: int) -> Iterator[None]:
    # Higher than 3 and 4, which the one would otherwise overwrite before the other is in its place.
    high = [os.dup2(number, place, inheritable=True) for number, place in ((reader, 93), (writer, 94))]
    pid = os.posix_spawn(
        binary,
        [binary, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        {"PATH": os.environ["PATH"], "HOME": profile, "TMPDIR": profile},
        file_actions=[
            (os.POSIX_SPAWN_DUP2, high[0], 3),
            (os.POSIX_SPAWN_DUP2, high[1], 4),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
        setsid=True,
    )
    for number in (reader, writer, *high):
        os.close(number)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
