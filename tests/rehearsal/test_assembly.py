import json
from pathlib import Path

import pytest

from rehearsal import assembly


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


def test_the_stacks_of_an_assembly_are_read_with_their_names(folder: Path) -> None:
    """Only stacks have resources."""
    (template,) = assembly.read(folder)
    assert template.stack == "Switchyard-dev-Service"
    assert template.types() == {"Bucket": "AWS::S3::Bucket"}
