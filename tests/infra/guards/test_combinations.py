"""Every combination of engine, strategy and stage with every switch can be built and is clean."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.config import STAGES
from infra.errors import SettingsError
from infra.settings import Egress, Engine, Strategy
from tests.infra.guards.combinations import PAIRS, SHAPES, Combination, covering_set
from tests.infra.guards.linters import NOTES, Finding, accepted, cfn_lint, checkov, unlike, without_notes
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

Covered = tuple[Mapping[Combination, str | None], Path]

REFUSED_SHAPES = {
    "production codedeploy all-at-once",
    "production ecs rolling",
}
"""What no stage of that name may be, whatever else it says."""
UNSAFE = {("egress", "one-nat"), ("capacity", "spot"), ("alarms", "off")}
"""What else production never is."""
PRODUCTION_REFUSES: Mapping[str, Mapping[str, Any]] = {
    "public HTTP": {"traffic.internet_facing": True, "traffic.callers": ("0.0.0.0/0",)},
    "one zone": {"network.zones": ("eu-central-1a",)},
    "one task": {"tasks.min_tasks": 1},
    "all at once": {"release.strategy": Strategy.ALL_AT_ONCE},
    "no gate": {"release.engine": Engine.ECS, "release.strategy": Strategy.ROLLING},
    "no alarms": {"alarms.enabled": False},
    "one NAT": {"network.egress": Egress.ONE_NAT},
    "spare capacity": {"tasks.spot": True},
}


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape not in REFUSED_SHAPES])
def test_every_engine_and_strategy_synthesises_on_every_stage(covered: Covered, shape: str) -> None:
    """With each value of each other switch, through both packs of cdk-nag and the CDK's own validation."""
    mine = {str(one): wrong for one, wrong in covered[0].items() if one.values["shape"] == shape}
    assert mine
    assert {name: wrong for name, wrong in mine.items() if wrong} == {}


def test_what_is_never_combined_is_what_the_checks_refuse() -> None:
    """Nothing is left out of the covering set but what a sentence to the operator explains."""
    _, impossible = covering_set()
    shapes = {dict(pair)["shape"] for pair in impossible if "shape" in dict(pair)}
    alone = {shape for shape in shapes if sum(dict(pair).get("shape") == shape for pair in impossible) > 10}
    assert alone == REFUSED_SHAPES
    rest = {pair for pair in impossible if dict(pair).get("shape") not in alone}
    assert rest == {
        (("shape", shape), other)
        for shape in SHAPES
        if shape.startswith("production") and shape not in alone
        for other in UNSAFE
    }


@pytest.fixture(scope="module")
def checked(
    distinct: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, tuple[set[Finding], set[Finding]]]:
    """Return, by checker, what it finds where nothing is accepted, and what is accepted."""
    bare = tmp_path_factory.mktemp("bare")
    templates = unlike(distinct)
    copies = [without_notes(template, bare) for template in templates]
    with ThreadPoolExecutor() as both:
        found = {
            name: both.submit(run, copies) for name, run in (("cfn-lint", cfn_lint), ("checkov", checkov))
        }
    kept = [accepted(template) for template in templates]
    return {name: (found[name].result(), set().union(*(one[name] for one in kept))) for name in found}


@pytest.mark.parametrize("checker", NOTES)
def test_checkers_find_what_is_accepted_and_nothing_else(
    checked: Mapping[str, tuple[set[Finding], set[Finding]]], checker: str
) -> None:
    """In all templates: no finding without its reason in the template, no reason without its finding."""
    found, kept = checked[checker]
    assert found == kept


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    "pair", [(e, s) for e in Engine for s in Strategy if (e, s) not in PAIRS], ids="-".join
)
def test_an_engine_without_the_strategy_never_reaches_synth(
    tmp_path: Path, stage: str, pair: tuple[Engine, Strategy]
) -> None:
    """The checks end it with a sentence, and nothing is written."""
    changes = {"release.engine": pair[0], "release.strategy": pair[1]}
    assert str(pair[0]) in refusal(stage, changes, tmp_path)


@pytest.mark.parametrize("unsafe", PRODUCTION_REFUSES)
def test_what_production_refuses_never_reaches_synth(tmp_path: Path, unsafe: str) -> None:
    """The checks end it with a sentence, and nothing is written."""
    assert "production" in refusal("production", PRODUCTION_REFUSES[unsafe], tmp_path)


def refusal(stage: str, changes: Mapping[str, Any], folder: Path) -> str:
    """Return the sentence with which the app of a stage with other settings is refused."""
    from infra.app import build_app  # noqa: PLC0415 - starts Node, which the quick tests do without

    settings = changed(STAGES[stage], changes)
    with pytest.raises(SettingsError) as refused:
        build_app(context={"stage": stage}, outdir=folder, stages={stage: settings})
    assert not list(folder.glob("*.template.json"))
    return str(refused.value)
