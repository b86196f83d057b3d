"""The CDK app: which stacks there are, and what each may know of the others."""

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from aws_cdk import Annotations, App, Environment, Stack, Validations
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from infra.access.stack import AccessStack
from infra.colour_memory import ColourStack
from infra.config import REGISTRY, STAGES, chosen_stages
from infra.data import DataStack
from infra.errors import ContextError
from infra.network.stack import NetworkStack
from infra.operations.stack import OperationsStack
from infra.registry.stack import RegistryStack, is_elsewhere
from infra.service.stack import ServiceStack
from infra.settings import RegistrySettings, StageSettings
from infra.traffic.stack import TrafficStack

CDK_JSON: Final = Path(__file__).parent.parent / "cdk.json"
"""Holds the feature flags; read here as well, so that a test's app and the CLI's are the same app."""


def build_app(
    *,
    context: Mapping[str, object] | None = None,
    outdir: Path | None = None,
    stages: Mapping[str, StageSettings] = STAGES,
    registry: RegistrySettings = REGISTRY,
) -> App:
    """Return the app of one stage, or of all, ready for `synth()`.

    Args:
        context: `stage` (default `dev`; `all` for every stage) and `image` (the literal digest `sha256:` +
            64 hex digits), as `--context` gives them; the CLI's own values win.
        outdir: folder for the templates; by default the one that the CLI names.
        stages: the stages there are, by name.
        registry: what they share.

    Raises:
        ContextError: a context value means nothing.
        SettingsError: a stage's settings cannot work.
    """
    flags = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    app = App(
        analytics_reporting=False,
        context={**flags, **(context or {})},
        outdir=str(outdir) if outdir else None,
    )
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))
    chosen, image = chosen_stages(_stage(app), stages, registry), _image(app)
    _answer_lookups(app, chosen)
    shared = RegistryStack(
        app,
        registry=registry,
        elsewhere=[stage for stage in stages.values() if is_elsewhere(stage, registry)],
        env=Environment(account=registry.account, region=registry.region),
    )
    for settings in chosen:
        _build_stage(app, settings, shared, registry, image)
    return app


def _answer_lookups(app: App, stages: Sequence[StageSettings]) -> None:
    """Say which zones there are: in a known account the CDK looks them up, though the VPC names its own."""
    zones: dict[str, set[str]] = {}
    for settings in stages:
        if settings.account:
            key = f"availability-zones:account={settings.account}:region={settings.region}"
            zones.setdefault(key, set()).update(settings.network.zones)
    for key, known in zones.items():
        app.node.set_context(key, sorted(known))


def _build_stage(
    app: App, settings: StageSettings, shared: RegistryStack, registry: RegistrySettings, image: str | None
) -> None:
    """Build a stage's stacks in the order of their lifetimes, longest first; each may use those before it."""
    environment = Environment(account=settings.account, region=settings.region)
    access = (
        [AccessStack(app, settings=settings, registry=registry, env=environment)] if registry.github else []
    )
    stacks: list[Stack] = [
        shared,
        DataStack(app, settings=settings, env=environment),
        ColourStack(app, settings=settings, env=environment),
        *access,
        NetworkStack(app, settings=settings, env=environment),
        TrafficStack(app, settings=settings, env=environment),
    ]
    if image is None:
        _ask_for_image(stacks[-1])
    else:
        service = ServiceStack(app, settings=settings, registry=registry, env=environment, image=image)
        alarms = service.alarms.names
        operations = OperationsStack(
            app, settings=settings, env=environment, alarm_names=alarms, registry=registry
        )
        stacks += [service, operations]
    for earlier, later in itertools.pairwise(stacks):
        later.add_stack_dependency(earlier)


def _ask_for_image(stack: Stack) -> None:
    Annotations.of(stack).add_info_v2(
        "switchyard:noImage",
        "The Service and Operations stacks are left out: they need an image. "
        "Push one to the registry and repeat with --context image=sha256:<its digest>.",
    )


def _stage(app: App) -> str:
    stage = cast("object", app.node.try_get_context("stage"))
    return "dev" if stage is None else str(stage)


def _image(app: App) -> str | None:
    """Return the digest to start with; a tag is refused, because a tag can be moved."""
    image = cast("object", app.node.try_get_context("image"))
    if image is None:
        return None
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", str(image)):
        raise ContextError(
            f"The image {str(image)!r} is not a digest: give --context image=sha256:<64 hex digits>."
        )
    return str(image)
