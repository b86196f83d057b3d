"""The clients of one region, and how often they send what they are asked."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from release.clients import Clients

pytestmark = pytest.mark.slow


def test_what_must_not_be_sent_twice_is_sent_once() -> None:
    """A lost answer to it may have been a yes."""
    clients = Clients("eu-central-1")
    once, often = (
        vars(each.meta.config)["retries"] for each in (clients.codedeploy_once, clients.codedeploy)
    )
    assert (once["total_max_attempts"], often["total_max_attempts"]) == (1, 6)


def test_clients_are_made_for_several_threads() -> None:
    """The heartbeat asks beside the release, and credentials may be renewed meanwhile."""
    clients = Clients("eu-central-1")
    names = ["s3", "ssm", "sts", "logs", "cloudwatch", "codedeploy"]
    with ThreadPoolExecutor(len(names) + 1) as pool:
        renewed = pool.submit(clients.renew)
        made = list(pool.map(lambda name: getattr(clients, name).meta.service_model.service_name, names))
    assert (renewed.result(), made) == (None, names)
