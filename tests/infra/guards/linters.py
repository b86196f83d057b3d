"""The checkers that read finished templates: cfn-lint and checkov, and what is accepted of their findings."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[3]
CHECKOV = ROOT / ".venv-checkov/bin/checkov"
NOTES = ("cfn-lint", "checkov")
"""Where, in a resource's metadata, a template says what is accepted."""


class Finding(NamedTuple):
    """One rule that one resource of a template breaks."""

    template: str
    resource: str
    rule: str


def cfn_lint(templates: Iterable[Path]) -> set[Finding]:
    """Return what cfn-lint finds in templates."""
    done = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", "--format", "json", *sorted(templates)],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert not done.stderr, done.stderr
    return {
        Finding(
            Path(one["Filename"]).name, ".".join(map(str, one["Location"]["Path"][1:2])), one["Rule"]["Id"]
        )
        for one in json.loads(done.stdout or "[]")
    }


def checkov(templates: Iterable[Path]) -> set[Finding]:
    """Return what checkov finds in templates, all of which it must have understood."""
    assert CHECKOV.exists(), "checkov is not installed: run make setup."
    files = [argument for path in sorted(templates) for argument in ("--file", str(path))]
    quietly = ["--framework", "cloudformation", "--quiet", "--compact", "--skip-download", "--output", "json"]
    done = subprocess.run(
        [CHECKOV, *quietly, *files],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "LOG_LEVEL": "ERROR"},
    )
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["resource_count"] > 0
    return {
        Finding(Path(one["file_path"]).name, one["resource"].rpartition(".")[2], one["check_id"])
        for one in report["results"]["failed_checks"]
    }


def unlike(templates: Iterable[Path]) -> list[Path]:
    """Return one of all templates that differ only in stages' names, ids, numbers and what a dashboard shows.

    To the checkers they are the same; that numbers are right is validated at each synth.
    """
    kinds: dict[str, Path] = {}
    for template in sorted(templates):
        content = json.loads(template.read_text(encoding="utf-8"))
        for _, resource in _resources(content):
            resource.get("Properties", {}).pop("DashboardBody", None)
        text = re.sub(r"[0-9A-F]{8}", "ID", json.dumps(content))
        text = re.sub(r"dev|staging|production", "STAGE", text)
        kinds.setdefault(re.sub(r"\d+", "NUMBER", text), template)
    return list(kinds.values())


def accepted(template: Path) -> dict[str, set[Finding]]:
    """Return what a template accepts, by checker."""
    found: dict[str, set[Finding]] = {checker: set() for checker in NOTES}
    for name, resource in _resources(json.loads(template.read_text(encoding="utf-8"))):
        for checker in NOTES:
            found[checker] |= {Finding(template.name, name, rule) for rule in reasons(resource, checker)}
    return found


def reasons(resource: dict[str, Any], checker: str) -> dict[str, str]:
    """Return why a resource keeps its findings, by rule."""
    note = resource.get("Metadata", {}).get(checker, {})
    if checker == "checkov":
        return {skip["id"]: skip["comment"] for skip in note.get("skip", [])}
    assert list(note.get("reasons", {})) == note.get("config", {}).get("ignore_checks", [])
    return dict(note.get("reasons", {}))


def without_notes(template: Path, folder: Path) -> Path:
    """Copy a template to a folder, with nothing accepted, and return the copy."""
    content = json.loads(template.read_text(encoding="utf-8"))
    for _, resource in _resources(content):
        for checker in NOTES:
            resource.get("Metadata", {}).pop(checker, None)
    copy = folder / template.name
    copy.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return copy


def _resources(content: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    resources: dict[str, dict[str, Any]] = content.get("Resources", {})
    return resources.items()
