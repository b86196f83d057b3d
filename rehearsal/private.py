"""What the control plane tells the rest of the rehearsal and AWS's API has no words for: routes of its own.

They stand below `/rehearsal/` on the control plane's port and speak JSON. Only programs of the rehearsal use
them; a release cannot know of them.
"""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from rehearsal.errors import StepFailed

_SECONDS: Final = 10.0

Health = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Target group's ARN → `address:port` → state, reason and description, in ELBv2's words."""


class Unanswered(StepFailed):
    """The control plane did not answer, or not as it should; asking again may help."""


@dataclass(frozen=True, slots=True)
class Private:
    """The private routes of the control plane at an endpoint."""

    endpoint: str

    def changes(self, since: int, *, wait: float = 1.0) -> int:
        """Return how many changes there were, as soon as there were more than `since`.

        Args:
            since: The count that is known; -1 to be told it at once.
            wait: Seconds after which it returns in any case.

        Raises:
            Unanswered: The control plane cannot tell.
        """
        answer = self._ask("GET", f"changes?since={since}&wait={wait:g}", timeout=wait + _SECONDS)
        return int(answer["count"])

    def fleets(self) -> list[Mapping[str, Any]]:
        """Return how many tasks of which task definition should run for which service.

        Raises:
            Unanswered: The control plane cannot tell.
        """
        return list(self._ask("GET", "fleets")["fleets"])

    def create_task(self, fleet: str, *, address: str) -> str:
        """Make a task of a fleet known, PENDING, with its address, and return its ARN.

        Raises:
            Unanswered: The control plane did not take it.
        """
        return str(self._ask("PUT", "tasks", {"fleet": fleet, "address": address})["taskArn"])

    def tell_load_balancer(self, arn: str, *, address: str) -> None:
        """Say where a load balancer stands: there its name and its network interface lead from now on.

        Raises:
            Unanswered: The control plane did not take it.
        """
        self._ask("PUT", "load-balancers", {"arn": arn, "address": address})

    def tell_task_health(self, task: str, *, container: str, health: str) -> None:
        """Say what a container's health check came to: HEALTHY, UNHEALTHY or UNKNOWN.

        Raises:
            Unanswered: The control plane did not take it.
        """
        self._ask("PUT", "task-health", {"task": task, "container": container, "health": health})

    def tell_target_health(self, health: Health) -> None:
        """Say how the load balancer finds its targets: what DescribeTargetHealth answers from now on.

        Raises:
            Unanswered: The control plane did not take it.
        """
        self._ask("PUT", "target-health", health)

    def _ask(self, method: str, route: str, document: object = None, *, timeout: float = _SECONDS) -> Any:  # noqa: ANN401 - whatever was sent
        return ask(method, self.endpoint, route, document, timeout=timeout)


def ask(method: str, endpoint: str, route: str, document: object = None, *, timeout: float = _SECONDS) -> Any:  # noqa: ANN401 - whatever was sent
    """Ask a route below `/rehearsal/` of a server of the rehearsal, and return the answer's document.

    Raises:
        Unanswered: There was no answer, or it was a refusal.
    """
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=timeout)
    body = None if document is None else json.dumps(document)
    try:
        connection.request(method, f"/rehearsal/{route}", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            said = content.decode(errors="replace")[:300]
            raise Unanswered(f"{method} /rehearsal/{route} was answered {answer.status}: {said}")
        return json.loads(content or b"{}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unanswered(f"{method} /rehearsal/{route} was not answered: {error!r}") from None
    finally:
        connection.close()
