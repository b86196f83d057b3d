"""What a stage's settings can be combined to: a covering set for every test run, the whole product by hand.

`python -m tests.infra.guards.combinations --all --minutes 30` synthesises the whole product in
an order of chance, the same each time, with both packs of cdk-nag, and says how far it came within its time.
"""

import argparse
import itertools
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from infra.checks import problems_of
from infra.config import STAGES
from infra.settings import (
    Architecture,
    Egress,
    Engine,
    HostedZone,
    RegistrySettings,
    StageSettings,
    Strategy,
)
from tests.infra.assembly import synthesised
from tests.infra.guards.pairwise import Pair, Row, covering
from tests.infra.variants import changed

PAIRS = (
    *((Engine.CODEDEPLOY, strategy) for strategy in Strategy if strategy is not Strategy.ROLLING),
    *((Engine.ECS, strategy) for strategy in Strategy if strategy is not Strategy.ALL_AT_ONCE),
)
"""The engines with the strategies that each of them has."""
SHAPES = tuple(f"{stage} {engine} {strategy}" for stage in STAGES for engine, strategy in PAIRS)
"""What is covered with every value of everything else."""

HOME, AWAY = "111122223333", "444455556666"
_ZONE = HostedZone(id="Z0123456789ABCDEFGHIJ", name="plant.example")
_CERTIFICATE = f"arn:aws:acm:eu-central-1:{HOME}:certificate/0f0f0f0f-1111-2222-3333-444444444444"
_INTERNAL = {"traffic.internet_facing": False, "traffic.callers": ("10.0.0.0/8",)}
_PUBLIC = {"traffic.internet_facing": True, "traffic.callers": ("0.0.0.0/0",)}
_NAMED = {"traffic.domain": "yield.plant.example", "traffic.hosted_zone": _ZONE}
_TOLD = {"operations.notify": "oncall@plant.example", "operations.monthly_budget": 300}

SWITCHES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "scheme": {"internal": _INTERNAL, "public": _PUBLIC},
    "listener": {"http": {}, "certificate": {"traffic.certificate": _CERTIFICATE}, "domain": _NAMED},
    "egress": {egress.value: {"network.egress": egress} for egress in Egress},
    "capacity": {"steady": {}, "spot": {"tasks.spot": True}},
    "processor": {one.value: {"tasks.architecture": one} for one in Architecture},
    "alarms": {"on": {}, "off": {"alarms.enabled": False}},
    "told": {"nobody": {"operations.notify": None}, "somebody": _TOLD},
    "account": {
        "any": {},
        "one": {"account": HOME},
        "another": {"account": AWAY},
    },
}
"""What each value changes in a stage's settings."""
REGISTRY_SWITCHES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "github": {"none": {}, "workflows": {"github": "plant/switchyard"}},
    "images": {"unsigned": {}, "signed": {"signing": True}},
}
"""What each value changes in the registry's settings."""
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "shape": SHAPES,
    **{name: tuple(values) for name, values in {**SWITCHES, **REGISTRY_SWITCHES}.items()},
}
"""Everything that is combined, with its values."""


@dataclass(frozen=True)
class Combination:
    """One row: what it is called, and the settings that it stands for."""

    row: tuple[str, ...]

    @property
    def values(self) -> dict[str, str]:
        """Return the chosen value of each dimension."""
        return dict(zip(DIMENSIONS, self.row, strict=True))

    @property
    def settings(self) -> StageSettings:
        """Return the stage's settings."""
        chosen = self.values
        stage, engine, strategy = chosen["shape"].split()
        changes: dict[str, Any] = {"release.engine": Engine(engine), "release.strategy": Strategy(strategy)}
        for name, values in SWITCHES.items():
            changes |= values[chosen[name]]
        if chosen["listener"] == "certificate" and chosen["account"] == "another":
            changes["traffic.certificate"] = _CERTIFICATE.replace(HOME, AWAY)
        if chosen["github"] == "workflows" and chosen["account"] == "another":
            changes["github_provider"] = True
        return changed(STAGES[stage], changes)

    @property
    def registry(self) -> RegistrySettings:
        """Return the registry's settings."""
        chosen = self.values
        account = None if chosen["account"] == "any" else HOME
        registry = RegistrySettings(account=account)
        for name, values in REGISTRY_SWITCHES.items():
            registry = replace(registry, **values[chosen[name]])
        return registry

    def __str__(self) -> str:
        """Return all values, as a failing test shows them."""
        return ", ".join(self.row)


def works(row: Row) -> bool:
    """Return whether the checks accept a row's settings."""
    return not problems_of(Combination(tuple(str(row[name]) for name in DIMENSIONS)).settings)


@cache
def covering_set() -> tuple[tuple[Combination, ...], tuple[Pair, ...]]:
    """Return combinations in which any two values meet, and the pairs of values that the checks refuse."""
    rows, impossible = covering(DIMENSIONS, works)
    return tuple(Combination(tuple(map(str, row.values()))) for row in rows), tuple(impossible)


def every() -> Iterator[Combination]:
    """Yield the whole product, as far as the checks accept it."""
    for values in itertools.product(*DIMENSIONS.values()):
        if works(dict(zip(DIMENSIONS, values, strict=True))):
            yield Combination(values)


def synthesise(combination: Combination, work: Path, templates: Path) -> str | None:
    """Synthesise a combination, and keep those of its templates that are not there yet, named by content.

    Returns:
        What went wrong, or nothing.
    """
    try:
        assembly = synthesised(combination.settings, work, registry=combination.registry)
    except Exception as error:  # noqa: BLE001 - whatever it is, the combination does not synthesise
        return str(error)
    for name, text in assembly.texts().items():
        kept = templates / f"{name.split('.')[0]}-{sha256(text).hexdigest()[:12]}.template.json"
        if not kept.exists():
            shutil.copyfile(work / name, kept)
    return None


def main() -> int:
    """Synthesise the covering set, or the whole product; return 1 when a combination does not synthesise."""
    parser = argparse.ArgumentParser(prog="python -m tests.infra.guards.combinations")
    parser.add_argument("--all", action="store_true", help="the whole product, not the covering set")
    parser.add_argument("--minutes", type=float, default=30, help="when to stop (default 30)")
    options = parser.parse_args()
    chosen = list(every()) if options.all else list(covering_set()[0])
    random.Random(3).shuffle(chosen)  # noqa: S311 - an order, and the same each time
    began, done, wrong = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        templates = Path(folder) / "templates"
        templates.mkdir()
        for combination in chosen:
            if time.monotonic() - began > options.minutes * 60:
                break
            work = Path(folder) / "work"
            problem = synthesise(combination, work, templates)
            shutil.rmtree(work, ignore_errors=True)
            done += 1
            if problem:
                wrong += 1
                sys.stdout.write(f"{combination}: {problem}\n")
        distinct = len(list(templates.iterdir()))
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"{done} of {len(chosen)} combinations in {seconds:.0f} s: {wrong} wrong, {distinct} templates\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
