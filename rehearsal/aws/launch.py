"""What the launcher was told, for the mends that need it."""

from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.aws.changes import Changes
from rehearsal.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One run of the control plane."""

    port: int
    """Where it listens on loopback."""
    clock: Clock = field(default_factory=Clock)
    """Shortens what AWS waits for."""
    changes: Changes = field(default_factory=Changes)
    """Told of whatever changes."""
    load_balancers: dict[str, str] = field(default_factory=dict)
    """Addresses by the ARNs of load balancers, as whoever plays these has told."""
    codedeploy: str = ""
    """The URL of the server that answers for CodeDeploy; empty when there is none."""
    folder: Path | None = None
    """Where logs of what it starts are written; None writes none."""

    @property
    def endpoint(self) -> str:
        """Its URL, by the name that moto uses for itself."""
        return f"http://localhost:{self.port}"
