import json
from pathlib import Path

import pytest

from rehearsal import assembly
from rehearsal.assembly import Template


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cloud assembly with one stack and one thing that is no stack."""
    manifest = {
        "artifacts": {
            "Tree": {"type": "cdk:tree"},
            "Stack1": {
                "type": "aws:cloudformation:stack",
                "properties": {"templateFile": "one.json", "stackName": "Switchyard-dev-Service"},
            },
        }
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "one.json").write_text(
        json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}), "utf-8"
    )
    return tmp_path


def scaler(smallest: int) -> Template:
    """A stack whose service scales from this many tasks up."""
    kind = "AWS::ApplicationAutoScaling::ScalableTarget"
    return Template("Service", {"Target": {"Type": kind, "Properties": {"MinCapacity": smallest}}})


def test_the_stacks_of_an_assembly_are_read_with_their_names(folder: Path) -> None:
    """Only stacks have resources."""
    (template,) = assembly.read(folder)
    assert template.stack == "Switchyard-dev-Service"
    assert template.types() == {"Bucket": "AWS::S3::Bucket"}


@pytest.mark.parametrize(("templates", "count"), [([], 1), ([scaler(2)], 2), ([scaler(0)], 1)])
def test_a_rehearsal_starts_as_many_tasks_as_the_scaler_would(templates: list[Template], count: int) -> None:
    """The least that runs in the stage runs in its rehearsal; never none."""
    assert assembly.smallest_task_count(templates) == count
