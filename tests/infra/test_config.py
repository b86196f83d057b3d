"""Settings: what a stage may decide, and how mistakes are told."""

import inspect
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path

import pytest

from infra.config import STAGES, chosen_stages, settings_for, validated
from infra.errors import ContextError, SettingsError
from infra.names import CONTAINER, HTTP_PORT, HTTPS_PORT, PROBES_PREFIX, RELEASE_TAGS, TEST_PORT
from infra.settings import RegistrySettings, StageSettings
from tests.infra.variants import changed

ROOT = Path(__file__).parents[2]
DEV, PRODUCTION = STAGES["dev"], STAGES["production"]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_valid(stage: str) -> None:
    """The settings that the repository ships can work."""
    assert settings_for(stage) is STAGES[stage]


def test_unknown_stage_names_the_known_ones() -> None:
    """A mistyped stage is answered with the stages there are."""
    with pytest.raises(ContextError, match="no stage") as told:
        chosen_stages("prod")
    assert str(told.value) == (
        "There is no stage 'prod': give one of dev, staging, production, all with --context stage=NAME "
        "(make: STAGE=NAME)."
    )
    with pytest.raises(ContextError, match="no stage 'all': give one of dev, staging, production with"):
        settings_for("all")


def test_settings_are_frozen() -> None:
    """Nobody changes a stage while it is being built."""
    with pytest.raises(FrozenInstanceError):
        DEV.name = "other"  # type: ignore[misc]  # the point of the test


def test_stages_do_not_overlap() -> None:
    """Each stage has an address range of its own."""
    assert len({settings.network.cidr for settings in STAGES.values()}) == len(STAGES)


def test_all_mistakes_are_told_at_once() -> None:
    """Whoever edits settings sees everything that is wrong in one run, a line each."""
    wrong = changed(PRODUCTION, {"network.zones": ("eu-central-1a",), "tasks.cpu": 3, "tasks.spot": True})
    with pytest.raises(SettingsError) as told:
        validated(wrong)
    assert str(told.value).splitlines() == [
        "3 settings in infra/config.py cannot work:",
        "- stage 'production': network.zones must name 2 to 6 zones, not ['eu-central-1a'].",
        (
            "- stage 'production': tasks.cpu must be one of [256, 512, 1024, 2048, 4096, 8192, 16384] "
            "units, not 3."
        ),
        (
            "- stage 'production': tasks.spot must not be True on a protected stage: AWS may end all tasks "
            "at two minutes' notice and have no others."
        ),
    ]
    assert [problem.split()[0] for problem in told.value.problems] == [
        "network.zones",
        "tasks.cpu",
        "tasks.spot",
    ]


def test_one_mistake_is_one_sentence() -> None:
    """The command line says it, and what to edit."""
    with pytest.raises(SettingsError) as told:
        validated(changed(DEV, {"release.bake_minutes": 0}))
    assert str(told.value) == (
        "Settings of stage 'dev' in infra/config.py: release.bake_minutes must be 1 to 2880 minutes "
        "with engine "
        "codedeploy, not 0."
    )


@pytest.mark.parametrize(
    ("name", "where"),
    [("dev", ["stage 'dev'"]), ("staging", []), ("all", ["stage 'dev'", "stage 'production'"])],
)
def test_a_build_tells_the_mistakes_of_what_it_builds(name: str, where: list[str]) -> None:
    """Other stages may be wrong meanwhile; the registry and how stages fit together may not."""
    stages = {
        "dev": changed(DEV, {"tasks.cpu": 3}),
        "staging": changed(STAGES["staging"], {"account": "1" * 12}),
        "production": changed(PRODUCTION, {"tasks.cpu": 3}),
    }
    with pytest.raises(SettingsError) as told:
        chosen_stages(name, stages, RegistrySettings(account="1" * 12, github="me"))
    lines = str(told.value).splitlines()[1:]
    assert [line.removeprefix("- ").split(": ")[0] for line in lines] == [
        *where,
        *["the registry and the stages"] * 2,
    ]


def test_stages_of_one_name_are_told_apart() -> None:
    """By the name under which each is kept; no mistake hides another."""
    twins = {"dev": changed(DEV, {"tasks.cpu": 3}), "copy": changed(DEV, {"tasks.cpu": 5})}
    with pytest.raises(SettingsError) as told:
        chosen_stages("all", twins)
    sold = "[256, 512, 1024, 2048, 4096, 8192, 16384] units"
    assert told.value.problems == (
        f"tasks.cpu must be one of {sold}, not 3",
        f"tasks.cpu must be one of {sold}, not 5",
        "name 'dev' belongs to 2 stages, and each needs its own",
        (
            "network.cidr of stage 'dev' must not overlap with '10.20.0.0/16' of stage 'dev', or nothing can "
            "be peered with both"
        ),
    )


def test_every_stage_is_chosen_by_one_word() -> None:
    """In the order in which they are written."""
    assert chosen_stages("all") == tuple(STAGES.values())
    assert chosen_stages("dev") == (DEV,)


def test_every_setting_is_documented() -> None:
    """Each field of the settings is followed by its meaning."""
    groups = [StageSettings, RegistrySettings, *(type(getattr(DEV, field.name)) for field in fields(DEV))]
    for group in filter(is_dataclass, groups):
        source = inspect.getsource(group)
        for field in fields(group):
            after = source.split(f"\n    {field.name}: ", 1)[1].splitlines()[1].strip()
            assert after.startswith('"""'), field.name


def test_names_say_stage_and_part() -> None:
    """Physical names are derived from the stage alone, so that releases can know them."""
    assert (DEV.prefix, DEV.stack_name("Traffic"), DEV.live_colour_parameter, DEV.entry("traffic/blue")) == (
        "switchyard-dev",
        "Switchyard-dev-Traffic",
        "/switchyard/dev/live-colour",
        "/switchyard/dev/traffic/blue",
    )
    assert (DEV.gate_function, DEV.data_bucket("123456789012")) == (
        "switchyard-dev-release-gate",
        "switchyard-dev-data-123456789012-eu-central-1",
    )
    assert (CONTAINER, PROBES_PREFIX, RELEASE_TAGS) == ("service", "releases/probes/", "release-")
    assert (HTTP_PORT, HTTPS_PORT, TEST_PORT) == (80, 443, 9000)


@pytest.mark.slow
def test_names_are_known_without_the_cdk() -> None:
    """A release finds every name without `aws_cdk`, which takes seconds and starts Node."""
    code = "import sys, infra.config, infra.settings; print('aws_cdk' in sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
