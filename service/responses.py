"""Answers as they go over the wire."""

from typing import Final

from starlette.responses import Response

from service.problems import MEDIA_TYPE, Problem

JSON: Final = "application/json"


def problem_response(problem: Problem) -> Response:
    """Return the response that carries a problem document."""
    return Response(problem.render(), problem.kind.status, headers=problem.headers, media_type=MEDIA_TYPE)
