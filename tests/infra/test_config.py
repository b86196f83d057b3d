"""Settings: what a stage may decide, and how mistakes are told."""

import math
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import pytest

from infra.checks import problems_of
from infra.config import STAGES, settings_for, validated
from infra.errors import ContextError, SettingsError
from infra.settings import (
    CONTAINER,
    PROBES_PREFIX,
    PRODUCTION_PORT,
    RELEASE_TAGS,
    TEST_PORT,
    StageSettings,
    Strategy,
)

ROOT = Path(__file__).parents[2]
FOUR = tuple(f"eu-central-1{letter}" for letter in "abcd")
ONE_PERCENT: dict[str, Any] = {"strategy": Strategy.LINEAR, "shift_percent": 1}
DEV, PRODUCTION = STAGES["dev"], STAGES["production"]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_valid(stage: str) -> None:
    """The settings that the repository ships can work."""
    assert settings_for(stage) is STAGES[stage]


def test_unknown_stage_names_the_known_ones() -> None:
    """A mistyped stage is answered with the stages there are."""
    with pytest.raises(ContextError, match=r"no stage 'prod': give one of dev, staging, production"):
        settings_for("prod")


def test_settings_are_frozen() -> None:
    """Nobody changes a stage while it is being built."""
    with pytest.raises(FrozenInstanceError):
        DEV.cpu = 256  # type: ignore[misc]  # the point of the test


def test_stages_do_not_overlap() -> None:
    """Each stage has an address range of its own."""
    assert len({settings.cidr for settings in STAGES.values()}) == len(STAGES)


@pytest.mark.parametrize(
    ("settings", "change", "problem"),
    [
        (DEV, {"zones": ("eu-central-1a",)}, "zones must name at least two, not ['eu-central-1a']"),
        (DEV, {"zones": ("eu-central-1a", "eu-central-1a")}, "zones must name at least two"),
        (DEV, {"zones": ("eu-west-1a", "eu-central-1b")}, "zones ['eu-west-1a'] are not in region"),
        (DEV, {"nat_gateways": 0}, "nat_gateways must be 1 to 2"),
        (DEV, {"nat_gateways": 3}, "nat_gateways must be 1 to 2"),
        (DEV, {"cidr": "10.20.0.1/16"}, "['10.20.0.1/16'] are not IPv4 ranges"),
        (DEV, {"cidr": "10.20.0.0/24"}, "cidr must be a private range of /16 to /20"),
        (DEV, {"cidr": "8.8.0.0/16"}, "cidr must be a private range"),
        (DEV, {"cidr": "240.0.0.0/16"}, "cidr must be a private range"),
        (DEV, {"cidr": "169.254.0.0/16"}, "cidr must be a private range"),
        (
            DEV,
            {"cidr": "10.20.0.0/20", "zones": FOUR},
            "10.20.0.0/20 is too small for",
        ),
        (DEV, {"callers": ()}, "callers must name at least one range"),
        (DEV, {"callers": ("everyone",)}, "['everyone'] are not IPv4 ranges"),
        (PRODUCTION, {"callers": ("0.0.0.0/0",)}, "plain HTTP to the public is for dev only"),
        (PRODUCTION, {"callers": ("10.0.0.0/7",)}, "callers ['10.0.0.0/7'] are public"),
        (PRODUCTION, {"callers": ("240.0.0.0/4",)}, "callers ['240.0.0.0/4'] are public"),
        (PRODUCTION, {"internet_facing": True}, "internet_facing must be False"),
        (DEV, {"cpu": 300}, "cpu must be one of [256, 512, 1024"),
        (DEV, {"memory": 512}, "memory must be one of [1024, 2048, 3072, 4096] with cpu 512, not 512"),
        (DEV, {"min_tasks": 0}, "tasks must be 1 <= min <= max, not 0 and 2"),
        (DEV, {"min_tasks": 3}, "tasks must be 1 <= min <= max, not 3 and 2"),
        (PRODUCTION, {"min_tasks": 1}, "min_tasks must be at least 2 in production"),
        (DEV, {"cpu_target": 95}, "cpu_target must be 10 to 90 percent"),
        (DEV, {"startup_grace": 0}, "startup_grace must be 1 to 3600 seconds"),
        (PRODUCTION, {"strategy": Strategy.BLUE_GREEN}, "strategy must be canary or linear in production"),
        (PRODUCTION, {"shift_percent": 100}, "shift_percent must be 1 to 99"),
        (PRODUCTION, {"shift_minutes": 0}, "shift_minutes must be 1 to 60"),
        (PRODUCTION, ONE_PERCENT | {"shift_minutes": 30}, "must end within 2880 minutes, not 2970"),
        (DEV, {"termination_wait": 0}, "termination_wait must be 1 to 2880 minutes"),
        (DEV, {"gate_tolerance": 0.0}, "gate_tolerance must be above 0 and finite, not 0.0"),
        (DEV, {"max_errors": 0}, "max_errors must be above 0"),
        (DEV, {"max_balancer_errors": 0}, "max_balancer_errors must be above 0"),
        (DEV, {"log_retention": 31}, "log_retention must be one of [7, 14, 30"),
        (DEV, {"access_log_retention": 0}, "access_log_retention must be at least 1 day"),
    ],
)
def test_each_rule_is_told_in_words(settings: StageSettings, change: dict[str, Any], problem: str) -> None:
    """Every broken rule is named with the value that broke it."""
    (told,) = problems_of(replace(settings, **change))
    assert problem in told


FLOATS = [field.name for field in fields(StageSettings) if field.type is float]


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
@pytest.mark.parametrize("name", FLOATS)
def test_no_float_is_without_bounds(name: str, value: float) -> None:
    """A tolerance or threshold that nothing can exceed is a mistake: the release would never turn back."""
    (told,) = problems_of(replace(DEV, **{name: value}))  # type: ignore[arg-type]  # all are floats
    assert told == f"{name} must be above 0 and finite, not {value}"


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        (PRODUCTION, ONE_PERCENT | {"shift_minutes": 29}),
        (PRODUCTION, {"strategy": Strategy.LINEAR, "shift_percent": 50, "shift_minutes": 60}),
        (DEV, {"cidr": "10.20.0.0/20", "zones": FOUR[:3]}),
        (DEV, {"cidr": "10.20.0.0/19", "zones": FOUR}),
        (DEV, {"cidr": "172.31.0.0/16"}),
        (PRODUCTION, {"callers": ("192.168.0.0/16", "10.1.2.3/32")}),
    ],
)
def test_what_just_fits_is_accepted(settings: StageSettings, change: dict[str, Any]) -> None:
    """The rules refuse nothing that can work."""
    assert problems_of(replace(settings, **change)) == ()


@pytest.mark.slow
@pytest.mark.parametrize(("prefix", "zones"), [(20, 3), (19, 4), (19, 6)])
def test_the_cdk_agrees_on_what_fits(tmp_path: Path, prefix: int, zones: int) -> None:
    """The subnets of the most zones that are accepted can be cut from the range."""
    from aws_cdk import App, Environment  # noqa: PLC0415 - starts Node, which the quick tests do without

    from infra.network import NetworkStack  # noqa: PLC0415

    names = tuple(f"eu-central-1{letter}" for letter in "abcdef"[:zones])
    settings = replace(DEV, cidr=f"10.20.0.0/{prefix}", zones=names)
    assert problems_of(settings) == ()
    NetworkStack(App(outdir=str(tmp_path)), settings=settings, env=Environment(region=settings.region))


def test_all_mistakes_are_told_at_once() -> None:
    """Whoever edits settings sees everything that is wrong in one run."""
    wrong = replace(PRODUCTION, zones=("eu-central-1a",), nat_gateways=1, cpu=3, termination_wait=-1)
    with pytest.raises(SettingsError) as told:
        validated(wrong)
    assert [problem.split()[0] for problem in told.value.problems] == ["zones", "cpu", "termination_wait"]
    assert str(told.value).startswith("Settings of stage 'production' in infra/config.py: zones must")


def test_every_setting_is_documented() -> None:
    """Each field of the settings is followed by its meaning."""
    source = ROOT.joinpath("infra/settings.py").read_text(encoding="utf-8")
    for field in fields(StageSettings):
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
    assert (PRODUCTION_PORT, TEST_PORT) == (80, 9000)


@pytest.mark.slow
def test_names_are_known_without_the_cdk() -> None:
    """A release finds every name without `aws_cdk`, which takes seconds and starts Node."""
    code = "import sys, infra.config, infra.settings; print('aws_cdk' in sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
