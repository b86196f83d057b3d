"""The code of a Lambda function: its own package, and nothing else."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def assets(outdir: Path, package: str) -> dict[str, list[str]]:
    """Return the files of each asset that a function of this package has, by the asset's name."""
    from aws_cdk import App, Stack  # noqa: PLC0415 - starts Node, which the quick tests do without
    from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415

    from infra.service.hook_code import hook_code  # noqa: PLC0415

    app = App(outdir=str(outdir), analytics_reporting=False)
    lambda_.Function(
        Stack(app, "Stack"),
        "Function",
        code=hook_code(package),
        handler=f"{package}.it.handle",
        runtime=lambda_.Runtime.PYTHON_3_14,
    )
    app.synth()
    return {
        asset.name: sorted(str(path.relative_to(asset)) for path in asset.rglob("*") if path.is_file())
        for asset in outdir.glob("asset.*")
    }


@pytest.fixture
def hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of two packages that stands for `infra/hooks`, with what Python leaves behind."""
    folder = tmp_path / "hooks"
    for name in ("one/__init__.py", "one/deep/part.py", "one/__pycache__/it.pyc", "two/it.py", "__init__.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    monkeypatch.setattr("infra.service.hook_code._HOOKS", folder)
    return folder


def test_the_code_is_one_package(hooks: Path, tmp_path: Path) -> None:
    """Neither another package nor what Python compiled is in it."""
    assert hooks.is_dir()
    assert list(assets(tmp_path / "out", "one").values()) == [["one/__init__.py", "one/deep/part.py"]]


def test_a_function_changes_with_its_own_code_only(hooks: Path, tmp_path: Path) -> None:
    """Another package's change leaves the asset as it is; a change of its own does not."""
    before = assets(tmp_path / "before", "one")
    (hooks / "two" / "it.py").write_text("changed")
    (hooks / "one" / "__pycache__" / "it.pyc").write_text("compiled anew")
    assert assets(tmp_path / "neighbour", "one") == before
    (hooks / "one" / "deep" / "part.py").write_text("changed")
    assert assets(tmp_path / "own", "one") != before
