"""The tasks: their size, their processor, how many there are and what decides it."""

from dataclasses import dataclass
from enum import StrEnum


class Architecture(StrEnum):
    """Processor of the tasks; the image must be built for it."""

    X86_64 = "X86_64"
    """Intel or AMD."""
    ARM64 = "ARM64"
    """Graviton: about a fifth cheaper for the same size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSettings:
    """The stage's tasks on Fargate."""

    cpu: int = 512
    """CPU units of a task (1024 are one vCPU); only pairs with `memory` that Fargate sells."""
    memory: int = 1024
    """Memory of a task in MiB."""
    architecture: Architecture = Architecture.X86_64
    """Processor of the tasks; by default the one that most build machines have."""
    spot: bool = False
    """Whether tasks run on spare capacity: far cheaper, and AWS may end them at two minutes' notice. Under
    `codedeploy` a change makes a new service: see the runbook replace-service."""
    min_tasks: int = 1
    """Tasks that run when nothing calls."""
    max_tasks: int = 2
    """Tasks beyond which scaling stops."""
    cpu_target: int = 60
    """Average CPU in percent that scaling aims at."""
    requests_target: int = 30_000
    """Requests per task and minute that scaling aims at; the higher of the two demands wins."""
    startup_grace: int = 120
    """Seconds after a task's start in which failed health checks do not stop it; several times the measured
    cold start."""
