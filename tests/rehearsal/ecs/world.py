"""A service under the controller ECS with two colours, and an agent that stands in for the region."""

import contextlib
import io
import threading
import urllib.error
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tests.rehearsal.aws.estate import Estate
from tests.rehearsal.planes import until

SPEED: Final = 300.0
"""AWS's minute takes a fifth of a second."""
ENDED: Final = frozenset({"SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"})


@dataclass
class World:
    """An estate with a production and a test rule, both of which lead to blue at first."""

    estate: Estate
    production: str = field(init=False)
    test: str = field(init=False)

    def __post_init__(self) -> None:
        """Create the rules."""
        elbv2 = self.estate.plane.elbv2
        test_listener = elbv2.create_listener(
            LoadBalancerArn=self.estate.balancer,
            Port=9000,
            Protocol="HTTP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.estate.groups["blue"]}],
        )["Listeners"][0]["ListenerArn"]
        self.production, self.test = self._rule(self.estate.listener), self._rule(test_listener)

    def _rule(self, listener: str) -> str:
        weights = {"blue": 100, "green": 0}
        groups: Any = [
            {"TargetGroupArn": self.estate.groups[name], "Weight": weight} for name, weight in weights.items()
        ]
        made = self.estate.plane.elbv2.create_rule(
            ListenerArn=listener,
            Priority=1,
            Conditions=[{"Field": "path-pattern", "Values": ["*"]}],
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
        )
        return made["Rules"][0]["RuleArn"]

    def balancing(self) -> list[Any]:
        """Return what a service with two colours says of its load balancer."""
        advanced = {
            "alternateTargetGroupArn": self.estate.groups["green"],
            "productionListenerRule": self.production,
            "testListenerRule": self.test,
            "roleArn": "arn:aws:iam::123456789012:role/moves-traffic",
        }
        return [self.estate.balancing("blue")[0] | {"advancedConfiguration": advanced}]

    def create(self, strategy: str = "BLUE_GREEN", **configuration: object) -> str:
        """Create the service and return the ARN of its first deployment."""
        balancing = self.estate.balancing("blue") if strategy == "ROLLING" else self.balancing()
        said = {"strategy": strategy, **configuration}
        self.estate.create("ECS", loadBalancers=balancing, deploymentConfiguration=said)
        return str(self.newest()["serviceDeploymentArn"])

    def configure(self, **configuration: object) -> None:
        """Change what the service says of its deployments, which begins none."""
        before = self.estate.service()["deploymentConfiguration"]
        self.update(deploymentConfiguration=before | configuration)

    def update(self, **properties: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever UpdateService takes
        """Update the service."""
        name = self.estate.name
        return self.estate.plane.ecs.update_service(cluster=name, service="service", **properties)["service"]

    def ship(self) -> str:
        """Begin a deployment of a new revision, and return its ARN."""
        self.update(taskDefinition=self.estate.register())
        return str(self.newest()["serviceDeploymentArn"])

    def newest_revision(self) -> str:
        """Return the ARN of the newest revision that was registered."""
        found = self.estate.plane.ecs.describe_task_definition(taskDefinition=self.estate.name)
        return str(found["taskDefinition"]["taskDefinitionArn"])

    def listed(self, **more: Any) -> list[Any]:  # noqa: ANN401
        """Return what ListServiceDeployments says."""
        name = self.estate.name
        found = self.estate.plane.ecs.list_service_deployments(cluster=name, service="service", **more)
        return list(found["serviceDeployments"])

    def newest(self) -> Any:  # noqa: ANN401
        """Return the newest of them."""
        return self.listed()[0]

    def look(self, deployment: str) -> Any:  # noqa: ANN401
        """Return what DescribeServiceDeployments says of one."""
        asked = [deployment]
        found = self.estate.plane.ecs.describe_service_deployments(serviceDeploymentArns=asked)
        return found["serviceDeployments"][0]

    def stop(self, deployment: str, **more: Any) -> None:  # noqa: ANN401
        """Stop one."""
        self.estate.plane.ecs.stop_service_deployment(serviceDeploymentArn=deployment, **more)

    def wait(self, deployment: str, *, within: float = 8.0) -> Any:  # noqa: ANN401
        """Wait for its end, and return what is said of it then."""
        until(lambda: self.look(deployment)["status"] in ENDED, within=within)
        return self.look(deployment)

    def reach(self, deployment: str, stage: str) -> None:
        """Wait until it is in a stage."""
        until(lambda: self.look(deployment).get("lifecycleStage") == stage)

    def weights(self, rule: str = "") -> dict[str, int]:
        """Return where a rule leads, by colour; the production rule by default."""
        colours = {arn: colour for colour, arn in self.estate.groups.items()}
        found = self.estate.plane.elbv2.describe_rules(RuleArns=[rule or self.production])["Rules"][0]
        action: Any = found["Actions"][0]
        return {
            colours[item["TargetGroupArn"]]: item["Weight"]
            for item in action["ForwardConfig"]["TargetGroups"]
        }

    def runs(self) -> dict[str, list[str]]:
        """Return the revisions of the tasks that are not told to end, by colour."""
        colours = {arn: colour for colour, arn in self.estate.groups.items()}
        return {
            colours[fleet["targetGroups"][0]["arn"]]: [fleet["taskDefinition"]] * fleet["count"]
            for fleet in self.estate.fleets()
            if fleet["count"]
        }

    def hook(self, functions: Any, role: str, name: str, answer: str) -> str:  # noqa: ANN401 - a client
        """Create a function that answers this Python expression of its event, and return its ARN."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("hook.py", f"def handle(event, context):\n    return {answer}\n")
        made = functions.create_function(
            FunctionName=f"{self.estate.name}-{name}",
            Runtime="python3.13",
            Role=role,
            Handler="hook.handle",
            Code={"ZipFile": buffer.getvalue()},
            Timeout=5,
        )
        return str(made["FunctionArn"])

    @contextmanager
    def tasks(self, *, fails: Callable[[str], bool] = lambda _revision: False) -> Iterator[None]:
        """Play the region: tasks run and are healthy at once, or fail at once, and end when told to."""
        done = threading.Event()
        thread = threading.Thread(target=self._play, args=(done, fails))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _play(self, done: threading.Event, fails: Callable[[str], bool]) -> None:
        alive: dict[str, list[str]] = {}
        while not done.wait(0.03):
            fleets = {fleet["id"]: fleet for fleet in self.estate.fleets()}
            for fleet in fleets.values():
                with contextlib.suppress(urllib.error.HTTPError):  # it is not wanted any longer
                    self._serve(fleet, alive.setdefault(fleet["id"], []), fails=fails)
            for id_ in alive.keys() - fleets.keys():
                for task in alive.pop(id_):
                    self.estate.report(task, "STOPPED", f"Scaling activity initiated by ({id_})")

    def _serve(self, fleet: Mapping[str, Any], own: list[str], *, fails: Callable[[str], bool]) -> None:
        if fleet["count"] and fails(fleet["taskDefinition"]):
            failed = self.estate.start(fleet["id"])
            self.estate.report(failed, "STOPPED", "Essential container in task exited")
            return
        while len(own) < fleet["count"]:
            own.append(self._started(fleet))
        while len(own) > fleet["count"]:
            self.estate.report(own.pop(), "STOPPED", f"Scaling activity initiated by ({fleet['id']})")

    def _started(self, fleet: Mapping[str, Any]) -> str:
        group = fleet["targetGroups"][0]["arn"]
        colour = next(name for name, arn in self.estate.groups.items() if arn == group)
        return self.estate.run(fleet["id"], colour)
