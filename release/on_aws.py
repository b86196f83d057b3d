"""The stage on AWS, for the course of a release."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from infra.config import REGISTRY
from infra.settings import StageSettings
from release import gate_document, hold, look, newest, preflight, remember, revision, stage, tag, verify
from release.acts import Audience, Compared, Objections, Released
from release.aws_errors import expired
from release.claim import Claims
from release.clients import Clients
from release.clock import of_aws
from release.course import Course
from release.deployment import Deployment, Engine
from release.errors import Misuse
from release.image import Image, read_image
from release.patience import Pace, Patient
from release.record import Kind, Record
from release.records import Records
from release.stage_facts import Stage
from release.view_model import Snapshot


@dataclass(slots=True)
class OnAws:
    """One stage as AWS has it; see `release.acts.Acts` for what each method promises."""

    ask: Patient
    opened: Stage
    engine: Engine
    _images: dict[str, Image] = field(default_factory=dict)

    @classmethod
    def open(cls, settings: StageSettings, ask: Patient) -> Self:
        """Open a stage by whoever asks AWS about it (`connect`).

        Raises:
            Refused: it is not provisioned.
        """
        opened = stage.open_stage(ask, settings)
        return cls(ask, opened, stage.engine(ask, opened))

    @property
    def stage(self) -> str:
        """Name of the stage."""
        return self.opened.name

    @property
    def strategy(self) -> str:
        """In which steps traffic moves."""
        return self.opened.settings.release.strategy

    def heed(self, check: Callable[[], None]) -> None:
        """Ask this before each request from here on, and send none when it raises."""
        self.ask.clients.before_each = check

    def read(self, reference: str) -> Released:
        """Return the image behind a reference by digest."""
        return self._image(reference)

    def has_image(self, reference: str) -> bool:
        """Return whether the registry still has it."""
        return tag.exists(self.ask, reference)

    def objections(self, image: Released, kind: Kind) -> Objections:
        """Return everything that speaks against releasing it now."""
        return preflight.check(self.ask, self.opened, self._image(image.reference), kind)

    def live(self) -> str:
        """Return the digest that takes production traffic; empty when it is not one."""
        return look.live_digest(self.ask, self.opened)

    def is_current(self, image: Released) -> bool:
        """Return whether a release of it would change nothing of what runs."""
        return revision.is_current(self.ask, self.opened, self._image(image.reference))

    def hold(self) -> None:
        """Hold deployments of Traffic and Service off."""
        hold.hold(self.ask, self._stacks)

    def free(self) -> None:
        """Let them in again."""
        hold.free(self.ask, self._stacks)

    def held_off(self) -> Sequence[str]:
        """Return the stacks whose deployments are held off, as far as one may see it."""
        return hold.held(self.ask, self._stacks)

    def prepare(self, image: Released) -> None:
        """Upload the gate's document."""
        if self.opened.gate:
            gate_document.upload(self.ask, self.opened, self._image(image.reference))

    def register(self, image: Released, release: str) -> str:
        """Register the revision."""
        return revision.register(self.ask, self.opened, self._image(image.reference), release)

    def look(self, record: Record | None, deployment: Deployment | None) -> Snapshot:
        """Return the stage at this moment, as the command that releases it sees it."""
        return look.snapshot(self.ask, self.opened, record, deployment=deployment, alive=record is not None)

    def compare(self, digest: str) -> Compared:
        """Return in what this digest is not what runs."""
        return verify.compare(self.ask, self.opened, digest)

    def reason(self, deployment: Deployment) -> str:
        """Return why a deployment came to nothing."""
        return look.reason_of_failure(self.ask, self.opened, deployment)

    def remember(self, colour: str, say: Callable[[str], None]) -> None:
        """Have CloudFormation know which colour is live."""
        remember.remember(self.ask, self.opened.settings, colour, say)

    def supersede(self) -> str:
        """Register what runs once more."""
        return newest.supersede(self.ask, self.opened)

    def tag(self, record: Record) -> str:
        """Tag the image."""
        return tag.tag(self.ask, record)

    @property
    def _stacks(self) -> tuple[str, str]:
        return self.opened.traffic_stack, self.opened.service_stack

    def _image(self, reference: str) -> Image:
        if reference not in self._images:
            self._images[reference] = read_image(self.ask, self.opened, reference)
        return self._images[reference]


def connect(settings: StageSettings, pace: Pace) -> Patient:
    """Return who asks AWS about a stage, in its region and the registry's."""
    return Patient(Clients(settings.region, registry_region=REGISTRY.region), pace)


def course(acts: OnAws, tell: Audience) -> Course:
    """Return the course of releases of a stage on AWS."""
    return Course(
        acts=acts,
        claims=Claims(
            Patient(Clients(acts.ask.clients.region, brief=True), acts.ask.pace), acts.opened.bucket
        ),
        records=Records(acts.ask, acts.opened.bucket),
        tell=tell,
        by=whoever(acts.ask, os.environ),
        now=of_aws(acts.ask),
    )


def whoever(ask: Patient, environment: Mapping[str, str]) -> str:
    """Return who asks: the caller's ARN, and the workflow's run where GitHub runs it."""
    arn = ask.ask(lambda clients: clients.sts.get_caller_identity())["Arn"]
    run = [environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return f"{arn} ({run[0]}/{run[1]}/actions/runs/{run[2]})" if all(run) else arn


def greet(ask: Patient, settings: StageSettings) -> str:
    """Return the account that the credentials belong to, before anybody is patient with them.

    Raises:
        Misuse: there are none, they have expired, or they belong to another account than the stage.
    """
    try:
        account = ask.clients.sts.get_caller_identity()["Account"]
    except (ClientError, BotoCoreError) as error:
        if isinstance(error, ClientError | HTTPClientError | NoConnection) and not expired(error):
            account = ask.ask(lambda clients: clients.sts.get_caller_identity())["Account"]
        else:
            raise Misuse(f"There are no AWS credentials that work: {str(error).rstrip('.')}.") from error
    if settings.account not in {None, account}:
        raise Misuse(
            f"The credentials belong to account {account}, and {settings.name} lives in {settings.account}."
        )
    return account
