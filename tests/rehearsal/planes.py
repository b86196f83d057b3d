"""A control plane of a test's own, as a rehearsal starts it."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from rehearsal import control_plane, isolation, processes, sessions
from rehearsal.control_plane import ControlPlane
from rehearsal.processes import Program

ROOT: Final = Path(__file__).resolve().parents[2]
T = TypeVar("T")


@contextmanager
def started(folder: Path, *more: str) -> Iterator[ControlPlane]:
    """Start a control plane, with further arguments of `python -m rehearsal.aws`.

    It ends with the context, and so does all that `run` has started for the same folder.
    """
    plane = control_plane.start(
        environment=environment(folder),
        python=Path(sys.executable),
        cwd=ROOT,
        log=folder / "log",
        more=more,
    )
    try:
        yield plane
    finally:
        processes.end_marked(str(folder))
        plane.program.process.wait()


def run(folder: Path, module: str, *arguments: str) -> Program:
    """Start `python -m MODULE`, which ends with the control plane of the folder."""
    command = [sys.executable, "-m", module, *arguments]
    log = folder / f"{module}.log"
    return processes.start(module, command, environment=environment(folder), cwd=ROOT, log=log)


def environment(folder: Path) -> dict[str, str]:
    """Return an isolated environment that is marked with a folder."""
    return isolation.isolated(os.environ, marker=str(folder), temporary=folder, path=[], cache=folder)


def subnets(plane: ControlPlane) -> list[Any]:
    """Return two subnets of the account, as EC2 describes them."""
    found: list[Any] = sessions.client("ec2", plane.endpoint).describe_subnets()["Subnets"]
    return found[:2]


def role(plane: ControlPlane, name: str) -> str:
    """Create a role that Lambda may assume, and return its ARN."""
    principal = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [principal]})
    iam = sessions.client("iam", plane.endpoint)
    return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)["Role"]["Arn"])


def until(holds: Callable[[], T], *, within: float = 8.0, rest: float = 0.02) -> T:
    """Wait until something is true, and return it; fail when that takes too long.

    Args:
        holds: What must come true.
        within: Seconds.
        rest: Seconds between two looks.
    """
    deadline = time.monotonic() + within
    while not (found := holds()):
        assert time.monotonic() < deadline, "It did not come about in time."
        time.sleep(rest)
    return found
