"""A made-up run: three canary releases at 200 requests per second, of which the second goes back."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

from rehearsal.judge.played import Event, Fault, Played, Release
from rehearsal.judge.requests import Request, Requests

START = 1_790_000_000.0
V1, V2, V3, BAD = "1a" * 32, "2b" * 32, "3c" * 32, "bd" * 32
RATE = 200.0
BROKEN = "status 500: model broken"
STEPS = ("BeforeInstall", "Install", "AfterAllowTestTraffic", "AllowTraffic", "AfterAllowTraffic")


@dataclass
class Sample:
    """What a play would hand over, put together bit by bit; times are seconds after `START`."""

    seconds: float = 110.0
    releases: list[Release] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(4))  # noqa: S311 - no secret

    def tell(self, at: float, kind: str, text: str, **details: object) -> None:
        """Add a line to the timeline."""
        self.events.append({"at": START + at, "kind": kind, "text": text, **details})

    def task(self, at: float, name: str, what: str, **details: object) -> None:
        """Tell what became of a task."""
        arn = f"arn:aws:ecs:eu-central-1:1:task/switchyard-staging/{name}"
        self.tell(at, "task", f"task {name}: {what}", task=arn, what=what, **details)

    def end(self, at: float, *names: str) -> None:
        """End tasks in the right order: 0.75 s to drain, then SIGTERM, which they follow within 10 s."""
        for name in names:
            self.task(at, name, "draining", least_s=0.75)
            self.task(at + 0.9, name, "stopping", least_s=10.0)
            self.task(at + 1.2, name, "stopped", exit_code=0)

    def weigh(self, at: float, **production: int) -> None:
        """Move production traffic."""
        shown = ", ".join(f"{colour} {weight} %" for colour, weight in production.items())
        self.tell(at, "weights", shown, production=production, test=production)

    def lifecycle(self, release: str, *events: tuple[float, str, str]) -> None:
        """Have a deployment's lifecycle events succeed or fail."""
        for at, name, status in events:
            text = f"{name} {status.lower()}"
            self.tell(at, "lifecycle", text, release=release, deployment="d-1", event=name, status=status)

    def release(self, name: str, started: float, ended: float, **more: Any) -> None:  # noqa: ANN401
        """Add a canary release through CodeDeploy that should ship and did."""
        usual: dict[str, Any] = {
            "kind": "ship",
            "strategy": "canary",
            "engine": "codedeploy",
            "expected": "shipped",
            "outcome": "shipped",
        }
        span = {"started": START + started, "ended": START + ended}
        self.releases.append(Release(id=name, **{**usual, **span, **more}))

    def played(self) -> Played:
        """Return the run, its timeline in order."""
        return Played(
            start=START,
            end=START + self.seconds,
            first=V1,
            releases=tuple(self.releases),
            faults=tuple(self.faults),
            events=tuple(sorted(self.events, key=lambda event: event["at"])),
            rate=RATE,
        )

    def requests(self, versions: list[tuple[float, dict[str, float]]]) -> list[Request]:
        """Return the load: which share each version has from each time on, by chance."""
        found = []
        for number in range(int(self.seconds * RATE)):
            at = number / RATE
            shares = next(shares for since, shares in reversed(versions) if at >= since)
            version = self.chance.choices(list(shares), list(shares.values()))[0]
            found.append(self.request(number, version))
        return found

    def request(self, number: int, version: str) -> Request:
        """Return one request that was answered well, after 3 ms and some."""
        return Request(
            due=START + number / RATE,
            ms=3 + self.chance.gammavariate(2, 1.2),
            connection=("new", "reused")[number % 2],
            kind=("single", "batch")[number // 2 % 4 == 0],
            body=number % 12,
            status=200,
            version=version,
            verdict="ok",
            reason="",
        )


def failed(request: Request, reason: str = "status 503: no healthy upstream") -> Request:
    """Return the request as one that got an error."""
    status = int(reason.split(" ")[1].strip(":")) if reason.startswith("status") else 0
    return replace(request, status=status, version="", verdict="failed", reason=reason)


def wrong(request: Request, version: str) -> Request:
    """Return the request as one that a version answered wrongly."""
    reason = "0.93 where the package predicts 0.94"
    return replace(request, version=version, verdict="wrong", reason=reason)


def canary(sample: Sample, name: str, at: float, colours: tuple[str, str]) -> None:
    """Tell of a canary release's events: 10 % after 10 s, everything after 16 s."""
    old, new = colours
    sample.lifecycle(name, (at + 1, "BeforeInstall", "Succeeded"), (at + 7, "Install", "Succeeded"))
    sample.lifecycle(name, (at + 9, "AfterAllowTestTraffic", "Succeeded"))
    sample.lifecycle(name, (at + 10, "AllowTraffic", "InProgress"))
    sample.weigh(at + 10, **{old: 90, new: 10})
    sample.weigh(at + 16, **{old: 0, new: 100})
    sample.lifecycle(name, (at + 16, "AllowTraffic", "Succeeded"))


def three_releases() -> tuple[Played, list[Request]]:
    """Return the made-up run: ship, a bad ship that goes back, ship; the bad one loses some of its share."""
    sample = Sample()
    sample.weigh(0, blue=100, green=0)
    sample.tell(0, "step", "the load begins")
    canary(sample, "r1", 8, ("blue", "green"))
    sample.release("r1", 8, 32, version=V2, serves=V2)
    sample.end(30, "b1", "b2")
    sample.lifecycle("r2", (41, "Install", "Succeeded"), (43, "AfterAllowTestTraffic", "Succeeded"))
    sample.weigh(44, green=90, blue=10)
    sample.tell(48, "alarm", "errors of blue are ALARM", alarm="errors-blue", state="ALARM")
    sample.lifecycle("r2", (49, "AllowTraffic", "Failed"))
    sample.weigh(49, green=100, blue=0)
    sample.release(
        "r2",
        36,
        56,
        version=BAD,
        serves=V2,
        bad=True,
        fails_with=(BROKEN,),
        reason="ALARM_ACTIVE: errors-blue is red",
        expected="rolled back",
        outcome="rolled back",
        fault="5xx under production traffic",
    )
    sample.end(52, "b3", "b4")
    canary(sample, "r3", 66, ("green", "blue"))
    sample.release("r3", 66, 92, version=V3, serves=V3)
    sample.end(90, "b5", "b6")
    requests = sample.requests(
        [
            (0, {V1: 1}),
            (18.02, {V1: 0.9, V2: 0.1}),
            (24.02, {V2: 1}),
            (44.02, {V2: 0.9, BAD: 0.1}),
            (49.02, {V2: 1}),
            (76.02, {V2: 0.9, V3: 0.1}),
            (82.02, {V3: 1}),
        ]
    )
    broken = [failed(one, BROKEN) if one.version == BAD else one for one in requests]
    return sample.played(), broken


def judged_requests(requests: list[Request]) -> Requests:
    """Return requests as the judge takes them."""
    return Requests.of(requests)
