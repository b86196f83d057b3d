"""Training, as anybody would run it: the model's own command line in a program of its own."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rehearsal import processes
from rehearsal.errors import Misuse, ProgramFailed
from rehearsal.workspace import Workspace

_SECONDS = 600.0


def train(
    data: Path | None,
    *,
    workspace: Workspace,
    environment: Mapping[str, str],
    watch: Callable[[str], None] = lambda _line: None,
    out: Path | None = None,
    seed: int = 0,
) -> None:
    """Write a model package.

    Args:
        data: Raw records, or None for made-up ones.
        workspace: The run.
        environment: An isolated one.
        watch: Is shown what training says.
        out: Where the package goes; by default it is the workspace's own.
        seed: Of the fit: another one gives another model of the same records.

    Raises:
        Misuse: The records are at fault; the message says where.
        StepFailed: Training failed for another reason.
    """
    python = workspace.root / ".venv" / "bin" / "python"
    command = [str(python), "-m", "model", "train", "--out", str(out or workspace.package)]
    command += ["--seed", str(seed)]
    if data is not None:
        command += ["--data", str(data)]
    try:
        processes.run(
            "training",
            command,
            environment=environment,
            cwd=workspace.root,
            log=workspace.log(f"train-{seed}" if seed else "train"),
            timeout=_SECONDS,
            watch=watch,
        )
    except ProgramFailed as error:
        if error.code == Misuse.exit_code:  # training ends with a sentence that names file, row and column
            raise Misuse(error.output.splitlines()[-1]) from None
        raise


def read_manifest(package: Path) -> dict[str, Any]:
    """Return the manifest of a model package, as JSON."""
    document: dict[str, Any] = json.loads((package / "manifest.json").read_text(encoding="utf-8"))
    return document
