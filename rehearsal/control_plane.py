"""The local control plane: a moto server that answers the AWS API on loopback."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.config import Config

from infra.settings import HostedZone
from rehearsal import addresses, identity, processes, sessions
from rehearsal.processes import Program
from rehearsal.tls import Certificate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """A running control plane and the clients of the services that the rehearsal reads and writes."""

    endpoint: str
    program: Program
    cloudformation: "CloudFormationClient"
    ecr: "ECRClient"
    ecs: "ECSClient"
    elbv2: "ElasticLoadBalancingv2Client"
    s3: "S3Client"
    ssm: "SSMClient"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that the account has before anything is deployed."""

    arn: str
    certificate: Certificate


def start(
    *,
    environment: "Mapping[str, str]",
    python: Path,
    cwd: Path,
    log: Path,
    issued: Issued | None = None,
    zone: HostedZone | None = None,
    more: "Sequence[str]" = (),
) -> ControlPlane:
    """Start the control plane on a free port of loopback and wait until it answers.

    Args:
        environment: An isolated one.
        python: The interpreter of the toolchain.
        cwd: The repository.
        log: Where its output goes.
        issued: A certificate that its ACM holds from the start.
        zone: A hosted zone that its Route 53 holds from the start.
        more: Further arguments of `python -m rehearsal.aws`.

    Raises:
        StepFailed: It ended or did not answer within half a minute.
    """
    port = addresses.free_port()
    command = [str(python), "-m", "rehearsal.aws", "--port", str(port), *more]
    if issued is not None:
        command += ["--certificate", issued.arn, str(issued.certificate.chain), str(issued.certificate.key)]
    if zone is not None:
        command += ["--zone", zone.id, zone.name]
    program = processes.start("control plane", command, environment=environment, cwd=cwd, log=log)
    program.wait_until(
        lambda: identity.answers(program, f"http://127.0.0.1:{port}"),
        within=_START_SECONDS,
        otherwise="The control plane did not start:",
    )
    # `localhost`, not 127.0.0.1: moto tells its own S3 by that name when CloudFormation reads a template.
    return connect(f"http://localhost:{port}", program)


def connect(endpoint: str, program: Program) -> ControlPlane:
    """Return the clients of a control plane."""
    session = sessions.session()
    config = Config(proxies={}, retries={"max_attempts": 1})
    return ControlPlane(
        endpoint=endpoint,
        program=program,
        cloudformation=session.client("cloudformation", endpoint_url=endpoint, config=config),
        ecr=session.client("ecr", endpoint_url=endpoint, config=config),
        ecs=session.client("ecs", endpoint_url=endpoint, config=config),
        elbv2=session.client("elbv2", endpoint_url=endpoint, config=config),
        s3=session.client("s3", endpoint_url=endpoint, config=config),
        ssm=session.client("ssm", endpoint_url=endpoint, config=config),
    )
