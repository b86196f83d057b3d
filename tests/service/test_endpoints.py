"""Health, version, documentation, and what all answers have in common."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from service.lifecycle import Lifecycle
from service.predictor import Predictor

Ask = Callable[..., httpx.Response]


def test_live_whatever_happens(ask: Ask, lifecycle: Lifecycle) -> None:
    """The process is alive as long as it answers, also while it drains."""
    assert ask(path="/health/live", method="GET").json() == {"status": "live"}
    lifecycle.drain()
    assert ask(path="/health/live", method="GET").status_code == 200


def test_ready_until_draining(ask: Ask, lifecycle: Lifecycle) -> None:
    """Readiness is green once warm and red from the moment the process is told to stop."""
    assert ask(path="/health/ready", method="GET").json() == {"status": "ready"}
    assert ask(path="/health/ready", method="HEAD").status_code == 200
    lifecycle.drain()
    response = ask(path="/health/ready", method="GET")
    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert response.json()["type"] == "urn:switchyard:problem:not-ready"


def test_not_ready_before_warm(ask: Ask, lifecycle: Lifecycle) -> None:
    """A service that has not proved its probes takes no traffic, and draining cannot be undone."""
    lifecycle.__init__()  # type: ignore[misc]  # born anew
    assert ask(path="/health/ready", method="GET").status_code == 503
    lifecycle.drain()
    lifecycle.warm()
    assert ask(path="/health/ready", method="GET").status_code == 503


def test_draining_still_answers_and_closes(ask: Ask, lifecycle: Lifecycle, example: dict[str, Any]) -> None:
    """While it drains, a request is answered and its connection is not kept."""
    assert "connection" not in ask(example).headers
    lifecycle.drain()
    response = ask(example)
    assert (response.status_code, response.headers["connection"]) == (200, "close")


def test_version_says_what_the_manifest_says(ask: Ask, predictor: Predictor) -> None:
    """`/version` names the model, its digests and its scores as the manifest has them."""
    manifest = predictor.manifest
    document = ask(path="/version", method="GET").json()
    assert (document["name"], document["version"]) == (manifest.name, manifest.version)
    assert document["short_version"] == manifest.version[:12]
    assert document["target"]["name"] == "收率"
    assert document["metrics"] == manifest.metrics
    assert document["files"] == {
        name: {"sha256": file.sha256, "bytes": file.bytes} for name, file in manifest.files.items()
    }


def test_a_good_request_id_comes_back(ask: Ask, example: dict[str, Any]) -> None:
    """A client's own id is echoed, on errors too."""
    headers = {"x-request-id": "a1-B2_c3:4"}
    assert ask(example, headers=headers).headers["x-request-id"] == "a1-B2_c3:4"
    assert ask({}, headers=headers).headers["x-request-id"] == "a1-B2_c3:4"


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", '"quoted"', "a\tb"])
def test_a_bad_request_id_is_replaced(ask: Ask, given: str) -> None:
    """What is not fit for a log line is not echoed; each request then gets an id of its own."""
    ids = {
        ask(path="/version", method="GET", headers={"x-request-id": given}).headers["x-request-id"]
        for _ in "ab"
    }
    assert len(ids) == 2
    assert given not in ids


def test_nothing_is_cached(ask: Ask, example: dict[str, Any]) -> None:
    """Predictions and health are never kept by a proxy."""
    for response in (ask(example), ask({}), ask(path="/health/ready", method="GET")):
        assert response.headers["cache-control"] == "no-store"


def test_documentation_is_served(ask: Ask) -> None:
    """`/docs` shows the document at `/openapi.json`."""
    page = ask(path="/docs", method="GET")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "/openapi.json" in page.text
    assert ask(path="/openapi.json", method="GET").json()["openapi"].startswith("3.1")
