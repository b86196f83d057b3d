"""The server around moto, without moto."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from rehearsal.aws.changes import Changes
from rehearsal.aws.server import private

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.wrappers import Request


def moto(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Stand for what is inside."""
    start_response("200 OK", [])
    return [b"moto"]


def echo(request: "Request") -> object:
    """Answer with what a member says."""
    if request.get_json()["says"] == "nothing":
        raise NotFound("There is nothing.")
    return {"said": request.get_json()["says"]}


@pytest.mark.parametrize(
    ("method", "path", "document", "status", "answer", "counted"),
    [
        ("PUT", "/rehearsal/echo", {"says": "so"}, 200, {"said": "so"}, 1),
        ("PUT", "/rehearsal/echo", {"says": "nothing"}, 404, {"error": "There is nothing."}, 0),
        (
            "PUT",
            "/rehearsal/echo",
            {},
            400,
            {"error": "The request does not say what this route needs: KeyError('says')."},
            0,
        ),
        (
            "DELETE",
            "/rehearsal/echo",
            {"says": "so"},
            405,
            {"error": "The method is not allowed for the requested URL."},
            0,
        ),
    ],
)
def test_a_private_route_answers_in_json(
    method: str, path: str, document: object, status: int, answer: object, counted: int
) -> None:
    """A refusal too, and it counts no change."""
    changes = Changes()
    client = Client(private(moto, {("PUT", "/rehearsal/echo"): echo}, changes))
    response = client.open(path, method=method, json=document)
    assert (response.status_code, response.json, changes.count) == (status, answer, counted)


def test_every_other_path_is_motos() -> None:
    """But none below the prefix: moto would take it for an object of S3."""
    client = Client(private(moto, {("PUT", "/rehearsal/echo"): echo}, Changes()))
    assert client.get("/").data == client.get("/rehearsal").data == b"moto"
    refused = client.put("/rehearsal/other")
    assert (refused.status_code, refused.json) == (
        404,
        {"error": "There is no private route /rehearsal/other."},
    )
