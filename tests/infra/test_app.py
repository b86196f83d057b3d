"""The app as a whole: which stacks, which checks, and the same bytes each time."""

import itertools
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.infra.assembly import IMAGE, Assembly
from tests.infra.guards.linters import Finding, cfn_lint, checkov, unlike

if TYPE_CHECKING:
    from aws_cdk import Stack

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PARTS = ("Data", "Colour", "Network", "Traffic", "Service", "Operations")


def cdk(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the CDK CLI with nothing but the tools' folder on PATH, no AWS variables and no network.

    The network is cut where the kernel lets an unprivileged process do so.
    """
    tools = Path(sys.executable).parent
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    command = [str(tools / "node"), str(ROOT / "node_modules/.bin/cdk"), *arguments]
    offline = [shutil.which("unshare") or "unshare", "--map-root-user", "--net"]
    if subprocess.run([*offline, "true"], check=False, capture_output=True).returncode == 0:
        command = [*offline, *command]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": str(tools), "HOME": str(home), "TMPDIR": str(home), "CDK_DISABLE_CLI_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_synth_is_the_same_offline_without_credentials_or_docker(tmp_path: Path, dev: Assembly) -> None:
    """The CLI, without anything around it, writes the very bytes that this process wrote."""
    output = Assembly("dev", tmp_path / "out")
    context = ["--context", "stage=dev", "--context", f"image={IMAGE}"]
    plain = ["--no-path-metadata", "--no-asset-metadata", "--quiet"]  # what only the CLI adds
    done = cdk(["synth", *plain, *context, "--output", str(output.folder)], tmp_path)
    assert done.returncode == 0, done.stderr
    assert shutil.which("docker", path=str(Path(sys.executable).parent)) is None
    assert len(output.texts()) == 7
    assert output.texts() == dev.texts()


def test_a_wrong_context_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Whoever mistypes gets a sentence, an exit code and no traceback, and nothing is written."""
    folder = tmp_path / "out"
    done = cdk(["synth", "--quiet", "--context", "stage=qa", "--output", str(folder)], tmp_path)
    assert done.returncode != 0
    assert "There is no stage 'qa': give one of dev, staging, production" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not list(folder.glob("*.template.json"))


@pytest.mark.parametrize(
    "context",
    [
        {"stage": ""},
        {"stage": "Dev"},
        {"image": ""},
        {"image": "latest"},
        {"image": "sha256:abc"},
        {"image": f"switchyard@{IMAGE}"},
        {"image": IMAGE.upper()},
        {"image": f"{IMAGE}\n"},
    ],
)
def test_other_wrong_contexts_are_refused(context: dict[str, str]) -> None:
    """An empty or a nearly right value is a mistake, not a default."""
    from infra.app import build_app  # noqa: PLC0415 - starts Node, which the quick tests do without
    from infra.errors import ContextError  # noqa: PLC0415

    with pytest.raises(ContextError):
        build_app(context=context)


def test_stacks_of_a_stage(assembly: Assembly) -> None:
    """The stacks are split by lifetime, and deployed longest-lived first."""
    names = ["Switchyard-Registry", *(f"Switchyard-{assembly.stage}-{part}" for part in PARTS)]
    manifest = json.loads((assembly.folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    stacks = {name: item for name, item in manifest.items() if item["type"] == "aws:cloudformation:stack"}
    assert sorted(stacks) == sorted(names)
    for earlier, later in itertools.pairwise(names):
        assert earlier in stacks[later]["dependencies"]


def test_the_registry_belongs_to_no_stage(assemblies: Mapping[str, Assembly]) -> None:
    """Deploying any stage leaves the one registry as it is, tags included."""
    texts = {stage: one.texts()["Switchyard-Registry.template.json"] for stage, one in assemblies.items()}
    assert len(set(texts.values())) == 1
    for assembly in assemblies.values():
        manifest = json.loads((assembly.folder / "manifest.json").read_text(encoding="utf-8"))
        registry = manifest["artifacts"]["Switchyard-Registry"]["properties"]
        assert registry["tags"] == {"product": "switchyard"}


def test_without_an_image_the_rest_can_be_deployed(without_image: Assembly, dev: Assembly) -> None:
    """Service and Operations wait for an image; what is there is what will be there with one."""
    missing = {f"Switchyard-dev-{part}.template.json" for part in ("Service", "Operations")}
    expected = {name: text for name, text in dev.texts().items() if name not in missing}
    assert without_image.texts() == expected


def test_without_an_image_the_operator_is_told(without_image: Assembly) -> None:
    """One message says what is left out and how to have it."""
    manifest = json.loads((without_image.folder / "manifest.json").read_text(encoding="utf-8"))
    messages = [
        entry["data"]
        for artifact in manifest["artifacts"].values()
        for entry in _metadata(without_image.folder, artifact)
        if entry["type"].startswith("aws:cdk:info")
    ]
    assert len(messages) == 1
    assert "repeat with --context image=sha256:<its digest>" in messages[0]


def _metadata(folder: Path, artifact: dict[str, Any]) -> list[dict[str, Any]]:
    entries = dict(artifact.get("metadata", {}))
    additional = artifact.get("additionalMetadataFile")
    if additional:
        entries |= json.loads((folder / additional).read_text(encoding="utf-8"))
    return [entry for found in entries.values() for entry in found]


def test_checkers_at_synth_have_no_finding(assembly: Assembly) -> None:
    """Every finding is mended, or accepted with a reason beside the resource.

    A finding of cdk-nag would have ended the synth, as the next test proves, and would stand here by its
    plugin's name; without one only the CDK's own validation does.
    """
    report = json.loads((assembly.folder / "validation-report.json").read_text(encoding="utf-8"))
    assert [(plugin["pluginName"], plugin["violations"]) for plugin in report["pluginReports"]] == [
        ("CloudFormation Validate", [])
    ]


@pytest.mark.parametrize("stage", ["dev", "production"])
def test_cdk_nag_is_at_work(tmp_path: Path, stage: str) -> None:
    """In an app from the same function, a bucket as CloudFormation makes it does not get past synth."""
    from aws_cdk import aws_s3 as s3  # noqa: PLC0415 - starts Node, which the quick tests do without

    from infra.app import build_app  # noqa: PLC0415

    app = build_app(context={"stage": stage}, outdir=tmp_path)
    s3.CfnBucket(cast("Stack", app.node.find_child(f"Switchyard-{stage}-Data")), "Careless")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = (tmp_path / "validation-report.json").read_text(encoding="utf-8")
    assert all(rule in report for rule in ("AwsSolutions-S1", "AwsSolutions-S10"))


def test_every_hook_is_packed_without_its_surroundings(dev: Assembly) -> None:
    """Each asset is one package's own source: byte code of some machine would change its hash."""
    hooks = ROOT / "infra/hooks"
    packages = {
        frozenset(str(path.relative_to(hooks)) for path in package.rglob("*.py"))
        for package in hooks.iterdir()
        if (package / "__init__.py").exists()
    }
    packed = {
        frozenset(str(path.relative_to(asset)) for path in asset.rglob("*") if path.is_file())
        for asset in dev.folder.glob("asset.*")
    }
    assert packed == packages


@pytest.mark.parametrize("checker", [cfn_lint, checkov])
def test_checkers_of_templates_have_no_finding(
    assemblies: Mapping[str, Assembly], checker: Callable[[Iterable[Path]], set[Finding]]
) -> None:
    """Every stage is right as CloudFormation sees it, and as checkov's several hundred policies do.

    A template that differs from another stage's in names and numbers only is not read twice.
    """
    folders = [assembly.folder for assembly in assemblies.values()]
    assert checker(unlike(path for folder in folders for path in folder.glob("*.template.json"))) == set()


def test_checkov_and_cfn_lint_are_at_work(tmp_path: Path) -> None:
    """A bucket as CloudFormation makes it, with a property that there is not, gets past neither."""
    careless = {"Resources": {"Careless": {"Type": "AWS::S3::Bucket", "Properties": {"Colour": "blue"}}}}
    template = tmp_path / "Careless.template.json"
    template.write_text(json.dumps(careless), encoding="utf-8")
    assert {(one.resource, one.rule) for one in cfn_lint([template])} == {("Careless", "E3002")}
    found = {one.rule for one in checkov([template])}
    assert {"CKV_AWS_18", "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56"} <= found


def test_nothing_in_traffic_changes_with_a_commit_or_an_image(dev: Assembly, without_image: Assembly) -> None:
    """The stack's tags are constant: one changed tag would rewrite both listeners."""
    for assembly in (dev, without_image):
        manifest = json.loads((assembly.folder / "manifest.json").read_text(encoding="utf-8"))
        properties = manifest["artifacts"]["Switchyard-dev-Traffic"]["properties"]
        assert properties["tags"] == {"product": "switchyard", "stage": "dev"}
