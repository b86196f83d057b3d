"""The listeners as a deployment moves them; writing the same twice changes nothing.

The unused target group stays behind the production listener with weight 0: people were told so by AWS when
CodeDeploy began to do it, and quote it with the weights that DescribeListeners showed ("TG2: 100, TG1: 0").
Where the test listener leads after a deployment is documented nowhere: it stays on the replacement.
"""

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.codedeploy.clients import Clients
from rehearsal.codedeploy.scene import Scene
from rehearsal.codedeploy.state import Side

_ALL: Final = 100


class Listeners:
    """Reads and writes the default actions of listeners."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def groups_behind(self, listener: str) -> set[str]:
        """Return the target groups that a listener forwards to, whatever their weights."""
        action = self._forward(listener)
        weighted = action.get("ForwardConfig", {}).get("TargetGroups", [])
        return {action.get("TargetGroupArn", ""), *(group["TargetGroupArn"] for group in weighted)} - {""}

    def move(self, scene: Scene, percent: int) -> None:
        """Give the replacement so many percent of production traffic."""
        original, replacement = scene.original.target_group, scene.replacement.target_group
        self._forward_to(scene.production, {replacement: percent, original: _ALL - percent})

    def move_test(self, scene: Scene, side: Side) -> None:
        """Lead test traffic to one side, where there is a listener for it."""
        if scene.test:
            self._forward_to(scene.test, {scene.at(side).target_group: _ALL})

    def _forward(self, listener: str) -> Mapping[str, Any]:
        found = self._clients.patiently(
            lambda: self._clients.elbv2.describe_listeners(ListenerArns=[listener])
        )["Listeners"][0]["DefaultActions"]
        forwards: list[Mapping[str, Any]] = [dict(item) for item in found if item["Type"] == "forward"]
        return forwards[-1] if forwards else {}

    def _forward_to(self, listener: str, weights: Mapping[str, int]) -> None:
        before = self._forward(listener).get("ForwardConfig", {}).get("TargetGroupStickinessConfig")
        groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
        config = {"TargetGroups": groups} | ({"TargetGroupStickinessConfig": before} if before else {})
        client: Any = self._clients.elbv2
        self._clients.patiently(
            lambda: client.modify_listener(
                ListenerArn=listener, DefaultActions=[{"Type": "forward", "ForwardConfig": config}]
            )
        )
