"""Rules for the registry, and for the stages beside one another."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from infra.checks.addresses import network
from infra.checks.kinds import unreadable
from infra.checks.release import LONGEST_SESSION, minutes_of, sound
from infra.checks.rules import Rule, broken, rule, shown
from infra.checks.stage import is_account, is_region
from infra.settings import Egress, RegistrySettings, StageSettings

REPOSITORY: Final = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?(?P<numbered>@[0-9]+)?"
    r"/(?!\.{1,2}(\Z|@))[A-Za-z0-9._-]{1,100}(?(numbered)@[0-9]+)"
)
"""An owner of at most 39 characters and a repository of at most 100, as GitHub allows them; both with their
numbers or neither."""


@rule("registry.account")
def account(registry: RegistrySettings) -> str | None:
    """Twelve digits, or none."""
    if registry.account is None or is_account(registry.account):
        return None
    return f"must be twelve digits, not {shown(registry.account)}"


@rule("registry.region")
def region(registry: RegistrySettings) -> str | None:
    """Written as AWS writes it, such as `eu-central-1`."""
    if is_region(registry.region):
        return None
    return f"must be an AWS region such as 'eu-central-1', not {shown(registry.region)}"


@rule("registry.github")
def github(registry: RegistrySettings) -> str | None:
    """`owner/name`, or `owner@1234/name@5678`."""
    if registry.github is None or REPOSITORY.fullmatch(registry.github):
        return None
    return f"must be a GitHub repository 'owner/name' or 'owner@1234/name@5678', not {shown(registry.github)}"


RULES: Final[tuple[Rule[RegistrySettings], ...]] = (account, region, github)


def problems(registry: RegistrySettings, stages: tuple[StageSettings, ...]) -> tuple[str, ...]:
    """Return one clause for each thing that is wrong; stages with unreadable fields are left out."""
    strangers = unreadable(registry, "registry.")
    own = (*strangers.values(), *broken(RULES, registry, frozenset(strangers)))
    if strangers:
        return own
    readable = tuple(stage for stage in stages if not unreadable(stage))
    return (
        *own,
        *_names(readable),
        *_addresses(readable),
        *_accounts(registry, readable),
        *_providers(registry, readable),
        *_endpoints(registry, readable),
        *_sessions(registry, readable),
    )


def _names(stages: tuple[StageSettings, ...]) -> Iterator[str]:
    """Yield names that share a prefix: permissions are given for `switchyard-<stage>-*`."""
    names = [stage.name for stage in stages]
    for name, count in Counter(names).items():
        if count > 1:
            yield f"name {shown(name)} belongs to {count} stages, and each needs its own"
    for longer in dict.fromkeys(names):
        if longest := next((name for name in names if longer.startswith(f"{name}-")), None):
            yield f"name {shown(longer)} begins like stage {shown(longest)}, whose permissions would reach it"


def _addresses(stages: tuple[StageSettings, ...]) -> Iterator[str]:
    """Yield ranges that overlap: no network could be peered with both stages, nor one with the other."""
    for first, second in combinations(stages, 2):
        one, other = network(first.network.cidr), network(second.network.cidr)
        if one and other and one.overlaps(other):
            yield (
                f"network.cidr of stage {shown(second.name)} must not overlap with {shown(str(one))} "
                f"of stage {shown(first.name)}, or nothing can be peered with both"
            )


def _accounts(registry: RegistrySettings, stages: tuple[StageSettings, ...]) -> Iterator[str]:
    """Yield whoever leaves the account to the credentials while somebody else does not."""
    accounts = {"registry": registry.account} | {
        f"stage {shown(stage.name)}": stage.account for stage in stages
    }
    silent = [who for who, account in accounts.items() if account is None]
    if silent and len(silent) < len(accounts):
        yield f"account must be given for all or for none, and is missing for {', '.join(silent)}"


def _providers(registry: RegistrySettings, stages: tuple[StageSettings, ...]) -> Iterator[str]:
    """Yield identity providers that are brought twice: an account holds one for GitHub."""
    bringing = [stage for stage in stages if stage.github_provider]
    if registry.github is None:
        for stage in bringing:
            yield f"github_provider of stage {shown(stage.name)} must be False: registry.github names nobody"
        return
    for stage in bringing:
        if stage.account == registry.account:
            yield f"github_provider of stage {shown(stage.name)} must be False: the registry brings it"
    foreign = Counter(stage.account for stage in bringing if stage.account != registry.account)
    for account_, count in foreign.items():
        if count > 1:
            yield f"github_provider must be True for one stage of account {shown(account_)}, not for {count}"


def _endpoints(registry: RegistrySettings, stages: tuple[StageSettings, ...]) -> Iterator[str]:
    """Yield stages that cannot reach the images: endpoints lead to the services of their own region only."""
    for stage in stages:
        if stage.network.egress is Egress.ENDPOINTS and stage.region != registry.region:
            where = f"{shown(registry.region)}, where the images are"
            yield f"region of stage {shown(stage.name)} must be {where}: endpoints lead to no other"


def _sessions(registry: RegistrySettings, stages: tuple[StageSettings, ...]) -> Iterator[str]:
    """Yield stages whose releases outlast the longest session of the workflow that releases them."""
    if registry.github is None:
        return
    for stage in stages:
        if sound(stage.release) and (minutes := minutes_of(stage.release)) > LONGEST_SESSION:
            yield (
                f"release of stage {shown(stage.name)} must end within {LONGEST_SESSION} minutes, "
                f"not {minutes}: a workflow of GitHub's has no longer session"
            )
