"""Settings: what a stage may decide, and how mistakes are told."""

import inspect
import math
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.checks import problems_of
from infra.config import STAGES, settings_for, validated
from infra.errors import ContextError, SettingsError
from infra.names import CONTAINER, HTTP_PORT, HTTPS_PORT, PROBES_PREFIX, RELEASE_TAGS, TEST_PORT
from infra.settings import RegistrySettings, StageSettings, Strategy
from tests.infra.variants import changed

ROOT = Path(__file__).parents[2]
FOUR = tuple(f"eu-central-1{letter}" for letter in "abcd")
ONE_PERCENT: dict[str, Any] = {"release.strategy": Strategy.LINEAR, "release.shift_percent": 1}
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
        DEV.name = "other"  # type: ignore[misc]  # the point of the test


def test_stages_do_not_overlap() -> None:
    """Each stage has an address range of its own."""
    assert len({settings.network.cidr for settings in STAGES.values()}) == len(STAGES)


@pytest.mark.parametrize(
    ("settings", "change", "problem"),
    [
        (DEV, {"network.zones": ("eu-central-1a",)}, "zones must name at least two, not ['eu-central-1a']"),
        (DEV, {"network.zones": ("eu-central-1a", "eu-central-1a")}, "zones must name at least two"),
        (DEV, {"network.zones": ("eu-west-1a", "eu-central-1b")}, "zones ['eu-west-1a'] are not in region"),
        (DEV, {"network.cidr": "10.20.0.1/16"}, "['10.20.0.1/16'] are not IPv4 ranges"),
        (DEV, {"network.cidr": "10.20.0.0/24"}, "cidr must be a private range of /16 to /20"),
        (DEV, {"network.cidr": "8.8.0.0/16"}, "cidr must be a private range"),
        (DEV, {"network.cidr": "240.0.0.0/16"}, "cidr must be a private range"),
        (DEV, {"network.cidr": "169.254.0.0/16"}, "cidr must be a private range"),
        (
            DEV,
            {"network.cidr": "10.20.0.0/20", "network.zones": FOUR},
            "10.20.0.0/20 is too small for",
        ),
        (DEV, {"traffic.callers": ()}, "callers must name at least one range"),
        (DEV, {"traffic.callers": ("everyone",)}, "['everyone'] are not IPv4 ranges"),
        (PRODUCTION, {"traffic.callers": ("0.0.0.0/0",)}, "plain HTTP to the public is for dev only"),
        (PRODUCTION, {"traffic.callers": ("10.0.0.0/7",)}, "callers ['10.0.0.0/7'] are public"),
        (PRODUCTION, {"traffic.callers": ("240.0.0.0/4",)}, "callers ['240.0.0.0/4'] are public"),
        (PRODUCTION, {"traffic.internet_facing": True}, "internet_facing must be False"),
        (DEV, {"tasks.cpu": 300}, "cpu must be one of [256, 512, 1024"),
        (DEV, {"tasks.memory": 512}, "memory must be one of [1024, 2048, 3072, 4096] with cpu 512, not 512"),
        (DEV, {"tasks.min_tasks": 0}, "tasks must be 1 <= min <= max, not 0 and 2"),
        (DEV, {"tasks.min_tasks": 3}, "tasks must be 1 <= min <= max, not 3 and 2"),
        (PRODUCTION, {"tasks.min_tasks": 1}, "min_tasks must be at least 2 in production"),
        (DEV, {"tasks.cpu_target": 95}, "cpu_target must be 10 to 90 percent"),
        (DEV, {"tasks.startup_grace": 0}, "startup_grace must be 1 to 3600 seconds"),
        (
            PRODUCTION,
            {"release.strategy": Strategy.BLUE_GREEN},
            "strategy must be canary or linear in production",
        ),
        (PRODUCTION, {"release.shift_percent": 100}, "shift_percent must be 1 to 99"),
        (PRODUCTION, {"release.shift_minutes": 0}, "shift_minutes must be 1 to 60"),
        (PRODUCTION, ONE_PERCENT | {"release.shift_minutes": 30}, "must end within 2880 minutes, not 2970"),
        (DEV, {"release.bake_minutes": 0}, "bake_minutes must be 1 to 2880 minutes"),
        (DEV, {"release.gate_tolerance": 0.0}, "gate_tolerance must be above 0 and finite, not 0.0"),
        (DEV, {"alarms.max_error_percent": 0}, "max_error_percent must be above 0"),
        (DEV, {"alarms.max_balancer_errors": 0}, "max_balancer_errors must be above 0"),
        (DEV, {"operations.log_retention": 31}, "log_retention must be one of [7, 14, 30"),
        (DEV, {"operations.access_log_retention": 0}, "access_log_retention must be at least 1 day"),
    ],
)
def test_each_rule_is_told_in_words(settings: StageSettings, change: dict[str, Any], problem: str) -> None:
    """Every broken rule is named with the value that broke it."""
    (told,) = problems_of(changed(settings, change))
    assert problem in told


FLOATS = [
    f"{group.name}.{field.name}"
    for group in fields(StageSettings)
    if is_dataclass(group.type)
    for field in fields(group.type)
    if field.type is float
]


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
@pytest.mark.parametrize("name", FLOATS)
def test_no_float_is_without_bounds(name: str, value: float) -> None:
    """A tolerance or threshold that nothing can exceed is a mistake: the release would never turn back."""
    (told,) = problems_of(changed(DEV, {name: value}))
    assert told == f"{name.rpartition('.')[2]} must be above 0 and finite, not {value}"


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        (PRODUCTION, ONE_PERCENT | {"release.shift_minutes": 29}),
        (
            PRODUCTION,
            {"release.strategy": Strategy.LINEAR, "release.shift_percent": 50, "release.shift_minutes": 60},
        ),
        (DEV, {"network.cidr": "10.20.0.0/20", "network.zones": FOUR[:3]}),
        (DEV, {"network.cidr": "10.20.0.0/19", "network.zones": FOUR}),
        (DEV, {"network.cidr": "172.31.0.0/16"}),
        (PRODUCTION, {"traffic.callers": ("192.168.0.0/16", "10.1.2.3/32")}),
    ],
)
def test_what_just_fits_is_accepted(settings: StageSettings, change: dict[str, Any]) -> None:
    """The rules refuse nothing that can work."""
    assert problems_of(changed(settings, change)) == ()


@pytest.mark.slow
@pytest.mark.parametrize(("prefix", "zones"), [(20, 3), (19, 4), (19, 6)])
def test_the_cdk_agrees_on_what_fits(tmp_path: Path, prefix: int, zones: int) -> None:
    """The subnets of the most zones that are accepted can be cut from the range."""
    from aws_cdk import App, Environment  # noqa: PLC0415 - starts Node, which the quick tests do without

    from infra.network import NetworkStack  # noqa: PLC0415

    names = tuple(f"eu-central-1{letter}" for letter in "abcdef"[:zones])
    settings = changed(DEV, {"network.cidr": f"10.20.0.0/{prefix}", "network.zones": names})
    assert problems_of(settings) == ()
    NetworkStack(App(outdir=str(tmp_path)), settings=settings, env=Environment(region=settings.region))


def test_all_mistakes_are_told_at_once() -> None:
    """Whoever edits settings sees everything that is wrong in one run."""
    wrong = changed(
        PRODUCTION, {"network.zones": ("eu-central-1a",), "tasks.cpu": 3, "release.bake_minutes": -1}
    )
    with pytest.raises(SettingsError) as told:
        validated(wrong)
    assert [problem.split()[0] for problem in told.value.problems] == ["zones", "cpu", "bake_minutes"]
    assert str(told.value).startswith("Settings of stage 'production' in infra/config.py: zones must")


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
