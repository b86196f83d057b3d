"""Whole settings, drawn: such as can work, and such as nobody would write."""

import math
from ipaddress import IPv4Network
from typing import Any, Final

from hypothesis import strategies as st

from infra.checks.operations import RETENTION
from infra.checks.release import STRATEGIES
from infra.checks.stage import partition
from infra.checks.tasks import FARGATE_MEMORY, TASKS_PER_ZONE, cold_start
from infra.settings import (
    AlarmSettings,
    Architecture,
    Egress,
    Engine,
    HostedZone,
    NetworkSettings,
    OperationsSettings,
    ReleaseSettings,
    Severity,
    StageSettings,
    Strategy,
    TaskSettings,
    TlsPolicy,
    TrafficSettings,
)
from infra.settings.plan import zones_that_fit

REGIONS: Final = ("eu-central-1", "us-east-1", "us-gov-west-1", "cn-north-1", "ap-southeast-2")
ACCOUNTS: Final = st.from_regex(r"[0-9]{12}", fullmatch=True)
LABELS: Final = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
OTHERS: Final = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,3})?", fullmatch=True)
NAMES: Final = st.sampled_from(("dev", "production", "production")) | OTHERS.filter(
    lambda name: name != "all"
)


def stages() -> st.SearchStrategy[StageSettings]:
    """Draw settings that can work; many of them protected."""
    return _stages()


@st.composite
def _stages(draw: st.DrawFn) -> StageSettings:
    name, region = draw(NAMES), draw(st.sampled_from(REGIONS))
    protected = name == "production" or draw(st.booleans())
    account = draw(st.none() | ACCOUNTS)
    network = draw(_networks(region, protected=protected))
    return StageSettings(
        name=name,
        region=region,
        account=account,
        protected=protected,
        github_provider=draw(st.booleans()),
        network=network,
        traffic=draw(_traffic(name, region, account, protected=protected)),
        tasks=draw(_tasks(len(network.zones), protected=protected)),
        release=draw(_releases(protected=protected)),
        alarms=draw(_alarms(protected=protected)),
        operations=draw(_operations(region, protected=protected)),
    )


@st.composite
def _networks(draw: st.DrawFn, region: str, *, protected: bool) -> NetworkSettings:
    letters = draw(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=6, unique=True))
    fitting = [size for size in range(16, 21) if zones_that_fit(IPv4Network((0, size))) >= len(letters)]
    prefix = draw(st.sampled_from(fitting))
    start = draw(st.integers(0, 2 ** (prefix - 12) - 1)) << (32 - prefix)
    return NetworkSettings(
        cidr=str(IPv4Network((int(IPv4Network("172.16.0.0/12").network_address) + start, prefix))),
        zones=tuple(f"{region}{letter}" for letter in letters),
        egress=draw(st.sampled_from([e for e in Egress if not (protected and e is Egress.ONE_NAT)])),
    )


@st.composite
def _traffic(
    draw: st.DrawFn, name: str, region: str, account: str | None, *, protected: bool
) -> TrafficSettings:
    owner = account or draw(ACCOUNTS)
    arn = f"arn:{partition(region)}:acm:{region}:{owner}:certificate/{draw(LABELS)}"
    zone = HostedZone(
        id=draw(st.from_regex(r"Z[A-Z0-9]{1,20}", fullmatch=True)), name=f"{draw(LABELS)}.example"
    )
    certificate = draw(st.none() | st.just(arn))
    hosted = draw(st.none() | st.just(zone))
    domain = draw(st.sampled_from([zone.name, f"{draw(LABELS)}.{zone.name}"]))
    https = certificate is not None or hosted is not None
    public = (https or (name == "dev" and not protected)) and draw(st.booleans())
    ranges = st.ip_addresses(v=4).map(lambda address: f"{address}/32") if public else st.nothing()
    private = st.integers(8, 32).map(lambda prefix: f"10.0.0.0/{prefix}")
    return TrafficSettings(
        internet_facing=public,
        callers=tuple(draw(st.lists(private | ranges, min_size=1, max_size=4))),
        certificate=certificate,
        domain=domain if hosted or (certificate and draw(st.booleans())) else None,
        hosted_zone=hosted,
        tls_policy=draw(st.sampled_from(TlsPolicy)),
        rate_limit=draw(st.integers(10, 2_000_000_000)),
        deletion_protection=protected or draw(st.booleans()),
    )


@st.composite
def _tasks(draw: st.DrawFn, zones: int, *, protected: bool) -> TaskSettings:
    cpu = draw(st.sampled_from(sorted(FARGATE_MEMORY)))
    low = draw(st.integers(zones if protected else 1, TASKS_PER_ZONE * zones))
    return TaskSettings(
        cpu=cpu,
        memory=draw(st.sampled_from(FARGATE_MEMORY[cpu])),
        architecture=draw(st.sampled_from(Architecture)),
        spot=not protected and draw(st.booleans()),
        min_tasks=low,
        max_tasks=draw(st.integers(low, TASKS_PER_ZONE * zones)),
        cpu_target=draw(st.integers(10, 90)),
        requests_target=draw(st.integers(1, 10**6)),
        startup_grace=draw(st.integers(cold_start(cpu), 3600)),
    )


@st.composite
def _releases(draw: st.DrawFn, *, protected: bool) -> ReleaseSettings:
    engine = draw(st.sampled_from(Engine))
    unsafe = {Strategy.ALL_AT_ONCE, Strategy.ROLLING} if protected else set()
    ecs = engine is Engine.ECS
    return ReleaseSettings(
        engine=engine,
        strategy=draw(st.sampled_from([known for known in STRATEGIES[engine] if known not in unsafe])),
        shift_percent=draw(st.integers(4, 99)),
        shift_minutes=draw(st.integers(1, 55)),
        bake_minutes=draw(st.integers(1, 600 if ecs else 2880)),
        gate_tolerance=draw(st.floats(0, exclude_min=True, allow_infinity=False)),
        max_severity=draw(st.sampled_from(list(Severity)[: -1 if protected else None])),
    )


@st.composite
def _alarms(draw: st.DrawFn, *, protected: bool) -> AlarmSettings:
    return AlarmSettings(
        enabled=protected or draw(st.booleans()),
        max_error_percent=draw(st.floats(0, 10 if protected else 99.9, exclude_min=True)),
        min_requests=draw(st.integers(1, 1000 if protected else 10**9)),
        min_errors=draw(st.integers(1, 100 if protected else 10**9)),
        max_latency=draw(st.floats(0, 10 if protected else 19.9, exclude_min=True)),
        max_balancer_errors=draw(st.integers(1, 100 if protected else 10**9)),
    )


@st.composite
def _operations(draw: st.DrawFn, region: str, *, protected: bool) -> OperationsSettings:
    mail = st.builds("{}@{}.example".format, st.from_regex(r"[a-z0-9.+-]{1,30}", fullmatch=True), LABELS)
    return OperationsSettings(
        log_retention=draw(st.sampled_from([days for days in RETENTION if days >= 90 or not protected])),
        access_log_retention=draw(st.integers(1, 36500)),
        notify=draw(st.none() | mail),
        monthly_budget=draw(st.none() | (st.nothing() if "gov" in region else st.integers(1, 10**9))),
    )


TEXTS: Final = st.text() | st.sampled_from(
    (
        "",
        "all",
        "production",
        "dev",
        "\n",
        "\ud800",
        "a" * 5000,
        "\u2028",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "١٢٣",
        "NaN",
    )
)
WHOLE: Final = st.integers() | st.sampled_from((0, 1, 512, 1024, -(10**5000), 10**5000))
NUMBERS: Final = st.floats() | WHOLE | st.sampled_from((math.nan, math.inf, -math.inf, -0.0))
ANYTHING: Final = st.none() | st.booleans() | TEXTS | NUMBERS | st.tuples(st.none() | TEXTS) | st.just(object)


def _junk(group: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw a group of settings of the right types, now and then with a value of no type at all."""
    sometimes = {name: st.one_of(values, values, values, ANYTHING) for name, values in fields.items()}
    return st.builds(group, **sometimes)


def junk() -> st.SearchStrategy[StageSettings]:
    """Draw settings with whatever values."""
    ranges = st.lists(TEXTS, max_size=8).map(tuple)
    flags, whole, numbers, texts = st.booleans(), WHOLE, NUMBERS, TEXTS
    zone = st.none() | st.builds(HostedZone, id=texts | ANYTHING, name=texts | ANYTHING)
    return _junk(
        StageSettings,
        name=texts,
        account=st.none() | texts | ACCOUNTS,
        region=texts | st.sampled_from(REGIONS),
        protected=flags,
        github_provider=flags,
        network=_junk(NetworkSettings, cidr=texts, zones=ranges, egress=st.sampled_from(Egress)),
        traffic=_junk(
            TrafficSettings,
            internet_facing=flags,
            callers=ranges,
            certificate=st.none() | texts,
            domain=st.none() | texts,
            hosted_zone=zone,
            tls_policy=st.sampled_from(TlsPolicy),
            rate_limit=whole,
            deletion_protection=flags,
        ),
        tasks=_junk(
            TaskSettings,
            cpu=whole,
            memory=whole,
            architecture=st.sampled_from(Architecture),
            spot=flags,
            min_tasks=whole,
            max_tasks=whole,
            cpu_target=whole,
            requests_target=whole,
            startup_grace=whole,
        ),
        release=_junk(
            ReleaseSettings,
            engine=st.sampled_from(Engine),
            strategy=st.sampled_from(Strategy),
            shift_percent=whole,
            shift_minutes=whole,
            bake_minutes=whole,
            gate_tolerance=numbers,
            max_severity=st.sampled_from(Severity),
        ),
        alarms=_junk(
            AlarmSettings,
            enabled=flags,
            max_error_percent=numbers,
            min_requests=whole,
            min_errors=whole,
            max_latency=numbers,
            max_balancer_errors=whole,
        ),
        operations=_junk(
            OperationsSettings,
            log_retention=whole,
            access_log_retention=whole,
            notify=st.none() | texts,
            monthly_budget=st.none() | whole,
        ),
    )
