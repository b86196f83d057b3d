"""Teardowns of a small stage against a moto server, killed, repeated and refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from infra.config import STAGES
from infra.settings import Engine, StageSettings
from infra.teardown.cli import main
from infra.teardown.plan import PARTS, Service, steps
from infra.teardown.region import Region
from infra.teardown.run import carry_out
from tests.infra.teardown.stage import ACCOUNT, SmallStage
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

KEPT = {
    "buckets": [f"switchyard-dev-data-{ACCOUNT}-eu-central-1"],
    "colours": ["green"],
    "revisions": 1,
}


@pytest.fixture(autouse=True)
def _environment(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead boto3 to the moto server, with credentials that belong to nobody."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)


class StrictRegion(Region):
    """A region that refuses what AWS refuses and moto does not, and that dies when told."""

    def __init__(self, stage: SmallStage, *, dies_after: int = 0) -> None:
        """Die when this many changes are done; by default never."""
        super().__init__(stage.session, stage.settings, endpoint=stage.endpoint)
        self.changes: list[str] = []
        self._stage, self._dies_after = stage, dies_after

    def unprotect_balancer(self, arn: str) -> None:
        """Switch off deletion protection."""
        self._change("unprotect balancer", super().unprotect_balancer, arn)

    def unprotect_stack(self, stack: str) -> None:
        """Switch off termination protection."""
        self._change("unprotect stack", super().unprotect_stack, stack)

    def delete_service(self, cluster: str, service: str) -> None:
        """Delete a service."""
        self._change("delete service", super().delete_service, cluster, service)

    def delete_stack(self, stack: str) -> None:
        """Delete a stack, unless AWS could not delete its load balancer."""
        part = stack.split("/")[1].removeprefix(f"{self._stage.settings.stack_name('')}")
        if part == "Traffic" and (balancer := self._find_balancer()) and balancer.protected:
            raise AssertionError("AWS cannot delete the load balancer: it is protected.")
        self._change(f"delete {part}", super().delete_stack, stack)

    def _change(self, what: str, change: Callable[..., None], *arguments: str) -> None:
        self.changes.append(what)
        change(*arguments)
        if len(self.changes) == self._dies_after:
            raise KeyboardInterrupt


CHANGES = [
    "delete Operations",
    "delete Service",
    "unprotect balancer",
    "delete Traffic",
    "delete Network",
    "delete Access",
    "unprotect stack",
    "delete Colour",
    "delete Data",
]


def tear_down(region: StrictRegion) -> None:
    """Do all that there is to do, silently."""
    carry_out(steps(region.look()), region, say=lambda _line: None)


def test_a_stage_goes_and_its_data_stays(dev: SmallStage, staging: SmallStage) -> None:
    """Every stack is gone, what is retained is there, and the stage beside it was not touched."""
    before = staging.everything()
    region = StrictRegion(dev)
    tear_down(region)
    assert (region.changes, dev.stacks(), dev.balancers(), dev.kept()) == (CHANGES, [], [], KEPT)
    assert staging.everything() == before


@pytest.mark.parametrize("done", range(1, len(CHANGES)), ids=CHANGES[:-1])
def test_a_teardown_that_was_killed_goes_on(dev: SmallStage, done: int) -> None:
    """Wherever it was killed, the next run does what is left and comes to the same end."""
    with pytest.raises(KeyboardInterrupt):
        tear_down(StrictRegion(dev, dies_after=done))
    region = StrictRegion(dev)
    tear_down(region)
    assert region.changes == CHANGES[done:]
    assert (dev.stacks(), dev.balancers(), dev.kept()) == ([], [], KEPT)


def test_a_service_that_somebody_deleted_is_no_obstacle(dev: SmallStage) -> None:
    """A teardown by hand that was begun is brought to its end."""
    (service,) = dev.services()
    dev.ecs.delete_service(cluster=dev.settings.prefix, service=service, force=True)
    assert StrictRegion(dev).look().service is None
    tear_down(StrictRegion(dev))
    assert dev.stacks() == []


def test_task_sets_that_a_release_left_go_with_the_service(dev: SmallStage) -> None:
    """By force, before CloudFormation is asked; and asking again for what is gone is no error."""
    region = StrictRegion(dev)
    found = region.look()
    assert found.service is not None
    left = replace(found, service=replace(found.service, task_sets=2))
    carry_out(steps(left), region, say=lambda _line: None)
    assert region.changes[:3] == ["delete Operations", "delete service", "delete Service"]
    assert dev.stacks() == []


def run(*arguments: str) -> int:
    """Run the command."""
    return main(list(arguments))


def test_a_dry_run_shows_what_would_go_and_changes_nothing(
    dev: SmallStage, staging: SmallStage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every stack in order, what stays with its price, and not a byte is different afterwards."""
    before = [dev.everything(), staging.everything()]
    assert run("--stage", "dev", "--dry-run") == 0
    assert [dev.everything(), staging.everything()] == before
    text = capsys.readouterr().out
    places = [text.index(f"Switchyard-dev-{part}") for part in PARTS]
    assert places == sorted(places)
    for phrase in (
        "switch off deletion protection",
        "switch off termination protection",
        f"bucket switchyard-dev-data-{ACCOUNT}-eu-central-1",
        "aws ssm delete-parameter --name /switchyard/dev/live-colour --region eu-central-1",
        "Nothing was changed.",
    ):
        assert phrase in text
    assert "\x1b" not in text


def test_a_confirmed_stage_goes_and_a_second_run_has_nothing_to_do(
    dev: SmallStage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both end well, and both say what stays."""
    assert run("--stage", "dev", "--confirm", "dev") == 0
    assert (dev.stacks(), dev.kept()) == ([], KEPT)
    assert "9/9 Switchyard-dev-Data: delete" in capsys.readouterr().out
    assert run("--stage", "dev", "--confirm", "dev") == 0
    text = capsys.readouterr().out
    assert f"No stack of dev is left in account {ACCOUNT}." in text
    assert "parameter /switchyard/dev/live-colour" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--stage", "dev"), "teardown: Nobody can be asked here: add --confirm dev (make: CONFIRM=...).\n"),
        (
            ("--stage", "dev", "--confirm", "staging"),
            "teardown: --confirm says 'staging' and --stage 'dev': nothing was changed.\n",
        ),
        (
            ("--stage", "production", "--confirm", "production"),
            ("teardown: production is protected: add --unlock (make: UNLOCK=1) if it is to go.\n"),
        ),
        (
            ("--stage", "test", "--confirm", "test"),
            (
                "teardown: There is no stage 'test': give one of dev, staging, production with --stage NAME "
                "(make: STAGE=NAME).\n"
            ),
        ),
    ],
)
def test_without_a_clear_word_nothing_goes(
    dev: SmallStage, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    """One sentence, exit code 2, and everything is as it was."""
    before = dev.everything()
    assert run(*arguments) == 2
    assert capsys.readouterr() == ("", sentence)
    assert dev.everything() == before


def test_what_locks_a_stage_is_what_the_settings_say(
    dev: SmallStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A protected stage of any name asks to be unlocked."""
    stage_with(monkeypatch, {"protected": True})
    assert run("--stage", "dev", "--confirm", "dev") == 2
    assert capsys.readouterr().err == (
        "teardown: dev is protected: add --unlock (make: UNLOCK=1) if it is to go.\n"
    )
    assert dev.stacks() == list(PARTS)


def test_production_goes_when_it_is_unlocked(endpoint: str) -> None:
    """Named twice and unlocked, like any other stage, although every one of its stacks is protected."""
    production = SmallStage(endpoint, STAGES["production"])
    production.bring_up()
    assert production.protected() == list(PARTS)
    assert run("--stage", "production", "--confirm", "production", "--unlock") == 0
    assert production.stacks() == []


def test_production_may_be_looked_at_without_a_key(endpoint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run changes nothing, so it needs no unlocking."""
    production = SmallStage(endpoint, STAGES["production"])
    production.bring_up()
    assert run("--stage", "production", "--dry-run") == 0
    assert "Switchyard-production-Data" in capsys.readouterr().out
    assert len(production.stacks()) == len(PARTS)


@pytest.mark.parametrize(("answer", "code", "left"), [("dev\n", 0, []), ("yes\n", 2, list(PARTS))])
def test_at_a_terminal_the_stages_name_is_typed(
    dev: SmallStage, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, left: list[str]
) -> None:
    """Nothing but the name will do; the question says whose stage it is."""
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return answer

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", ask)
    assert run("--stage", "dev") == code
    assert asked == [f"Type the stage's name to take dev in account {ACCOUNT} down: "]
    assert dev.stacks() == left


def test_no_answer_is_no(
    dev: SmallStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-D at the question is one sentence, and everything is as it was."""

    def end(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", end)
    before = dev.everything()
    assert run("--stage", "dev") == 2
    assert capsys.readouterr().err == "teardown: No answer came: nothing was changed.\n"
    assert dev.everything() == before


def stage_with(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]) -> None:
    """Change the dev stage that the command finds."""
    monkeypatch.setattr("infra.teardown.cli.STAGES", {"dev": changed(STAGES["dev"], changes)})


def test_credentials_of_another_account_are_refused(
    dev: SmallStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stage of the same name may well exist there."""
    stage_with(monkeypatch, {"account": "999999999999"})
    assert run("--stage", "dev", "--confirm", "dev") == 2
    assert capsys.readouterr().err == (
        f"teardown: The credentials belong to account {ACCOUNT}, and dev lives in 999999999999: "
        "nothing was changed.\n"
    )
    assert dev.stacks() == list(PARTS)


def test_nothing_begins_while_a_release_runs(dev: SmallStage, capsys: pytest.CaptureFixture[str]) -> None:
    """The release is named, the exit code is 1, and every stack stays."""
    release = dev.begin_a_release()
    assert run("--stage", "dev", "--confirm", "dev") == 1
    assert capsys.readouterr().err == (
        f"teardown: Release {release} is running. Wait for its end, or stop it, and run this again.\n"
    )
    assert dev.stacks() == list(PARTS)
    assert run("--stage", "dev", "--dry-run") == 0
    assert f"It would not begin: Release {release} is running." in capsys.readouterr().out


def region_of(settings: StageSettings) -> Any:  # noqa: ANN401 - its clients are stubbed
    """Return a region that would reach nothing."""
    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name=settings.region)  # noqa: S106
    return Region(session, settings, endpoint="http://127.0.0.1:9")


def test_codedeploy_is_asked_for_every_state_of_a_running_release() -> None:
    """Page by page, baking included. The settings may name the other engine already."""
    region = region_of(changed(STAGES["dev"], {"release.engine": Engine.ECS}))
    asked = {
        "applicationName": "switchyard-dev",
        "deploymentGroupName": "switchyard-dev",
        "includeOnlyStatuses": ["Created", "Queued", "InProgress", "Baking", "Ready"],
    }
    service = Service(cluster="switchyard-dev", name="service", task_sets=2, controller="CODE_DEPLOY")
    with Stubber(region._codedeploy) as stub:
        stub.add_response("list_deployments", {"deployments": [], "nextToken": "2"}, asked)
        stub.add_response("list_deployments", {"deployments": ["d-ABC"]}, {**asked, "nextToken": "2"})
        assert region._running_releases(service) == ["d-ABC"]
        stub.assert_no_pending_responses()


def test_ecs_is_asked_for_every_state_of_a_running_release() -> None:
    """Page by page, the ways back included. The settings may name the other engine already."""
    region = region_of(STAGES["dev"])
    asked = {
        "cluster": "switchyard-dev",
        "service": "service",
        "status": [
            "PENDING",
            "IN_PROGRESS",
            "STOP_REQUESTED",
            "ROLLBACK_REQUESTED",
            "ROLLBACK_IN_PROGRESS",
        ],
    }
    service = Service(cluster="switchyard-dev", name="service", task_sets=0, controller="ECS")
    last = {"serviceDeployments": [{"serviceDeploymentArn": "arn:release"}]}
    with Stubber(region._ecs) as stub:
        empty = {"serviceDeployments": [], "nextToken": "2"}
        stub.add_response("list_service_deployments", empty, asked)
        stub.add_response("list_service_deployments", last, {**asked, "nextToken": "2"})
        assert region._running_releases(service) == ["arn:release"]
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "ECS"])
def test_who_releases_is_read_off_the_service(dev: SmallStage, controller: str) -> None:
    """The settings of the stage stay the same; what is deployed decides."""
    dev.release_by(controller)
    service = Region(dev.session, STAGES["dev"], endpoint=dev.endpoint)._find_service()
    assert service is not None
    assert service.controller == controller


@pytest.mark.parametrize(
    ("code", "refused"), [("ApplicationDoesNotExistException", False), ("AccessDeniedException", True)]
)
def test_a_release_that_may_be_running_is_never_overlooked(code: str, *, refused: bool) -> None:
    """Without an application there is none; an answer that was refused proves nothing."""
    region = region_of(STAGES["dev"])
    service = Service(cluster="switchyard-dev", name="service", task_sets=1, controller="CODE_DEPLOY")
    with Stubber(region._codedeploy) as stub:
        stub.add_client_error("list_deployments", code)
        if refused:
            with pytest.raises(ClientError, match=code):
                region._running_releases(service)
        else:
            assert region._running_releases(service) == []


def test_a_refused_request_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, what is wrong, and that it goes on when it is run again."""

    def refuse(_region: Region) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "You may not."}}, "DescribeStacks")

    monkeypatch.setattr(Region, "look", refuse)
    assert run("--stage", "dev", "--confirm", "dev") == 1
    assert capsys.readouterr().err == (
        "teardown: a request to AWS failed: An error occurred (AccessDenied) when calling the DescribeStacks "
        "operation: You may not. Mend it and run this again to go on.\n"
    )
