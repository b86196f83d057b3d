"""Runbooks: each is where the alarms say, and names only what exists."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # comes with cfn-lint, without types

from infra.config import STAGES
from infra.hooks.gate.document import parse_document
from infra.names import CONTAINER, REGISTRY_STACK
from infra.runbooks import FOLDER, RUNBOOKS, runbook
from infra.settings import Engine, RegistrySettings
from infra.teardown.plan import PARTS
from infra.teardown.stays import Leftovers, kept
from service import contract
from tests.infra.assembly import Assembly, synthesised
from tests.infra.commands import Command, commands, problems
from tests.infra.variants import changed

ROOT = Path(__file__).parent.parent.parent
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / FOLDER).iterdir())}
SECTIONS = ["How you notice", "First look", "Decide", "Act", "Verify", "Why it happens", "Prevent"]


def test_every_runbook_is_a_document_and_the_reverse() -> None:
    """A link from an alarm leads somewhere, and no document is without a name."""
    assert sorted(TEXTS) == sorted(RUNBOOKS)


@pytest.mark.parametrize(
    ("github", "sentence"),
    [
        (None, "See docs/runbooks/quota.md."),
        ("plant/yield", "See https://github.com/plant/yield/blob/main/docs/runbooks/quota.md."),
        ("plant@12/yield@34", "See https://github.com/plant/yield/blob/main/docs/runbooks/quota.md."),
    ],
)
def test_a_runbook_is_a_link_where_the_repository_is_known(github: str | None, sentence: str) -> None:
    """Whoever reads an alarm can click; without a repository the path has to do."""
    assert runbook("quota", RegistrySettings(github=github)) == sentence


def test_a_runbook_that_nobody_wrote_is_refused() -> None:
    """A mistyped name fails at synth, not at three in the morning."""
    with pytest.raises(ValueError, match=r"There is no runbook 'quotas': choose one of release-stuck, "):
        runbook("quotas", RegistrySettings())


@pytest.mark.parametrize("name", TEXTS)
def test_every_runbook_goes_from_noticing_to_preventing(name: str) -> None:
    """The same steps in the same order, so that a tired reader finds them; and it says what it rests on."""
    found = re.findall(r"^## (.+)$", TEXTS[name], flags=re.MULTILINE)
    assert [heading for heading in found if heading in SECTIONS] == SECTIONS
    assert "not yet exercised on AWS" in TEXTS[name]


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_is_one_that_the_aws_cli_knows(name: str) -> None:
    """Service, operation and options, as the API descriptions have them."""
    found = list(commands(TEXTS[name]))
    assert [problem for command in found for problem in problems(command)] == []
    assert len(found) >= (1 if name == "teardown" else 4)


def test_every_command_that_removes_what_stays_is_one_that_the_aws_cli_knows() -> None:
    """What a teardown prints can be run."""
    leftovers = Leftovers(buckets=("b",), log_groups=("l",), live_colour=True, task_definitions=1)
    text = "\n".join(thing.removal for thing in kept(STAGES["dev"], leftovers))
    found = list(commands(text))
    assert [problem for command in found for problem in problems(command)] == []
    assert [f"{command.service} {command.operation}" for command in found] == [
        "s3api delete-bucket",
        "logs delete-log-group",
        "ssm delete-parameter",
        "ecs deregister-task-definition",
    ]


def test_a_command_that_does_not_exist_is_found() -> None:
    """The check itself: commands in commands, wrong services, operations and options."""
    text = (
        "aws ecs list-tasks --cluster $(aws ssm get-parameters --nam x --query 'a b') --serviec y | aws eks"
    )
    assert list(commands(text)) == [
        Command("ssm", "get-parameters", frozenset({"--nam", "--query"})),
        Command("ecs", "list-tasks", frozenset({"--cluster", "--serviec"})),
    ]
    assert [problem for command in commands(text) for problem in problems(command)] == [
        "aws ssm get-parameters --nam",
        "aws ecs list-tasks --serviec",
    ]
    assert problems(Command("ecs", "list-task", frozenset())) == ["aws ecs list-task"]
    assert problems(Command("ecss", "list-tasks", frozenset())) == ["aws ecss"]


def test_the_first_gate_document_is_one_that_the_gate_reads(tmp_path: Path) -> None:
    """The command that makes it from the package, run as it is written."""
    probe = {"name": "first", "record": {"temperature": 20.5}, "prediction": 0.5}
    package = tmp_path / "build" / "package"
    package.mkdir(parents=True)
    (package / "manifest.json").write_text(json.dumps({"version": "ab" * 32, "files": {}}))
    (package / "probes.json").write_text(json.dumps({"probes": [probe]}))
    (code,) = re.findall(r'python -c "(.+)" > build/gate\.json$', TEXTS["first-deployment"], re.MULTILINE)
    made = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)
    document = parse_document(made.stdout)
    assert (document.version, [one.name for one in document.probes]) == ("ab" * 32, ["first"])


@pytest.mark.parametrize(
    ("line", "capacity"),
    [
        ("# Capacity", {}),
        (
            "Capacity",
            {"CapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Base": 0, "Weight": 1}]},
        ),
    ],
)
def test_the_release_by_hand_names_what_a_release_must_name(line: str, capacity: dict[str, object]) -> None:
    """An AppSpec with the task, its port and the gate; with the capacity when its line is let in."""
    (text,) = re.findall(
        r"^cat > release\.yaml <<END\n(.*?)^END$", TEXTS["rolled-back"], re.MULTILINE | re.DOTALL
    )
    request = yaml.safe_load(text.replace("# Capacity", line))
    dev = STAGES["dev"].prefix.replace("dev", "$STAGE")
    content = request["revision"]["appSpecContent"]["content"]
    assert request | {"revision": yaml.safe_load(content)} == {
        "applicationName": dev,
        "deploymentGroupName": dev,
        "revision": {
            "version": 0.0,
            "Resources": [
                {
                    "TargetService": {
                        "Type": "AWS::ECS::Service",
                        "Properties": {
                            "TaskDefinition": "$REVISION",
                            **capacity,
                            "LoadBalancerInfo": {"ContainerName": CONTAINER, "ContainerPort": contract.PORT},
                        },
                    }
                }
            ],
            "Hooks": [{"AfterAllowTestTraffic": f"{dev}-release-gate"}],
        },
    }


@pytest.mark.parametrize("name", TEXTS)
def test_no_command_needs_a_value_that_nobody_has_set(name: str) -> None:
    """Each variable of a runbook's commands is set above its first use, or by the shell itself."""
    known, strangers = {"PWD", "PATH"}, []
    for block in re.findall(r"^ *```sh\n(.*?)^ *```$", TEXTS[name], flags=re.MULTILINE | re.DOTALL):
        for command in block.splitlines():
            used = set(re.findall(r"\$\{?([A-Za-z_]+)", command))
            given = set(re.findall(r"\b([A-Za-z_]+)=", command)) | set(re.findall(r"\bfor (\w+) in", command))
            strangers += sorted(used - known - given)
            known |= given
    assert strangers == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_make_target_in_a_runbook_exists(name: str) -> None:
    """In code blocks as well as in sentences."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*?## ", makefile, flags=re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", TEXTS[name], flags=re.MULTILINE)) <= targets


@pytest.mark.parametrize("name", TEXTS)
def test_every_stack_in_a_runbook_exists(name: str) -> None:
    """By the names that the CDK and the teardown give them."""
    found = set(re.findall(r"\bSwitchyard-[$\w-]+", TEXTS[name]))
    assert found <= {REGISTRY_STACK, *(f"Switchyard-$STAGE-{part}" for part in PARTS)}


@pytest.fixture(scope="module")
def built(assemblies: Mapping[str, Assembly], tmp_path_factory: pytest.TempPathFactory) -> list[Assembly]:
    """Return the dev stage with either engine, and with the roles that a repository brings."""
    other = changed(STAGES["dev"], {"release.engine": Engine.ECS})
    registry = RegistrySettings(github="plant/yield")
    return [assemblies["dev"], synthesised(other, tmp_path_factory.mktemp("ecs"), registry=registry)]


def resources(built: list[Assembly]) -> list[dict[str, Any]]:
    """Return every resource of every stack of the stage."""
    parts = [
        (assembly, part)
        for assembly in built
        for part in PARTS
        if (assembly.folder / f"Switchyard-dev-{part}.template.json").exists()
    ]
    return [one for assembly, part in parts for one in assembly.template(part)["Resources"].values()]


def values(resource: object) -> list[str]:
    """Return every text in a resource."""
    match resource:
        case str():
            return [resource]
        case dict():
            return [text for item in resource.values() for text in values(item)]
        case list():
            return [text for item in resource for text in values(item)]
        case _:
            return []


@pytest.mark.slow
def test_the_teardown_knows_every_stack_of_a_stage(built: list[Assembly]) -> None:
    """A stack that it forgot would stay, and keep those that it leans on."""
    found = {
        path.name for assembly in built for path in assembly.folder.glob("Switchyard-dev-*.template.json")
    }
    assert found == {f"Switchyard-dev-{part}.template.json" for part in PARTS}


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_every_physical_name_in_a_runbook_is_in_the_templates(built: list[Assembly], name: str) -> None:
    """Alarms, functions, buckets, topics, rules, saved queries and whatever else begins with the prefix."""
    found = re.findall(r"`?\bswitchyard-\$STAGE((?:-[a-z-]+|/[a-z ]+(?=`))?)", TEXTS[name])
    named = {f"switchyard-dev{rest}" for rest in found}
    known = {text for one in resources(built) for text in values(one)}
    begun = {one for one in named if one.endswith("-") and any(text.startswith(one) for text in known)}
    assert sorted(named - begun - known) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_every_entry_in_a_runbook_is_one_that_a_stack_publishes(built: list[Assembly], name: str) -> None:
    """Whoever reads a parameter by its path finds it; `$colour` and `$1` stand for what the text says."""
    published = {
        one["Properties"]["Name"] for one in resources(built) if one["Type"] == "AWS::SSM::Parameter"
    }
    found = set(re.findall(r"/switchyard/\$STAGE/([\w$/-]+)", TEXTS[name]))
    found |= set(re.findall(r"\(entry ([\w/-]+)\)", TEXTS[name]))
    found = {entry.replace("$colour", colour) for entry in found - {"$1"} for colour in ("blue", "green")}
    assert {f"/switchyard/dev/{entry}" for entry in found} <= published


@pytest.mark.slow
def test_every_alarm_is_explained_in_the_runbook_for_alarms(built: list[Assembly]) -> None:
    """Nobody reads a name there for the first time, except the one that stands for all."""
    names = {
        one["Properties"]["AlarmName"]
        for one in resources(built)
        if one["Type"] in {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
    }
    explained = set(re.findall(r"`(switchyard-\$STAGE-[a-z-]+)`", TEXTS["alarm-red"]))
    assert names <= {name.replace("$STAGE", "dev") for name in explained}
