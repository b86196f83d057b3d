"""The newest revision of a family, which is to be like the one that runs."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError

from release import newest
from release.patience import Pace, Patient
from release.revision import TAG
from tests.release.facts import FAMILY, RELEASE, stage
from tests.release.memory import described

if TYPE_CHECKING:
    from release.clients import Clients

STAGE = {"key": "stage", "value": "dev"}
OF_AWS = {"key": "aws:cloudformation:stack-name", "value": "Switchyard-dev-Service"}
BEFORE = "r-20261119T160000Z-0a1b2c"


class Ecs:
    """A family whose revision 7 runs and whose newest is what is given; `registered` is what is asked for."""

    def __init__(self, newest: Any, runs: Any, *refusals: Exception, service: bool = True) -> None:  # noqa: ANN401
        self.described = {"switchyard-dev": newest, f"{FAMILY}:7": runs}
        self.refusals, self.service = list(refusals), service
        self.registered: list[Any] = []

    def describe_services(self, **_: object) -> Any:  # noqa: ANN401 - as boto3 has it
        """Tell the service."""
        primary = {"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": f"{FAMILY}:7"}
        status = "ACTIVE" if self.service else "INACTIVE"
        return {"services": [{"status": status, "deployments": [primary]}]}

    def describe_task_definition(self, taskDefinition: str, **_: object) -> Any:  # noqa: ANN401, N803
        """Tell a revision."""
        return self.described[taskDefinition]

    def register_task_definition(self, **asked: object) -> None:
        """Register one, or refuse."""
        if self.refusals:
            raise self.refusals.pop(0)
        self.registered.append(asked)


def asked(ecs: Ecs) -> Patient:
    """Return who asks it."""
    clients = SimpleNamespace(ecs=ecs, answered=True)
    return Patient(cast("Clients", clients), Pace(poll=0.001, patience=0.02))


def revision(letter: str, *tags: dict[str, str]) -> Any:  # noqa: ANN401 - as boto3 has it
    """Return a described revision with that image."""
    return {**described(letter), "tags": [*tags]}


def of(release: str) -> dict[str, str]:
    """Return the tag of a release."""
    return {"key": TAG, "value": release}


@pytest.mark.parametrize("by", [(of(BEFORE),), ()], ids=["a release", "the stack"])
def test_what_runs_is_registered_with_its_own_tags(by: tuple[dict[str, str], ...]) -> None:
    """It reads as what it is: of the release that had registered it, or of none."""
    ecs = Ecs(revision("b", STAGE, of(RELEASE)), revision("a", STAGE, OF_AWS, *by))
    assert newest.supersede(asked(ecs), stage()) == ""
    assert ecs.registered == [{**revision("a")["taskDefinition"], "tags": [STAGE, *by]}]


def test_no_tags_are_left_unsaid() -> None:
    """A revision that has none is registered without a word about them."""
    found = newest.once_more(revision("b", of(RELEASE)), revision("a", OF_AWS))
    assert found == revision("a")["taskDefinition"]


@pytest.mark.parametrize(
    "ecs",
    [
        Ecs(revision("a", of(RELEASE)), revision("a", of(BEFORE))),
        Ecs(revision("b", STAGE), revision("a", of(BEFORE))),
        Ecs(revision("b", of(RELEASE)), revision("a", of(BEFORE)), service=False),
    ],
    ids=["it is the same", "no release registered it", "the service is gone"],
)
def test_what_need_not_be_is_not_registered(ecs: Ecs) -> None:
    """Nor is anything said of it."""
    assert (newest.supersede(asked(ecs), stage()), ecs.registered) == ("", [])


@pytest.mark.parametrize(
    ("refusal", "times", "why"),
    [
        (
            ClientError({"Error": {"Code": "ClientException", "Message": "Role is not valid."}}, "Register"),
            1,
            "ClientException: Role is not valid",
        ),
        (ParamValidationError(report="an odd field"), 1, "Parameter validation failed:\nan odd field"),
        (EndpointConnectionError(endpoint_url="https://aws"), 1000, "AWS has not answered for 0 s"),
    ],
    ids=["refused", "not even sent", "no answer"],
)
def test_what_cannot_be_registered_is_a_warning(refusal: Exception, times: int, why: str) -> None:
    """With what the next deploy would do, and which command makes up for it."""
    ecs = Ecs(revision("b", of(RELEASE)), revision("a"), *[refusal] * times)
    assert newest.supersede(asked(ecs), stage()) == (
        f"What runs could not be registered once more ({why}). Should the newest revision of switchyard-dev "
        "be one that a release took back, the next `cdk deploy` that updates Switchyard-dev-Service rolls "
        "that one out: before it, run `python -m release ship --stage dev --image ...` with the image that "
        "is live, which registers it and releases nothing."
    )


def test_an_outage_does_not_cost_the_whole_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage is held meanwhile, and all else of the release has been done."""
    monkeypatch.setattr(newest, "PATIENCE", 0.01)
    lost = EndpointConnectionError(endpoint_url="https://aws")
    ecs = Ecs(revision("b", of(RELEASE)), revision("a"), *[lost] * 1000)
    ask = Patient(asked(ecs).clients, Pace(poll=0.001, patience=900.0))
    assert "AWS has not answered" in newest.supersede(ask, stage())


def test_another_registration_at_the_same_time_is_waited_for() -> None:
    """ECS says so under the code of every mistake of a client's."""
    message = "Too many concurrent attempts to create a new revision of the specified family."
    busy = ClientError({"Error": {"Code": "ClientException", "Message": message}}, "RegisterTaskDefinition")
    ecs = Ecs(revision("b", of(RELEASE)), revision("a"), busy, busy)
    assert newest.supersede(asked(ecs), stage()) == ""
    assert len(ecs.registered) == 1
