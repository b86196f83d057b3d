"""What is accepted of the checkers' findings: each with a reason, each on one construct, none out of date."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.infra.guards.combinations import DIMENSIONS, Combination, covering_set
from tests.infra.guards.linters import NOTES, reasons

pytestmark = pytest.mark.slow

SENTENCE = re.compile(r"[A-Za-z].{20,}\.", flags=re.DOTALL)


class Note(NamedTuple):
    """One finding of the checkers at synth that is accepted."""

    stage: str
    path: str
    rule: str
    reason: str

    def covers(self, finding: tuple[str, str]) -> bool:
        """Return whether a finding, a rule and a path, is the accepted one, on its construct or below."""
        rule, path = finding
        return rule == self.rule and f"{path}/".startswith(f"{self.path}/")


def few_with_every_value() -> list[Combination]:
    """Return some of the covering set in which each switch has each of its values, with both engines."""
    missing = {(name, value) for name, values in DIMENSIONS.items() if name != "shape" for value in values}
    missing |= {("engine", "codedeploy"), ("engine", "ecs")} | {("stage", s) for s in ("dev", "production")}
    chosen = []
    for combination in covering_set()[0]:
        stage, engine, _ = combination.values["shape"].split()
        covered = missing & {*combination.values.items(), ("engine", engine), ("stage", stage)}
        if len(covered) > 2 or (covered and len(missing) < 6):
            chosen.append(combination)
            missing -= covered
    assert not missing
    return chosen


@contextmanager
def nothing_accepted(notes: list[tuple[str, str, str]]) -> Iterator[None]:
    """Collect what would be accepted, instead of accepting it."""
    from aws_cdk import Validations  # noqa: PLC0415 - starts Node, which the quick tests do without

    real = Validations.of

    class Collecting:
        def __init__(self, construct: Any) -> None:  # noqa: ANN401 - any construct
            self.path, self.real = construct.node.path, real(construct)

        def acknowledge(self, *accepted: Any) -> None:  # noqa: ANN401 - the CDK's acknowledgements
            notes.extend((self.path, one.id, one.reason) for one in accepted)

        def add_plugins(self, *plugins: Any) -> None:  # noqa: ANN401 - the CDK's plugins
            self.real.add_plugins(*plugins)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Validations, "of", Collecting)
        yield


@pytest.fixture(scope="module")
def synthesised_bare(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[Note], set[tuple[str, str]]]:
    """Return what is accepted at synth, and what is found when nothing is, over a few combinations."""
    from infra.app import build_app  # noqa: PLC0415 - starts Node, which the quick tests do without
    from tests.infra.assembly import IMAGE  # noqa: PLC0415

    notes: set[Note] = set()
    findings: set[tuple[str, str]] = set()
    for combination in few_with_every_value():
        folder, said = tmp_path_factory.mktemp("bare"), list[tuple[str, str, str]]()
        settings = combination.settings
        with nothing_accepted(said):
            app = build_app(
                context={"stage": settings.name, "image": IMAGE},
                outdir=folder,
                stages={settings.name: settings},
                registry=combination.registry,
            )
            with pytest.raises(RuntimeError, match="ValidationFailed"):
                app.synth()
        report = json.loads((folder / "validation-report.json").read_text(encoding="utf-8"))
        notes |= {Note(settings.name, *one) for one in said}
        findings |= {
            (violation["ruleName"], construct["constructPath"])
            for plugin in report["pluginReports"]
            for violation in plugin["violations"]
            for construct in violation["violatingConstructs"]
        }
    return notes, findings


def test_every_finding_at_synth_that_is_accepted_is_still_there(
    synthesised_bare: tuple[set[Note], set[tuple[str, str]]],
) -> None:
    """What was mended since is no longer accepted."""
    notes, findings = synthesised_bare
    assert notes
    assert (
        sorted(
            {
                (note.path, note.rule)
                for note in notes
                if not any(note.covers(finding) for finding in findings)
            }
        )
        == []
    )


def test_findings_at_synth_are_accepted_with_a_sentence_on_one_construct(
    synthesised_bare: tuple[set[Note], set[tuple[str, str]]],
) -> None:
    """No stack accepts anything for all that it holds, and nothing is accepted without a reason."""
    notes, _ = synthesised_bare
    assert [note for note in notes if "/" not in note.path] == []
    assert [note for note in notes if not SENTENCE.fullmatch(note.reason)] == []


@pytest.mark.parametrize("checker", NOTES)
def test_what_templates_accept_has_a_sentence_beside_it(distinct: tuple[Path, ...], checker: str) -> None:
    """Whoever reads a template finds the reason where the finding is."""
    said = {
        (rule, reason)
        for path in distinct
        for resource in json.loads(path.read_text(encoding="utf-8"))["Resources"].values()
        for rule, reason in reasons(resource, checker).items()
    }
    assert said
    assert {(rule, reason) for rule, reason in said if not SENTENCE.fullmatch(reason)} == set()
