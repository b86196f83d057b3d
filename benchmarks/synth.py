"""How long our constructs take to synthesise, against the same resources as bare L1 constructs.

`python -m benchmarks.synth` runs them through the same CDK CLI with the same feature flags and validation
plugins, one after the other, five times each, prints the medians, and fails when ours take more than
1.5 times as long as typed L1 constructs, which is how people write L1 (`benchmarks/typed_l1.py`). The untyped
`CfnResource`, the least that can be written, is measured beside it (`benchmarks/bare_app.py`). Both apps
are made of our own templates.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.typed_l1 import source_of

ROOT: Final = Path(__file__).resolve().parents[1]
PYTHON: Final = sys.executable
LIMIT: Final = 1.5
"""Times as long as the bare constructs that ours may take."""
DIGEST: Final = "sha256:" + "0" * 64


class Cost(NamedTuple):
    """What one synth took."""

    wall: float
    """Seconds on the clock: what a person waits, and what other programs on the machine lengthen."""
    cpu: float
    """Seconds of processor: what the work is, whatever else runs."""


def synth(app: list[str], output: Path, *, plain: bool = False) -> Cost:
    """Run the CDK CLI on an app, and return what it took."""
    shutil.rmtree(output, ignore_errors=True)
    context = ["--context", "stage=all", "--context", f"image={DIGEST}"]
    environment = {**os.environ, **({"SWITCHYARD_PLAIN": "1"} if plain else {})}
    began, before = time.perf_counter(), processor_seconds()
    done = subprocess.run(
        [
            ROOT / "node_modules/.bin/cdk",
            "synth",
            "--quiet",
            "--app",
            " ".join(app),
            "--output",
            output,
            *context,
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    cost = Cost(time.perf_counter() - began, processor_seconds() - before)
    if not list(output.glob("*.template.json")):
        raise SystemExit(done.stderr)
    return cost


def processor_seconds() -> float:
    """Return what all children that ended have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def resources(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the resources of every stack, without the paths that the CLI adds to their metadata."""
    found: dict[str, dict[str, Any]] = {}
    for path in folder.glob("*.template.json"):
        for name, one in json.loads(path.read_text(encoding="utf-8"))["Resources"].items():
            found[f"{path.name} {name}"] = {
                "type": one["Type"],
                "properties": one.get("Properties"),
            }
    return found


def compare(work: Path, runs: int, *, plain: bool) -> Mapping[str, list[Cost]]:
    """Return the cost of alternating runs of the apps; one more of each, before them, is not counted."""
    apps = {
        "ours": [PYTHON, "benchmarks/plain_app.py" if plain else "app.py"],
        "typed": [PYTHON, str(work / "typed_app.py")],
        "untyped": [PYTHON, "benchmarks/bare_app.py", str(work / "templates")],
    }
    synth(apps["ours"], work / "templates", plain=plain)
    (work / "typed_app.py").write_text(source_of(work / "templates"), encoding="utf-8")
    for name in ("typed", "untyped"):
        synth(apps[name], work / name, plain=plain)
        if resources(work / "templates") != resources(work / name):
            raise SystemExit(f"The {name} app does not have the resources that ours has.")
    times: dict[str, list[Cost]] = {name: [] for name in apps}
    for _ in range(runs):
        for name, app in apps.items():
            times[name].append(synth(app, work / name, plain=plain))
    return times


def machine() -> str:
    """Return what it was measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}"


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="runs of each app that count (default 5)")
    runs = parser.parse_args().runs
    print(machine())
    kept = True
    for plain in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            times = compare(Path(folder), runs, plain=plain)
            number = len(resources(Path(folder) / "templates"))
        plugins = "without plugins" if plain else "with both packs of cdk-nag"
        print(f"{number} resources, {plugins}:")
        for measure in Cost._fields:
            values = {app: [getattr(cost, measure) for cost in times[app]] for app in times}
            middle = {app: statistics.median(found) for app, found in values.items()}
            for app, found in values.items():
                ratio = middle["ours"] / middle[app]
                runs_of_it = " ".join(f"{value:.2f}" for value in found)
                print(f"  {measure}, {app}: {middle[app]:.2f} s, ours is {ratio:.2f} of it ({runs_of_it})")
            kept = kept and middle["ours"] <= LIMIT * middle["typed"]
    print(f"Promised: at most {LIMIT} of typed L1 constructs.")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
