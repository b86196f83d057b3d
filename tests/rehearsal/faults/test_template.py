"""The change that somebody deploys in the middle of a release."""

import hashlib
import json
from pathlib import Path

from rehearsal.faults.template import changed


def assembly(folder: Path) -> Path:
    """Write a cloud assembly of one stack."""
    folder.mkdir()
    about = {"templateFile": "S-Traffic.template.json", "stackTemplateAssetObjectUrl": "s3://assets/0ld.json"}
    manifest = {"artifacts": {"S-Traffic": {"properties": about}}}
    (folder / "S-Traffic.assets.json").write_text('{"files": {"0ld": {}}}', encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    group = {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": 8080}}
    listener = {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"Port": 80}}
    template = {"Resources": {"Blue": group, "Production": listener}}
    (folder / "S-Traffic.template.json").write_text(json.dumps(template), encoding="utf-8")
    return folder


def test_one_attribute_of_the_target_groups_changes_in_a_copy(tmp_path: Path) -> None:
    """So that CloudFormation has something to do; the stage's own templates stay as they are."""
    own = assembly(tmp_path / "cdk.out")
    before = (own / "S-Traffic.template.json").read_text(encoding="utf-8")
    copy = changed(own, tmp_path / "changed", "S-Traffic")
    found = json.loads((copy / "S-Traffic.template.json").read_text(encoding="utf-8"))["Resources"]
    assert found["Blue"]["Properties"] == {"Port": 8080, "HealthCheckIntervalSeconds": 31}
    assert found["Production"]["Properties"] == {"Port": 80}
    assert (own / "S-Traffic.template.json").read_text(encoding="utf-8") == before


def test_the_copy_is_published_under_a_name_of_its_own(tmp_path: Path) -> None:
    """The CDK publishes nothing that is there already."""
    copy = changed(assembly(tmp_path / "cdk.out"), tmp_path / "changed", "S-Traffic")
    template = (copy / "S-Traffic.template.json").read_bytes()
    name = hashlib.sha256(template).hexdigest()
    assert json.loads((copy / "S-Traffic.assets.json").read_bytes()) == {"files": {name: {}}}
    assert f"s3://assets/{name}.json" in (copy / "manifest.json").read_text(encoding="utf-8")
