"""A stage of files: a timeline, a load's lines and a gate's log, without any program behind them."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from rehearsal.faults.strike import Strike
from rehearsal.releases import Begun, Ended
from rehearsal.timeline import Timeline

if TYPE_CHECKING:
    from rehearsal.processes import Program
    from rehearsal.provision import Stage

OLD, NEW = f"sha256:{'0' * 64}", f"sha256:{'1' * 64}"
MODEL = "1" * 64
GATE = "gate"
BLUE_TO_GREEN = (
    {"kind": "weights", "production": {"blue": 100, "green": 0}},
    {"kind": "weights", "production": {"blue": 90, "green": 10}},
    {"kind": "weights", "production": {"blue": 0, "green": 100}},
)


def task(what: str, image: str = NEW, **more: object) -> dict[str, Any]:
    """Return an event of a task."""
    about = {"task": f"task of {image[:9]}", "pid": 1, "exit_code": None, "reason": ""}
    return {"kind": "task", "what": what, "image": image, **about, **more}


def lifecycle(event: str, status: str) -> dict[str, Any]:
    """Return an event of a deployment."""
    return {"kind": "lifecycle", "event": event, "status": status}


@dataclass
class StandIn:
    """What a release leaves behind while it is shipped."""

    run: Path
    events: list[dict[str, Any]] = field(default_factory=list)
    lines: list[Mapping[str, Any]] = field(default_factory=list)
    gate: str = ""

    def strike(self) -> Strike:
        """Return a strike on it, whose release ends as soon as it is waited for."""
        box = SimpleNamespace(
            workspace=SimpleNamespace(run=self.run),
            settings=SimpleNamespace(gate_function=GATE),
            push=lambda image: f"registry@{image.digest}",
        )
        releases = SimpleNamespace(begin=self._begin, wait=self._wait)
        stage = cast("Stage", SimpleNamespace(box=box, releases=releases, timeline=Timeline.of(self.run)))
        version = cast("Any", SimpleNamespace(model=MODEL, image=SimpleNamespace(digest=NEW)))
        return Strike(stage, version, version.image, version, OLD)

    def _begin(self, *_: str) -> Begun:
        return Begun(cast("Program", None), time.time())

    def _wait(self, begun: Begun) -> Ended:
        for event in self.events:
            told = {name: value for name, value in event.items() if name != "kind"}
            Timeline.of(self.run).add(event["kind"], "", **told)
        with (self.run / "load.jsonl").open("a", encoding="utf-8") as load:
            load.writelines(json.dumps(line) + "\n" for line in self.lines)
        with (self.run / f"lambda-{GATE}.log").open("a", encoding="utf-8") as log:
            log.write(self.gate)
        return Ended(0, "shipped", None, begun.started, time.time())


def answered(**more: object) -> dict[str, Any]:
    """Return a line of the load."""
    line = {"due": time.time(), "ms": 2.5, "connection": "new", "kind": "single", "body": 0}
    return {**line, "status": 200, "version": MODEL, "verdict": "ok", "reason": "", **more}
