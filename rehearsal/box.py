"""A region in a box: every program that plays AWS for one stage, and what is done with them.

Three programs stay as long as the box does: the control plane (`rehearsal.aws`), CodeDeploy
(`rehearsal.codedeploy`) and the data plane (`rehearsal.region`). They know of each other by address only.
Whoever uses the box uses it as AWS is used: with the CDK CLI, with boto3 and with `python -m release`.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from infra.names import HTTP_PORT, PRODUCT, TEST_PORT
from infra.settings import StageSettings
from rehearsal import addresses, control_plane, identity, processes, push, tls, web
from rehearsal.addresses import Subnet, unprivileged
from rehearsal.cdk import Cdk
from rehearsal.clock import Clock
from rehearsal.control_plane import ControlPlane, Issued
from rehearsal.image import Image
from rehearsal.isolation import with_local_aws
from rehearsal.processes import Program
from rehearsal.region import priorities
from rehearsal.tls import Certificate
from rehearsal.workspace import Workspace
from service import contract

_OPEN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Box:
    """The programs of one stage's region, all running; `open_traffic` adds the last of them."""

    workspace: Workspace
    settings: StageSettings
    clock: Clock
    subnet: Subnet
    certificate: Certificate | None
    environment: Mapping[str, str]
    """An isolated one, with AWS standing in the box."""
    plane: ControlPlane
    started: list[Program] = field(default_factory=list)

    @property
    def production(self) -> str:
        """The root of the production listener."""
        traffic = self.settings.traffic
        return self.subnet.url(traffic.production_port, "https" if traffic.https else "http")

    @property
    def trust(self) -> ssl.SSLContext | None:
        """What vouches for the production listener, when it speaks HTTPS."""
        return self.certificate.trusted() if self.certificate else None

    @property
    def test(self) -> str:
        """The root of the test listener."""
        return self.subnet.url(TEST_PORT)

    def entry(self, name: str) -> str:
        """Return what a stack of the stage has published under a name, such as `traffic/blue`."""
        return self.plane.ssm.get_parameter(Name=self.settings.entry(name))["Parameter"]["Value"]

    def cdk(self, watch: Callable[[str], None] = lambda _line: None) -> Cdk:
        """Return the CDK CLI, deploying into the box."""
        return Cdk(self.workspace, self.environment, self.plane.program, watch)

    def push(self, image: Image) -> str:
        """Push an image into the box's registry, as a pipeline does, and return `repository@digest`."""
        digest = push.push(self.plane.ecr, PRODUCT, image, tag=f"git-{image.digest[-12:]}")
        found = self.plane.ecr.describe_repositories(repositoryNames=[PRODUCT])["repositories"]
        return f"{found[0]['repositoryUri']}@{digest}"

    def open_traffic(self, *pretend: str) -> Program:
        """Start the data plane, and wait until production answers.

        Raises:
            StepFailed: It did not within a minute.
        """
        command = ["--load-balancer", self.entry("traffic/load-balancer")]
        command += ["--address", self.subnet.load_balancer, "--prefix", self.settings.prefix]
        for colour in ("blue", "green"):
            command += ["--colour", colour, self.entry(f"traffic/{colour}")]
        command += ["--images", str(self.workspace.images), "--folder", str(self.workspace.run)]
        if self.certificate is not None:
            command += ["--certificate", str(self.certificate.chain), str(self.certificate.key)]
        region = self.start("region", *command, *(f"--pretend={word}" for word in pretend))
        url, trust = self.production + contract.READY, self.trust
        region.wait_until(
            lambda: web.get(url, trust=trust).status == HTTPStatus.OK,
            within=_OPEN_SECONDS,
            otherwise=f"{url} did not answer with 200 within {_OPEN_SECONDS:.0f} s.",
        )
        return region

    def begin(self, *arguments: str, name: str = "release", poll: float = 1.5, lease: float = 3.0) -> Program:
        """Start `python -m release`, the very program that releases on AWS."""
        command = [str(self._python), "-m", "release", *arguments, "--poll", str(poll)]
        command += ["--lease", str(lease)]
        program = processes.start(
            name, command, environment=self.environment, cwd=self.workspace.root, log=self.workspace.log(name)
        )
        priorities.keep_behind(program.process.pid)
        self.started.append(program)
        return program

    def start(self, name: str, *arguments: str) -> Program:
        """Start one of the box's own programs, `python -m rehearsal.NAME`."""
        command = [str(self._python), "-m", f"rehearsal.{name}", "--endpoint", self.plane.endpoint]
        program = processes.start(
            name,
            [*command, "--speed", str(self.clock.speed), *arguments],
            environment=self.environment,
            cwd=self.workspace.root,
            log=self.workspace.log(name),
        )
        self.started.append(program)
        return program

    @property
    def _python(self) -> Path:
        return self.workspace.root / ".venv" / "bin" / "python"


def start(
    workspace: Workspace, settings: StageSettings, *, environment: Mapping[str, str], speed: float
) -> Box:
    """Start the control plane and CodeDeploy, and wait until both answer.

    Raises:
        Misuse: Something else holds a port that is needed.
        StepFailed: One of them did not start.
    """
    subnet = _choose_subnet(settings)
    certificate = (
        tls.make_certificate(workspace.run / "tls", address=subnet.load_balancer)
        if settings.traffic.https
        else None
    )
    port = addresses.free_port()
    codedeploy = f"http://127.0.0.1:{port}"
    plane = control_plane.start(
        environment=environment,
        python=workspace.root / ".venv" / "bin" / "python",
        cwd=workspace.root,
        log=workspace.log("control-plane"),
        issued=_issued(settings, certificate),
        zone=settings.traffic.hosted_zone,
        more=["--speed", str(speed), "--codedeploy", codedeploy, "--folder", str(workspace.run)],
    )
    box = Box(
        workspace=workspace,
        settings=settings,
        clock=Clock(speed),
        subnet=subnet,
        certificate=certificate,
        environment=with_local_aws(environment, plane.endpoint, codedeploy=codedeploy),
        plane=plane,
    )
    box.started.append(plane.program)
    priorities.keep_behind(plane.program.process.pid)
    codedeploy_server = box.start("codedeploy", "--port", str(port), "--folder", str(workspace.run))
    priorities.keep_behind(codedeploy_server.process.pid)
    codedeploy_server.wait_until(
        lambda: identity.answers(codedeploy_server, codedeploy),
        within=_OPEN_SECONDS,
        otherwise="CodeDeploy did not start:",
    )
    return box


def _choose_subnet(settings: StageSettings) -> Subnet:
    """Choose addresses before anything is started, so that a port in use is told at once."""
    listened = {settings.traffic.production_port, HTTP_PORT, TEST_PORT}
    return addresses.choose((contract.PORT, *(unprivileged(port) for port in sorted(listened))))


def _issued(settings: StageSettings, certificate: Certificate | None) -> Issued | None:
    arn = settings.traffic.certificate
    return Issued(arn, certificate) if arn and certificate else None
