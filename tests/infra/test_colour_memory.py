"""The memory of the live colour: one update of it, and production traffic would go to blue."""

import json
from typing import Any, cast

import pytest

from tests.infra.assembly import Assembly

pytestmark = pytest.mark.slow


def written(assembly: Assembly, file: str) -> dict[str, Any]:
    """Return a file of the assembly as it is, with its full logical ids."""
    return cast("dict[str, Any]", json.loads((assembly.folder / file).read_text(encoding="utf-8")))


def test_nothing_of_the_template_changes(assembly: Assembly) -> None:
    """This is the whole template, beside the CDK's own check of its bootstrap version.

    Whoever has to change an expectation here resets the live colour at the next deploy: see decision 3.
    """
    template = written(assembly, f"Switchyard-{assembly.stage}-Colour.template.json")
    assert set(template.pop("Parameters")) == {"BootstrapVersion"}
    assert set(template.pop("Rules")) == {"CheckBootstrapVersion"}
    assert template == {
        "Resources": {
            "LiveColour9EF4DD21": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {
                    "Name": f"/switchyard/{assembly.stage}/live-colour",
                    "Description": "The colour that takes production traffic; written by releases",
                    "Type": "String",
                    "AllowedPattern": "^(blue|green)$",
                    "Value": "blue",
                },
                "UpdateReplacePolicy": "Retain",
                "DeletionPolicy": "RetainExceptOnCreate",
            }
        }
    }


def test_the_stack_has_no_tags_and_is_protected(assembly: Assembly) -> None:
    """A changed tag would reset the colour, so there is none; nor is the stack deleted by accident."""
    stack = written(assembly, "manifest.json")["artifacts"][f"Switchyard-{assembly.stage}-Colour"]
    assert "tags" not in stack["properties"]
    assert stack["properties"]["terminationProtection"] is True
    assert "Tags" not in json.dumps(written(assembly, stack["properties"]["templateFile"]))


def test_the_colour_is_deployed_before_whoever_reads_it(assembly: Assembly) -> None:
    """Traffic reads the parameter when it is deployed, so the parameter must be there."""
    artifacts = written(assembly, "manifest.json")["artifacts"]
    before, more = set[str](), [f"Switchyard-{assembly.stage}-Traffic"]
    while more:
        found = artifacts[more.pop()].get("dependencies", ())
        more += [name for name in found if name not in before]
        before.update(found)
    assert f"Switchyard-{assembly.stage}-Colour" in before


def test_no_other_stack_holds_the_colour(assembly: Assembly) -> None:
    """Every other stack reads it at most."""
    names = {
        name
        for name, text in assembly.texts().items()
        for resource in json.loads(text)["Resources"].values()
        if "live-colour" in str(resource.get("Properties", {}).get("Name"))
    }
    assert names == {f"Switchyard-{assembly.stage}-Colour.template.json"}
