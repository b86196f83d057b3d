"""Lists in pages: a token leads to the next one (CodeDeploy API Reference, the List actions)."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

from rehearsal.codedeploy.errors import ApiError

SIZE: Final = 100
"""Items of a page; the documentation names no number."""


def page(name: str, items: Sequence[object], token: str | None) -> dict[str, Any]:
    """Return one page of a list under its name, with the token of the next one when there is more.

    Raises:
        ApiError: InvalidNextTokenException.
    """
    start = _start(token)
    found: dict[str, Any] = {name: list(items[start : start + SIZE])}
    if start + SIZE < len(items):
        found["nextToken"] = base64.b64encode(f"page {start + SIZE}".encode()).decode()
    return found


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.b64decode(token, validate=True).decode().removeprefix("page "))
    except (ValueError, binascii.Error) as error:
        raise ApiError(
            "InvalidNextTokenException", "The next token was specified in an invalid format."
        ) from error
