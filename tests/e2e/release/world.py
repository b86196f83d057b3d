"""A stage that is released to under a load that never stops, and whose calls can be made to hang."""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.request import ProxyHandler, Request, build_opener

import boto3

from infra.settings import StageSettings
from rehearsal import processes
from rehearsal.box import Box
from rehearsal.isolation import ACCOUNT, REGION
from rehearsal.judge.requests import Request as Answered
from rehearsal.judge.requests import Requests
from rehearsal.load import schedule
from rehearsal.load.k6 import Load
from rehearsal.processes import Program
from rehearsal.provision import Stage
from rehearsal.versions import Version
from release.record import CURRENT, RECORDS, Claim, Record

POLL: Final = 0.1
"""Seconds between two looks of a release."""
LEASE: Final = 1.0
"""Seconds without a sign of life before a release's command counts as dead."""
COLOURS: Final = ("blue", "green")
_PATIENCE: Final = 120.0
_LOOK: Final = 0.05

Rule = Mapping[str, object]


@dataclass
class World:
    """Everything that is running; `variant` names the settings that are deployed."""

    stage: Stage
    load: Load
    variant: str
    told: list[str] = field(default_factory=list)
    """What each step came to, for `pytest -rA`."""
    _count: int = 0

    @property
    def box(self) -> Box:
        """The region."""
        return self.stage.box

    @property
    def settings(self) -> StageSettings:
        """The stage's."""
        return self.box.settings

    @property
    def versions(self) -> Sequence[Version]:
        """Every version that may be released."""
        return self.stage.retrained

    def begin(self, verb: str, *arguments: str) -> Program:
        """Start `python -m release` for or to the stage, in a checkout that has its settings."""
        self._count += 1
        command = [sys.executable, "-m", "tests.e2e.release.program", self.variant, verb]
        named = "--to" if verb == "promote" else "--stage"
        command += [named, self.settings.name, "--poll", str(POLL)]
        command += ["--lease", str(LEASE), *arguments]
        name = f"release-{self._count:02d}-{verb}"
        return processes.start(
            name,
            command,
            environment=self.box.environment,
            cwd=self.box.workspace.root,
            log=self.box.workspace.log(name),
        )

    def run(self, verb: str, *arguments: str) -> tuple[int, str]:
        """Run `python -m release` to its end; return its exit code and what it wrote."""
        program = self.begin(verb, *arguments)
        code = program.process.wait(_PATIENCE)
        return code, program.log.read_text(encoding="utf-8")

    def ship(self, version: Version) -> tuple[int, str]:
        """Ship a version."""
        return self.run("ship", "--image", self.box.push(version.image))

    def status(self) -> Mapping[str, Any]:
        """Return what `python -m release status` says."""
        code, said = self.run("status", "--json")
        assert code == 0, said
        found: Mapping[str, Any] = json.loads(said.splitlines()[-1])
        return found

    # What AWS says, asked without the release's code.

    @property
    def claim(self) -> Record | None:
        """The release that runs, or the last one."""
        bucket = self.settings.data_bucket(ACCOUNT)
        try:
            found = self.box.plane.s3.get_object(Bucket=bucket, Key=CURRENT)
        except self.box.plane.s3.exceptions.NoSuchKey:
            return None
        return Claim.from_bytes(found["Body"].read(), where=CURRENT).record

    @property
    def records(self) -> list[Record]:
        """Every record, oldest first."""
        s3, bucket = self.box.plane.s3, self.settings.data_bucket(ACCOUNT)
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=RECORDS).get("Contents", [])
        bodies = [s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed]
        return [Record.from_json(json.loads(body), where=RECORDS) for body in bodies]

    @property
    def deployments(self) -> dict[str, list[str]]:
        """The deployments of CodeDeploy that are no rollbacks, by what they say that they are for."""
        found: dict[str, list[str]] = {}
        codedeploy = self._client("codedeploy", at="_CODEDEPLOY")
        ids = codedeploy.list_deployments().get("deployments", [])
        for one in ids:
            info = codedeploy.get_deployment(deploymentId=one)["deploymentInfo"]
            if info.get("creator") == "user":
                found.setdefault(info.get("description", ""), []).append(one)
        return found

    @property
    def shares(self) -> dict[str, int]:
        """The production listener's weights, by colour."""
        elbv2 = self.box.plane.elbv2
        kind = "listener" if self.settings.release.engine == "codedeploy" else "rule"
        arn = self.box.entry(f"traffic/production-{kind}")
        if kind == "rule":
            actions = elbv2.describe_rules(RuleArns=[arn])["Rules"][0]["Actions"]
        else:
            actions = elbv2.describe_listeners(ListenerArns=[arn])["Listeners"][0]["DefaultActions"]
        groups = {self.box.entry(f"traffic/{colour}"): colour for colour in COLOURS}
        weights = dict.fromkeys(COLOURS, 0)
        for action in actions:
            for group in action.get("ForwardConfig", {}).get("TargetGroups", []) or [
                {"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}
            ]:
                weights[groups[group["TargetGroupArn"]]] += group.get("Weight", 1)
        whole = sum(weights.values())
        return {colour: round(100 * weight / whole) for colour, weight in weights.items()}

    @property
    def live(self) -> str:
        """The colour that has all production traffic; empty when it is split."""
        return next((colour for colour, share in self.shares.items() if share == 100), "")

    @property
    def remembered(self) -> str:
        """The colour that CloudFormation is told."""
        return self.box.entry("live-colour")

    @property
    def digests(self) -> set[str]:
        """The images of all tasks that run and are to run on."""
        ecs, cluster = self.box.plane.ecs, self.settings.prefix
        tasks = ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
        found = ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"] if tasks else []
        return {container["imageDigest"] for task in found for container in task["containers"]}

    @property
    def newest(self) -> str:
        """The image that the newest revision of the task's family names, which a deploy would roll out."""
        found = self.box.plane.ecs.describe_task_definition(taskDefinition=self.settings.prefix)
        (image,) = (one["image"] for one in found["taskDefinition"]["containerDefinitions"])
        return image.partition("@")[2]

    @property
    def model(self) -> str:
        """The version that all tasks run; empty when they run several."""
        known = {version.image.digest: version.model for version in (self.stage.first, *self.versions)}
        digests = self.digests
        return known[digests.pop()] if len(digests) == 1 else ""

    @property
    def next_version(self) -> Version:
        """A version that is not live."""
        return next(version for version in self.versions if version.model != self.model)

    @property
    def held(self) -> list[bool]:
        """Whether the policy of Traffic, and that of Service, keeps deployments out."""
        client = self.box.plane.cloudformation
        names = [self.settings.stack_name(part) for part in ("Traffic", "Service")]
        bodies = [client.get_stack_policy(StackName=name).get("StackPolicyBody") for name in names]
        return ["Deny" in (body or "") for body in bodies]

    def wait_until_steady(self) -> None:
        """Wait until ECS calls the service steady, as CloudFormation does on AWS at the end of a deploy."""
        ecs, cluster = self.box.plane.ecs, self.settings.prefix
        service = self.box.entry("service/name")
        deadline = time.monotonic() + _PATIENCE
        while True:
            found = ecs.describe_services(cluster=cluster, services=[service])["services"][0]
            native = [one.get("rolloutState") == "COMPLETED" for one in found.get("deployments", [])]
            sets = [one["stabilityStatus"] == "STEADY_STATE" for one in found.get("taskSets", [])]
            if (native or sets) and all([*native, *sets]):
                return
            assert time.monotonic() < deadline, found
            time.sleep(4 * _LOOK)

    # Calls that hang, and the load.

    @contextmanager
    def hanging(self, *rules: Rule, at: str = "") -> Iterator[None]:
        """Have calls hang while this lasts; at CodeDeploy, or else at everything else."""
        self.strike(*rules, at=at)
        try:
            yield
        finally:
            self.strike(at=at)

    @contextmanager
    def without_keeper(self) -> Iterator[None]:
        """Have nobody wake the release keeper, which writes the live colour as a release does."""
        events = self._client("events")
        name = self.settings.keeper_function
        rules = [
            rule["Name"]
            for rule in events.list_rules()["Rules"]
            for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            if target["Arn"].endswith(f":function:{name}")
        ]
        assert rules
        for rule in rules:
            events.disable_rule(Name=rule)
        try:
            yield
        finally:
            for rule in rules:
                events.enable_rule(Name=rule)

    def strike(self, *rules: Rule, at: str = "") -> None:
        """Replace the rules of which calls go wrong; every call that hangs goes on."""
        self._faults(at, {"rules": list(rules)})

    def wait_until_stalled(self, program: Program | None, *, at: str = "") -> None:
        """Wait until a call hangs."""
        deadline = time.monotonic() + _PATIENCE
        while not self._faults(at)["stalled"]:
            assert program is None or not program.has_ended, program.log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, program.tail() if program else "nothing hangs"
            time.sleep(_LOOK)

    def lost(self, since: float, *, allowed: Sequence[str] = ()) -> list[Answered]:
        """Return every request since a point in time that failed or that no allowed version answered.

        Args:
            since: Unix time.
            allowed: Model versions; by default any that there is.
        """
        chosen = self.requests(since)
        return [one for one in chosen if one.lost or (allowed and one.version not in allowed)]

    def requests(self, since: float) -> Sequence[Answered]:
        """Return what was due from a point in time until now, once all of that has ended."""
        until, deadline = time.time(), time.monotonic() + _PATIENCE
        while not schedule.complete(self._lines(), end=until):
            assert time.monotonic() < deadline, "the load has stopped"
            assert not self.load.program.has_ended, self.load.program.tail()
            time.sleep(4 * _LOOK)
        return Requests.read(self.load.lines).between(since, until)

    def _lines(self) -> list[dict[str, Any]]:
        *lines, _ = self.load.lines.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines]

    def _client(self, service: str, *, at: str = "") -> Any:  # noqa: ANN401 - boto3's
        untyped: Any = boto3.client
        return untyped(
            service,
            region_name=REGION,
            endpoint_url=self.box.environment[f"AWS_ENDPOINT_URL{at}"],
            aws_access_key_id="rehearsal",
            aws_secret_access_key="rehearsal",  # noqa: S106 - invented
        )

    def _faults(self, at: str, document: object = None) -> Mapping[str, Any]:
        name = f"AWS_ENDPOINT_URL{at and '_' + at}"
        body = None if document is None else json.dumps(document).encode()
        request = Request(  # noqa: S310 - the address is our own
            f"{self.box.environment[name]}/rehearsal/faults",
            data=body,
            method="GET" if body is None else "PUT",
            headers={"Content-Type": "application/json"},
        )
        with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
            found: Mapping[str, Any] = json.load(answer)
            return found


def root() -> Path:
    """Return the repository."""
    return Path(__file__).resolve().parents[3]
