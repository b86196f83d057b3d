"""Mistakes that can be made in settings that work, each with the one clause that tells it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.checks.operations import RETENTION
from infra.checks.tasks import FARGATE_MEMORY, cold_start
from infra.settings import Egress, Engine, HostedZone, Severity, StageSettings, Strategy
from infra.settings.plan import MOST_ZONES


@dataclass(frozen=True, slots=True)
class Fault:
    """One field with a bad value."""

    path: str
    """The field, such as `tasks.cpu`."""
    value: Any
    """The bad value."""
    clause: str
    """What is told, the field excepted."""
    touches: frozenset[str]
    """What may not be changed beside it: fields that decide whether, or in which words, it is told."""

    @property
    def told(self) -> str:
        """Return the whole clause."""
        return f"{self.path} {self.clause}"


def fault(path: str, value: object, clause: str, *also: str) -> Fault:
    """Return a fault that touches its own field, and others."""
    return Fault(path, value, clause, frozenset((path, *also)))


def faults(settings: StageSettings) -> tuple[Fault, ...]:
    """Return the mistakes that can be made in these settings, in the order in which they are told."""
    return (
        *_kinds(),
        *_stage(settings),
        *_network(settings),
        *_traffic(settings),
        *_tasks(settings),
        *_release(settings),
        *_thresholds(),
        *(_protected(settings) if settings.protected else ()),
    )


def _kinds() -> Iterator[Fault]:
    yield fault("protected", 1, "must be True or False, not 1")
    yield fault("github_provider", None, "must be True or False, not None")
    egress = "Egress.NAT_PER_ZONE, Egress.ONE_NAT, Egress.ENDPOINTS"
    yield fault("network.egress", "nat", f"must be one of {egress}, not 'nat'")
    yield fault("traffic.rate_limit", 10.5, "must be a whole number, not 10.5")
    yield fault("traffic.deletion_protection", 1, "must be True or False, not 1")
    yield fault(
        "tasks.architecture", "arm", "must be one of Architecture.X86_64, Architecture.ARM64, not 'arm'"
    )
    yield fault("tasks.spot", "no", "must be True or False, not 'no'")
    yield fault("alarms.enabled", None, "must be True or False, not None")
    yield fault("alarms.max_latency", "2 s", "must be a number, not '2 s'")
    yield fault("alarms.max_balancer_errors", True, "must be a whole number, not True")  # noqa: FBT003
    yield fault("operations.notify", 5, "must be a text or None, not 5")


def _stage(settings: StageSettings) -> Iterator[Fault]:
    others = ("protected", "traffic.internet_facing", "region", "network.zones")
    if settings.traffic.https or not settings.traffic.internet_facing:
        form = "lower-case letters, digits and single hyphens"
        yield fault("name", "all", "must not be 'all', which stands for every stage", *others)
        yield fault("name", "Dev 1", f"must be {form}, such as 'dev', not 'Dev 1'", *others)
        long = "abcdefghijklmnopqrst"
        bucket = f"switchyard-{long}-traffic-logs-000000000000-{settings.region}"
        words = f"must be {len(bucket) - 63} characters shorter, or AWS refuses names such as '{bucket}'"
        yield fault("name", long, words, *others)
    yield fault("account", "12\n", "must be twelve digits, not '12\\n'", "traffic.certificate")
    place = ("network.zones", "traffic.certificate", "name")
    yield fault(
        "region", "Frankfurt", "must be an AWS region such as 'eu-central-1', not 'Frankfurt'", *place
    )


def _network(settings: StageSettings) -> Iterator[Fault]:
    cidr, zones, region = "network.cidr", "network.zones", settings.region
    yield fault(cidr, "10.0.0.0/33", "must be an IPv4 range such as '10.20.0.0/16', not '10.0.0.0/33'")
    yield fault(cidr, "8.8.0.0/16", "must be a private range of /16 to /20, not '8.8.0.0/16'")
    if len(settings.network.zones) > 3:
        words = (
            f"must hold the subnets of {len(settings.network.zones)} zones, and '10.0.0.0/20' is too small"
        )
        yield fault(cidr, "10.0.0.0/20", words, zones)
    yield fault(zones, (), "must name 2 to 6 zones, not []", "tasks.min_tasks", "region")
    moon = [f"moon-1{letter}" for letter in "abcdef"[: len(settings.network.zones)]]
    words = f"must name zones of {region}, such as '{region}a', not {moon}"
    yield fault(zones, tuple(moon), words, "region", "tasks.min_tasks")


def _traffic(settings: StageSettings) -> Iterator[Fault]:
    listener = ("traffic.certificate", "traffic.domain", "traffic.hosted_zone", "traffic.internet_facing")
    nobody = "must name at least one range, or nobody can ask for a prediction"
    yield fault("traffic.callers", (), nobody, "traffic.internet_facing")
    ranges = "must be IPv4 ranges such as '10.0.0.0/8', not ['everyone']"
    yield fault("traffic.callers", ("everyone",), ranges, "traffic.internet_facing")
    if not settings.traffic.internet_facing:
        words = "must be private ranges unless internet_facing is True, not ['8.8.8.8/32']"
        yield fault("traffic.callers", ("8.8.8.8/32",), words, "traffic.internet_facing")
    if not settings.traffic.https and settings.name != "dev" and not settings.protected:
        plain = "must be False without HTTPS: give a certificate, or a domain and its hosted_zone"
        yield fault("traffic.internet_facing", True, plain, "name", "protected", *listener)  # noqa: FBT003
    partition = {"us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn"}.get(settings.region, "aws")
    arn = f"arn:{partition}:acm:{settings.region}:{settings.account or 'ACCOUNT'}:certificate/ID"
    words = f"must be the ARN of an ACM certificate, {arn}, not 'arn'"
    yield fault("traffic.certificate", "arn", words, "account", "region", *listener)
    if settings.traffic.https:
        words = "must be a DNS name such as 'yield.example.org', not 'local'"
        yield fault("traffic.domain", "local", words, *listener)
    else:
        words = "must come with a certificate, or with the hosted_zone in which one can be validated"
        yield fault("traffic.domain", "yield.example", words, *listener)
    zone, domain = settings.traffic.hosted_zone, settings.traffic.domain
    if zone and not settings.traffic.certificate:
        words = "must have at most 64 characters, or ACM issues no certificate for it"
        yield fault("traffic.domain", f"{'a' * 63}.{zone.name}", words, *listener)
    form = "HostedZone(id='Z0123456789ABC', name='example.org')"
    words = f"must be like {form}, not HostedZone(id='', name='')"
    yield fault("traffic.hosted_zone", HostedZone(id="", name=""), words, *listener)
    words = "must come with the domain that is entered in it"
    if domain:
        words = f"must hold the domain '{domain}', and 'other.test' does not"
    yield fault("traffic.hosted_zone", HostedZone(id="Z1", name="other.test"), words, *listener)
    yield fault("traffic.rate_limit", 9, "must be 10 to 2000000000 requests, not 9")


def _tasks(settings: StageSettings) -> Iterator[Fault]:
    cpu, low = settings.tasks.cpu, settings.tasks.min_tasks
    size = ("tasks.memory", "tasks.startup_grace")
    sold = ", ".join(map(str, FARGATE_MEMORY))
    yield fault("tasks.cpu", 0, f"must be one of [{sold}] units, not 0", *size)
    few = {256: "one of [512, 1024, 2048]", 512: "one of [1024, 2048, 3072, 4096]"}
    if cpu in few:
        yield fault("tasks.memory", -1, f"must be {few[cpu]} MiB with cpu {cpu}, not -1", "tasks.cpu")
    yield fault("tasks.min_tasks", 0, "must be 1 to 3000 tasks, not 0", "tasks.max_tasks", "network.zones")
    words = f"must be {low} to 3000 tasks, no fewer than min_tasks, not 0"
    yield fault("tasks.max_tasks", 0, words, "tasks.min_tasks")
    zones = len(settings.network.zones)
    if zones < MOST_ZONES:
        words = (
            f"must be at most {500 * zones} with {zones} zones, for the addresses of both colours, not 3000"
        )
        yield fault("tasks.max_tasks", 3000, words, "tasks.min_tasks", "network.zones")
    yield fault("tasks.cpu_target", 91, "must be 10 to 90 percent, not 91")
    yield fault("tasks.requests_target", 0, "must be 1 to 100000000 requests, not 0")
    least = cold_start(cpu)
    words = f"must be {least} to 3600 seconds{f' with cpu {cpu}' if least > 1 else ''}, not 0"
    yield fault("tasks.startup_grace", 0, words, "tasks.cpu")


def _release(settings: StageSettings) -> Iterator[Fault]:
    engine, numbers = settings.release.engine, ("shift_percent", "shift_minutes", "bake_minutes")
    all_of_it = tuple(f"release.{name}" for name in numbers)
    ecs = engine is Engine.ECS
    if not settings.protected:
        known = "rolling, blue-green, canary, linear" if ecs else "all-at-once, blue-green, canary, linear"
        wrong = Strategy.ALL_AT_ONCE if ecs else Strategy.ROLLING
        words = f"must be one of {known} with engine {engine}, not {wrong}"
        yield fault("release.strategy", wrong, words, "protected", *all_of_it)
    least = 3 if ecs and settings.release.strategy is Strategy.LINEAR else 1
    words = f"must be {least} to 99 percent, not 100"
    yield fault("release.shift_percent", 100, words, "release.strategy")
    longest = 1440 if ecs else 60
    words = f"must be 1 to {longest} minutes with engine {engine}, not -1"
    yield fault("release.shift_minutes", -1, words, "release.strategy")
    longest = 1440 if ecs else 2880
    words = f"must be 1 to {longest} minutes with engine {engine}, not 2881"
    yield fault("release.bake_minutes", 2881, words, "release.strategy")
    steps = math.ceil(100 / settings.release.shift_percent) - 1
    if ecs and settings.release.strategy is Strategy.LINEAR and steps > 1:
        whole = steps * 1440 + settings.release.bake_minutes
        words = f"must be fewer: shift and bake must end within 1980 minutes, not {whole}"
        yield fault("release.shift_minutes", 1440, words, "release.strategy", *all_of_it)
    for value in (math.nan, math.inf, 0, -1.0):
        yield fault("release.gate_tolerance", value, f"must be above 0 and finite, not {value}")


def _thresholds() -> Iterator[Fault]:
    for value in (math.nan, 100, -math.inf):
        words = f"must be above 0 and below 100 percent, not {value}"
        yield fault("alarms.max_error_percent", value, words)
    yield fault("alarms.min_requests", 0, "must be 1 to 1000000000 requests, not 0")
    yield fault("alarms.min_errors", 0, "must be 1 to 1000000000 responses, not 0")
    words = "must be above 0 and below 20 seconds, the request timeout, not inf"
    yield fault("alarms.max_latency", math.inf, words)
    yield fault("alarms.max_balancer_errors", 0, "must be 1 to 1000000000 responses, not 0")
    days = ", ".join(map(str, RETENTION))
    yield fault("operations.log_retention", 4000, f"must be one of {days} days, not 4000")
    yield fault("operations.access_log_retention", 0, "must be 1 to 36500 days, not 0")
    words = "must be an e-mail address such as 'team@example.org', not ''"
    yield fault("operations.notify", "", words)
    yield fault("operations.monthly_budget", -1, "must be 1 to 1000000000 US dollars, not -1")


def _protected(settings: StageSettings) -> Iterator[Fault]:
    """Yield what only a protected stage refuses; the reasons are compared in `test_protected`."""
    refused: list[tuple[str, object, str]] = [
        ("traffic.deletion_protection", False, "False"),
        ("network.egress", Egress.ONE_NAT, "one-nat"),
        ("tasks.spot", True, "True"),
        ("tasks.min_tasks", 1, "1"),
        ("alarms.enabled", False, "False"),
        ("alarms.max_error_percent", 99.9, "above 10"),
        ("alarms.min_requests", 10**9, "above 1000"),
        ("alarms.min_errors", 10**9, "above 100"),
        ("alarms.max_latency", 19.9, "above 10"),
        ("alarms.max_balancer_errors", 10**9, "above 100"),
        ("operations.log_retention", 60, "below 90"),
    ]
    if not settings.traffic.https:
        refused.insert(0, ("traffic.internet_facing", True, "True without HTTPS"))
    unsafe = Strategy.ROLLING if settings.release.engine is Engine.ECS else Strategy.ALL_AT_ONCE
    refused.insert(-7, ("release.strategy", unsafe, unsafe.value))
    refused.insert(-7, ("release.max_severity", Severity.CRITICAL, "critical"))
    decided = ("traffic.certificate", "traffic.hosted_zone", "traffic.domain", "traffic.callers")
    zones = len(settings.network.zones)
    if zones > 2:
        refused.insert(4, ("tasks.min_tasks", 2, "below the number of zones"))
    more = {
        "traffic.internet_facing": decided,
        "tasks.min_tasks": ("tasks.max_tasks", "network.zones"),
        "release.strategy": ("release.shift_percent", "release.shift_minutes", "release.bake_minutes"),
    }
    for path, value, words in refused:
        yield fault(
            path, value, f"must not be {words} on a protected stage", "protected", *more.get(path, ())
        )
