"""A stage in memory: what a release does to it, and what its engine, bucket and CloudFormation would say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from release.acts import Compared, Objections, Released
from release.claim import Claims, Seen
from release.clients import Clients
from release.course import Course
from release.deployment import Deployment, State
from release.errors import Outrun, Refused
from release.newest import once_more
from release.patience import Pace, Patient
from release.preflight import weighed
from release.record import Claim, Kind, Outcome, Record, Step
from release.records import History, Records
from release.revision import TAG, digest_in
from release.view_model import AlarmSeen, ColourSeen, Snapshot

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
PACE = Pace(poll=0.001, patience=0.05, lease=0.006)
REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/switchyard"


def digest(letter: str) -> str:
    """Return a digest that is told by one letter of a to f."""
    return f"sha256:{letter * 64}"


def reference(letter: str) -> str:
    """Return the image of that digest."""
    return f"{REPOSITORY}@{digest(letter)}"


def record(letter: str = "b", **more: object) -> Record:
    """Return a release of an image that began at four."""
    whole = Record(
        id="r-20261120T160000Z-000000",
        stage="dev",
        kind=Kind.SHIP,
        image=reference(letter),
        model=letter * 64,
        commit="c0ffee",
        previous=digest("a"),
        source="",
        engine="codedeploy",
        strategy="blue-green",
        by="arn:aws:iam::123456789012:user/me",
        started="2026-11-20T16:00:00Z",
        step=Step.CLAIM,
    )
    return replace(whole, **more)  # type: ignore[arg-type] # fields by name


def described(letter: str, release: str = "") -> Any:  # noqa: ANN401 - as boto3 has it
    """Return a revision with that image; registered by a release, or else by the stack."""
    container = {"name": "service", "image": reference(letter)}
    tags = [{"key": TAG, "value": release}] if release else []
    return {"taskDefinition": {"containerDefinitions": [container]}, "tags": tags}


class Killed(BaseException):
    """The command's process has ended, here and now."""


@dataclass(frozen=True)
class Image:
    """An image by its letter."""

    reference: str
    commit: str = "c0ffee"

    @property
    def digest(self) -> str:
        """Its digest."""
        return self.reference.partition("@")[2]

    @property
    def model_version(self) -> str:
        """Its letter, often."""
        return self.digest.removeprefix("sha256:")


@dataclass
class Bucket:
    """What S3 holds, with a clock that is turned by hand."""

    claim: Claim | None = None
    etag: int = 0
    written: float = 0.0
    now: float = 0.0
    records: dict[str, Record] = field(default_factory=dict)

    def die(self) -> None:
        """Let more than a lease pass without a sign of life."""
        self.now += 1000.0


@dataclass(frozen=True, slots=True)
class MemoryClaims(Claims):
    """The claim in such a bucket, with S3's rules for conditional writes."""

    store: Bucket = field(default_factory=Bucket)

    def read(self) -> Seen | None:
        """Return it."""
        if self.store.claim is None:
            return None
        return Seen(self.store.claim, str(self.store.etag), self.store.now - self.store.written)

    def put(self, claim: Claim, *, replacing: str | None) -> str:
        """Write it where nobody else has."""
        if replacing != (str(self.store.etag) if self.store.claim else None):
            raise Outrun(["Another command was quicker."])
        self.store.claim = claim
        self.store.etag += 1
        self.store.written = self.store.now
        return str(self.store.etag)

    def separate(self) -> "MemoryClaims":
        """Return the same."""
        return self


@dataclass(frozen=True, slots=True)
class MemoryRecords(Records):
    """The records in such a bucket."""

    store: Bucket = field(default_factory=Bucket)

    def write(self, record: Record) -> Record:
        """Write one, once."""
        return self.store.records.setdefault(record.id, record)

    def get(self, release: str) -> Record | None:
        """Return one."""
        return self.store.records.get(release)

    def newest(self, limit: int = 500) -> History:
        """Return them."""
        found = sorted(self.store.records.values(), key=lambda one: one.id, reverse=True)
        return History(records=tuple(found[:limit]))


@dataclass
class MemoryEngine:
    """Deployments that end as they are told to, after a few looks."""

    stage: "MemoryStage"
    name: str = "codedeploy"
    deployments: dict[str, str] = field(default_factory=dict)
    """Release of each deployment."""
    looks: int = 2
    """For how many looks a deployment runs."""
    fails: str = ""
    """Why deployments fail, when they do."""
    stopped: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    past_alarms: bool = False
    """Whether the last one was begun past the alarms."""
    foreign: bool = False
    """Whether somebody else's deployment runs."""

    def running(self) -> Sequence[Deployment]:
        """Return what runs."""
        return (_deployment("d-foreign", State.RUNNING),) if self.foreign else ()

    def begin(self, *, task_definition: str, release: str, past_alarms: bool = False) -> str:
        """Begin one."""
        self.past_alarms = past_alarms
        self.stage.did("begin")
        if self.foreign:
            raise Refused(["CodeDeploy already deploys to stage dev: d-foreign."])
        id_ = self.find(task_definition=task_definition, release=release) or f"d-{len(self.deployments)}"
        self.deployments[id_] = release
        self.stage.wanted = self.stage.registered[task_definition]
        self.stage.did("begun")
        return id_

    def find(self, *, task_definition: str, release: str) -> str | None:
        """Return the one of a release."""
        del task_definition
        return next((id_ for id_, of in self.deployments.items() if of == release), None)

    def look(self, deployment: str) -> Deployment:
        """Return it; the traffic moves when it succeeds."""
        self.stage.did("look")
        self.looks -= 1
        if deployment in self.stopped:
            return _deployment(deployment, State.STOPPED, reason="Stopped by a user.")
        if self.looks > 0:
            return _deployment(deployment, State.RUNNING)
        self.ended.add(deployment)
        if self.fails:
            return _deployment(deployment, State.FAILED, reason=self.fails)
        if self.stage.live_digest != self.stage.wanted:
            self.stage.swap()
        return _deployment(deployment, State.SUCCEEDED)

    def stop(self, deployment: str) -> None:
        """Have it go back."""
        self.stage.did("stop")
        if deployment not in self.ended:
            self.stopped.add(deployment)


def _deployment(id_: str, state: State, reason: str = "") -> Deployment:
    return Deployment(
        id=id_, state=state, status=state.value, started=NOW, task_definition="td", reason=reason
    )


@dataclass
class MemoryStage:
    """The stage; `done` has everything that was done to it, in order."""

    bucket: Bucket = field(default_factory=Bucket)
    live_digest: str = digest("a")
    colour: str = "blue"
    remembered: str = "blue"
    held: bool = False
    wanted: str = ""
    registered: dict[str, str] = field(default_factory=dict)
    revisions: list[Any] = field(default_factory=lambda: [described("a")])
    """What the family has, as ECS describes it; the last is what CloudFormation would roll out."""
    gone: bool = False
    """Whether there is no service any more."""
    images: set[str] = field(default_factory=lambda: {reference(letter) for letter in "abcdef"})
    reasons: tuple[str, ...] = ()
    """What speaks against a release."""
    red: tuple[str, ...] = ()
    """What the alarms say."""
    unsettled: tuple[str, ...] = ()
    """What does not come to rest."""
    odd: bool = False
    """Whether what runs is never what should."""
    tags: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)
    on: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What happens in the middle of something that is done, such as the end of the process."""
    stage: str = "dev"
    strategy: str = "blue-green"
    engine: MemoryEngine = field(init=False)
    check: Callable[[], None] = lambda: None
    """What says whether anything may be done."""

    def __post_init__(self) -> None:
        """Give it its engine."""
        self.engine = MemoryEngine(self)

    def did(self, what: str) -> None:
        """Write down what is done; what is to happen then happens."""
        self.check()
        self.done.append(what)
        if (then := self.on.get(what)) is not None:
            then()

    def swap(self) -> None:
        """Give the other colour the traffic."""
        self.colour = "green" if self.colour == "blue" else "blue"
        self.live_digest = self.wanted

    def heed(self, check: Callable[[], None]) -> None:
        """Heed it."""
        self.check = check

    def read(self, reference: str) -> Released:
        """Return the image."""
        return Image(reference)

    def has_image(self, reference: str) -> bool:
        """Return whether it is there."""
        return reference in self.images

    def objections(self, image: Released, kind: Kind) -> Objections:
        """Return what speaks against it."""
        del image
        return weighed(kind, firm=self.reasons, unwell=(), red=self.red)

    def live(self) -> str:
        """Return what is live."""
        return self.live_digest

    def is_current(self, image: Released) -> bool:
        """Return whether it runs."""
        return image.digest == self.live_digest

    def hold(self) -> None:
        """Hold deployments off."""
        self.did("hold")
        self.held = True

    def free(self) -> None:
        """Let them in."""
        self.did("free")
        self.held = False

    def held_off(self) -> Sequence[str]:
        """Return what is held off."""
        return ("Traffic", "Service") if self.held else ()

    def prepare(self, image: Released) -> None:
        """Prepare."""
        del image
        self.did("prepare")

    def register(self, image: Released, release: str) -> str:
        """Register."""
        self.did("register")
        self.registered[f"td:{release}"] = image.digest
        self.revisions.append(described(image.model_version[0], release))
        self.did("registered")
        return f"td:{release}"

    def look(self, record: Record | None, deployment: Deployment | None) -> Snapshot:
        """Look."""
        colours = tuple(
            ColourSeen(
                name=name,
                share=100 if name == self.colour else 0,
                test=name != self.colour,
                healthy=2 if name == self.colour else 0,
                targets=2 if name == self.colour else 0,
                digests=(self.live_digest,) if name == self.colour else (),
            )
            for name in ("blue", "green")
        )
        return Snapshot(
            stage="dev",
            at=NOW,
            colours=colours,
            alarms=(AlarmSeen(name="switchyard-dev-unwell", state="OK"),),
            remembered=self.remembered,
            record=record,
            deployment=deployment,
        )

    def compare(self, digest: str) -> Compared:
        """Compare."""
        if digest == self.live_digest and not self.odd:
            return Compared(unsettled=self.unsettled)
        return Compared(wrong=(f"{self.live_digest[:9]} runs, not {digest[:9]}.",), unsettled=self.unsettled)

    def reason(self, deployment: Deployment) -> str:
        """Say why."""
        return deployment.reason

    @property
    def family(self) -> str:
        """The letter of each revision's image, oldest first."""
        return "".join(digest_in(one["taskDefinition"], "service")[-1] for one in self.revisions)

    def remember(self, colour: str, say: Callable[[str], None]) -> None:
        """Remember."""
        del say
        self.did("remember")
        self.remembered = colour

    def supersede(self) -> str:
        """Register what runs once more."""
        try:
            self.did("supersede")
        except ClientError as error:
            return str(error)
        live = described(self.live_digest[-1])
        runs = next((one for one in self.revisions if self.live_digest in str(one)), live)
        if not self.gone and (wanted := once_more(self.revisions[-1], runs)) is not None:
            self.revisions.append({"taskDefinition": wanted, "tags": wanted.get("tags", [])})
            self.did("superseded")
        return ""

    def tag(self, record: Record) -> str:
        """Tag."""
        self.did("tag")
        self.tags.add(record.id)
        return "" if self.has_image(record.image) else "The image has gone."


@dataclass
class Ears:
    """Everything that was told."""

    steps: list[Step] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    seen: list[Snapshot] = field(default_factory=list)

    def step(self, record: Record) -> None:
        """Hear a step."""
        self.steps.append(record.step)

    def saw(self, snapshot: Snapshot) -> None:
        """See."""
        self.seen.append(snapshot)

    def say(self, sentence: str) -> None:
        """Hear."""
        self.sentences.append(sentence)


def course(stage: MemoryStage, *, pace: Pace = PACE) -> Course:
    """Return one command's course of releases of such a stage."""
    ask = Patient(Clients("eu-central-1"), pace)
    return Course(
        acts=stage,
        claims=MemoryClaims(ask, "bucket", stage.bucket),
        records=MemoryRecords(ask, "bucket", stage.bucket),
        tell=Ears(),
        by="arn:aws:iam::123456789012:user/me",
        now=lambda: NOW,
    )


def shipped(stage: MemoryStage, *letters: str) -> None:
    """Have releases of these images in the records, the last one live, an hour apart."""
    for hour, letter in enumerate(letters):
        previous = digest(letters[hour - 1]) if hour else digest("a")
        one = record(
            letter,
            id=f"r-20261119T{hour:02d}0000Z-00000{hour}",
            previous=previous,
            step=Step.FREE,
            outcome=Outcome.SHIPPED,
            deployment=f"d-{hour}",
        )
        stage.bucket.records[one.id] = one
        stage.live_digest = digest(letter)
