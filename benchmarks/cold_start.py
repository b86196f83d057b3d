"""How long the service takes from its start until it is ready, and what a small task makes of that.

`python benchmarks/cold_start.py` starts the real service several times with the model package of
`make train`, on loopback, and measures wall-clock and CPU seconds until readiness answers 200. CPU seconds
say what a task with a fraction of a vCPU needs: it gets that fraction of a second each second.

The image holds no compiled Python and writes none, so that is how it is measured; `--compiled` measures a
start that finds compiled files.
"""

import argparse
import http.client
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from service import contract

ROOT: Final = Path(__file__).resolve().parents[1]
VCPUS: Final = (0.25, 0.5, 1, 2)
"""Task sizes of the table."""
PATIENCE: Final = 120.0
"""Seconds after which a start counts as failed."""
GRACE: Final = 10.0
"""Seconds for the service to end."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the service."""

    wall: float
    """Seconds from the start of the process until it was ready."""
    cpu: float
    """CPU seconds that it had used by then, in user and system mode."""


def measure(python: Path, package: Path, cache: Path | None) -> Start:
    """Start the service once, wait until it is ready, and end it.

    Args:
        python: interpreter with the service's packages.
        package: the model package.
        cache: an empty folder, in which Python finds no compiled files; None to use what there is.

    Raises:
        RuntimeError: the service ended, or was not ready in time.
    """
    port = _free_port()
    environment = {
        **os.environ,
        contract.ENV_HOST: "127.0.0.1",
        contract.ENV_PORT: str(port),
        contract.ENV_PACKAGE: str(package),
        contract.ENV_LAME_DUCK: "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **({"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(cache)} if cache else {}),
    }
    began = time.perf_counter()
    service = subprocess.Popen(
        [python, "-m", "service"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while not _ready(port):
            if service.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise RuntimeError(f"The service was not ready within {PATIENCE:g} s.")
            time.sleep(0.005)
        wall = time.perf_counter() - began
        used = psutil.Process(service.pid).cpu_times()
        return Start(wall, used.user + used.system)
    finally:
        _end(service)


def table(starts: list[Start]) -> str:
    """Return the measurements, and the estimate for each task size, as a Markdown table."""
    wall = statistics.median(start.wall for start in starts)
    cpu = statistics.median(start.cpu for start in starts)
    most = max(start.cpu for start in starts)
    rows = "".join(f"| {vcpu:g} vCPU | {max(wall, cpu / vcpu):.1f} s |\n" for vcpu in VCPUS)
    return (
        f"{len(starts)} starts on {_machine()}\n\n"
        f"start to ready: median {wall:.2f} s; CPU: median {cpu:.2f} s, most {most:.2f} s\n\n"
        f"| task | start to ready, estimated |\n|---|---|\n{rows}"
    )


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=7, help="how often to start (default 7)")
    parser.add_argument("--package", type=Path, default=ROOT / "build/package", help="model package")
    parser.add_argument("--python", type=Path, default=ROOT / ".venv-service/bin/python", help="interpreter")
    parser.add_argument("--compiled", action="store_true", help="let Python find compiled files")
    options = parser.parse_args()
    package = options.package.resolve()
    if not (package / "manifest.json").is_file():
        print(f"There is no model package in {options.package}: run make train first.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        cache = None if options.compiled else Path(folder)
        starts = [measure(options.python, package, cache) for _ in range(max(options.runs, 1))]
    print(table(starts))
    return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", contract.READY)
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _end(service: subprocess.Popen[bytes]) -> None:
    service.terminate()
    try:
        service.wait(GRACE)
    except subprocess.TimeoutExpired:
        service.kill()
        service.wait()


def _machine() -> str:
    """Return the processor's name and the number of processors."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if sys.platform == "linux" else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} processors"


if __name__ == "__main__":
    sys.exit(main())
