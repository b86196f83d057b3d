"""A strike: one fault being played, and what its act can reach.

What an act does, it does as somebody or something would on AWS: by its API, by the release's own commands, by
a signal to a process. It reads the timeline to know when.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, TypeVar

from rehearsal import private
from rehearsal.errors import StepFailed
from rehearsal.faults import standing
from rehearsal.image import Image
from rehearsal.judge.requests import Request, Requests
from rehearsal.judge.weights import Shares, share_at
from rehearsal.load.plan import PATIENCE, RATE
from rehearsal.provision import Stage
from rehearsal.releases import Begun, Ended
from rehearsal.versions import Version
from release.record import Record

SECONDS: Final = 90.0
"""Longest that an act waits for its moment."""
_LOOK: Final = 0.1
_REST: Final = 0.5
T = TypeVar("T")
_ask: Final = partial(private.ask, timeout=SECONDS)


@dataclass(frozen=True, slots=True)
class Hit:
    """That a fault was really there: when, and what it left."""

    at: float
    trace: str


@dataclass
class Strike:
    """What a fault's act is given; `close` puts back whatever was changed."""

    stage: Stage
    version: Version
    """The model that is being released."""
    image: Image
    """What is released: the version's own image, or a bad one with the same model."""
    spare: Version
    """One that is neither live nor being released."""
    before: str
    """Digest that takes the traffic before."""
    began: float = field(default_factory=time.time)
    hit: Hit | None = None
    begun: list[Begun] = field(default_factory=list)
    """Every command of the release that was started."""
    ended: list[Ended] = field(default_factory=list)
    """Those of them that were waited for."""
    said: list[str] = field(default_factory=list)
    """What other programs than the releases wrote."""
    _offsets: dict[Path, int] = field(default_factory=dict)
    _cleanup: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        for path in (self._load, self._gate_log):
            self._offsets[path] = path.stat().st_size if path.exists() else 0

    @cached_property
    def reference(self) -> str:
        """The image as `ship` is told it; pushed to the registry when this is first asked for."""
        return self.stage.box.push(self.image)

    @property
    def output(self) -> str:
        """All that was written so far."""
        return "\n".join([*(one.output for one in self.ended), *self.said])

    def begin(self, reference: str = "") -> Begun:
        """Start `ship` of the image, or of another one."""
        return self._started("ship", "--image", reference or self.reference)

    def wait(self, begun: Begun) -> Ended:
        """Wait for a release to end and keep what it said."""
        ended = self.stage.releases.wait(begun)
        self.ended.append(ended)
        return ended

    def ship(self) -> Ended:
        """Release the image and wait for the end."""
        return self.wait(self.begin())

    def run(self, verb: str, *arguments: str) -> Ended:
        """Run another command of the release."""
        return self.wait(self._started(verb, *arguments))

    def struck(self, trace: str, *, at: float | None = None) -> None:
        """Write down that the fault was really there; the first time counts."""
        if self.hit is None:
            self.hit = Hit(time.time() if at is None else at, trace)
            self.stage.timeline.add("fault", trace, at=self.hit.at)

    def finally_do(self, undo: Callable[[], object]) -> None:
        """Have something put back when the fault is over, whatever comes."""
        self._cleanup.callback(undo)

    def close(self) -> None:
        """Put back whatever was changed."""
        self._cleanup.close()

    def until(self, look: Callable[[], T | None], what: str, *, seconds: float = SECONDS) -> T:
        """Return the first answer that is one.

        Raises:
            StepFailed: There was none in time; `what` says what is missing.
        """
        deadline = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > deadline:
                raise StepFailed(f"{what} did not come within {seconds:.0f} s.")
            time.sleep(_LOOK)
        return found

    def events(self, kind: str, **details: object) -> list[Mapping[str, Any]]:
        """Return what the timeline has of a kind with these details, since the fault began."""
        return [
            event
            for event in self.stage.timeline.read()
            if event["at"] >= self.began
            and event["kind"] == kind
            and all(event.get(name) == value for name, value in details.items())
        ]

    def canary(self) -> None:
        """Wait until the new version takes production traffic."""
        self.until(self.is_shared, "Production traffic for the new version")

    def is_shared(self) -> bool:
        """Return whether the new version takes production traffic."""
        now = time.time()
        shares = Shares.of(self.stage.timeline.read())
        return share_at(shares.of_newcomer(self.began, now), now) > 0

    def record(self, holds: Callable[[Record], bool], what: str) -> Record:
        """Wait until the record of the image's release is as it should be, and return it."""

        def look() -> Record | None:
            record = self.stage.releases.current()
            mine = record is not None and record.digest == self.image.digest and record.runs
            return record if mine and record is not None and holds(record) else None

        return self.until(look, what)

    def victim(self, digest: str) -> Mapping[str, Any]:
        """Return a healthy task of an image, as soon as there is one."""
        return self.until(lambda: self.tasks(digest), f"A healthy task of {digest[:19]}")[0]

    def tasks(self, digest: str) -> list[Mapping[str, Any]]:
        """Return an event with `task` and `pid` for each task of an image that is healthy."""
        last: dict[str, Mapping[str, Any]] = {}
        for event in self.stage.timeline.read():
            if event["kind"] == "task" and event.get("image") == digest:
                last[event["task"]] = event
        return [event for event in last.values() if event["what"] == "healthy"]

    def requests(self) -> Sequence[Request]:
        """Return what the load has recorded since the fault began."""
        if not self._load.exists():
            return ()
        return Requests.read(self._load, self._offsets[self._load]).all

    def requests_until(self, end: float, *, rate: int = RATE) -> Sequence[Request]:
        """Return what was due before a time, once all of it has been answered or given up."""
        deadline = time.monotonic() + PATIENCE + 1
        while True:
            due = [request for request in self.requests() if self.began <= request.due < end]
            if len(due) >= rate * (end - self.began) - 1 or time.monotonic() > deadline:
                return due
            time.sleep(_REST)

    def gate_log(self) -> str:
        """Return what the gate's function wrote since the fault began."""
        if not self._gate_log.exists():
            return ""
        return self._gate_log.read_bytes()[self._offsets[self._gate_log] :].decode(errors="replace")

    def client(self, name: str) -> Any:  # noqa: ANN401 - boto3 has a type for each name
        """Return a boto3 client of a service."""
        return standing.client(self.stage.box, name)

    def mishaps(self, *rules: Mapping[str, object]) -> None:
        """Let calls of control plane and CodeDeploy go wrong, until the fault is over."""
        self._put("faults", {"rules": rules})
        self.finally_do(lambda: self._put("faults", {"rules": []}))

    def hits(self) -> int:
        """Return how many calls have gone wrong."""
        return sum(sum(_ask("GET", at, "faults")["hits"].values()) for at in self._endpoints)

    def pace(self, speed: float) -> None:
        """Have CodeDeploy count its minutes faster or slower in this fault."""
        own = self.stage.box.clock.speed
        codedeploy = self._endpoints[-1]
        _ask("PUT", codedeploy, "speed", {"speed": speed})
        self.finally_do(lambda: _ask("PUT", codedeploy, "speed", {"speed": own}))

    def _started(self, verb: str, *arguments: str) -> Begun:
        begun = self.stage.releases.begin(verb, *arguments)
        self.begun.append(begun)
        return begun

    @property
    def _endpoints(self) -> tuple[str, ...]:
        return (self.stage.box.plane.endpoint, self.stage.box.environment["AWS_ENDPOINT_URL_CODEDEPLOY"])

    @property
    def _load(self) -> Path:
        return self.stage.box.workspace.run / "load.jsonl"

    @property
    def _gate_log(self) -> Path:
        return self.stage.box.workspace.run / f"lambda-{self.stage.box.settings.gate_function}.log"

    def _put(self, route: str, document: object) -> None:
        for endpoint in self._endpoints:
            _ask("PUT", endpoint, route, document)
