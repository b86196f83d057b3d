"""What a release does to a stage and sees of it, one method a step; `release.on_aws` has the real thing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from release.deployment import Deployment, Engine
from release.record import Kind, Outcome, Record
from release.view_model import Snapshot


class Released(Protocol):
    """An image, as far as the course of a release must know it."""

    @property
    def reference(self) -> str:
        """Repository and digest."""
        ...

    @property
    def digest(self) -> str:
        """The `sha256:…`."""
        ...

    @property
    def model_version(self) -> str:
        """Version of the model package in it."""
        ...

    @property
    def commit(self) -> str:
        """Commit that it was built from; empty when it does not say."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Objections:
    """What speaks against a release, a sentence each."""

    against: tuple[str, ...] = ()
    """Why it cannot be made now."""
    in_spite_of: tuple[str, ...] = ()
    """Why a new version would not be released now, and the one before is all the same."""
    past_alarms: bool = False
    """Whether the alarms speak against what runs, so that they must not turn its replacement back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What runs, compared with what should; a sentence for each difference."""

    wrong: tuple[str, ...] = ()
    """What is of another version, or takes no traffic."""
    unsettled: tuple[str, ...] = ()
    """What has not come to rest: tasks that start, end or are replaced."""

    @property
    def differences(self) -> tuple[str, ...]:
        """All of it."""
        return self.wrong + self.unsettled


class Acts(Protocol):
    """The stage that is released to. Everything here may be done twice."""

    @property
    def stage(self) -> str:
        """Name of the stage."""
        ...

    @property
    def strategy(self) -> str:
        """In which steps traffic moves."""
        ...

    @property
    def engine(self) -> Engine:
        """What moves it."""
        ...

    def heed(self, check: Callable[[], None]) -> None:
        """Ask this before each request from here on, and send none when it raises."""
        ...

    def read(self, reference: str) -> Released:
        """Return the image behind a reference by digest."""
        ...

    def has_image(self, reference: str) -> bool:
        """Return whether the registry still has it."""
        ...

    def objections(self, image: Released, kind: Kind) -> Objections:
        """Return everything that speaks against releasing it now."""
        ...

    def live(self) -> str:
        """Return the digest that takes production traffic; empty when it is not one."""
        ...

    def is_current(self, image: Released) -> bool:
        """Return whether a release of it would change nothing of what runs."""
        ...

    def hold(self) -> None:
        """Hold deployments of what a release moves off."""
        ...

    def free(self) -> None:
        """Let them in again."""
        ...

    def held_off(self) -> Sequence[str]:
        """Return the stacks whose deployments are held off, as far as one may see it."""
        ...

    def prepare(self, image: Released) -> None:
        """Leave the gate what it must know of the image."""
        ...

    def register(self, image: Released, release: str) -> str:
        """Register the revision; return its ARN."""
        ...

    def look(self, record: Record | None, deployment: Deployment | None) -> Snapshot:
        """Return the stage at this moment."""
        ...

    def compare(self, digest: str) -> Compared:
        """Return in what this digest is not what runs."""
        ...

    def reason(self, deployment: Deployment) -> str:
        """Return why a deployment came to nothing."""
        ...

    def remember(self, colour: str, say: Callable[[str], None]) -> None:
        """Have CloudFormation know which colour is live, and say what is waited for."""
        ...

    def supersede(self) -> str:
        """Have the newest revision be like what runs; return a sentence when that could not be done.

        A later deploy rolls the newest out. Only what a release registered is superseded.
        """
        ...

    def tag(self, record: Record) -> str:
        """Tag the image; return a sentence when it could not be done."""
        ...


class Audience(Protocol):
    """Whoever is told how a release goes."""

    def step(self, record: Record) -> None:
        """Hear that a step begins."""

    def saw(self, snapshot: Snapshot) -> None:
        """See the stage at one moment."""

    def say(self, sentence: str) -> None:
        """Hear a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be released, and why."""

    reference: str
    """Repository and digest."""
    kind: Kind = Kind.SHIP
    source: str = ""
    """Id of the release that is rolled back to or promoted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command came to."""

    record: Record | None
    """The release that it was about; nothing when there was none."""
    done: bool
    """Whether what was asked for is so now."""
    sentence: str
    """What happened, and what to do next where there is something."""
    warnings: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome | None:
        """What became of the release."""
        return self.record.outcome if self.record else None
