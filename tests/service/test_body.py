"""The limits on a body, before anything of it is parsed."""

import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message

from service.body import read_body
from service.contract import DISCARD_BYTES, MAX_BODY_BYTES
from service.problems import LARGE_BODY, MALFORMED, SLOW_BODY, Kind, Problem

CHUNK = 64 * 1024


class Source:
    """A client's body in pieces, that counts how many were asked for."""

    def __init__(self, pieces: Iterable[bytes], *, then: Message | None = None) -> None:
        self._pieces = iter(pieces)
        self._then = then
        self.asked = 0

    async def __call__(self) -> Message:
        """Return the next piece, or the last message, or nothing ever."""
        self.asked += 1
        for piece in self._pieces:
            return {"type": "http.request", "body": piece, "more_body": True}
        if self._then is None:
            await asyncio.sleep(60)
        return self._then or {}


END: Message = {"type": "http.request", "body": b"", "more_body": False}
GONE: Message = {"type": "http.disconnect"}


def refused(headers: list[tuple[bytes, bytes]], source: Source) -> Kind:
    """Return the kind of problem that a body meets."""
    with pytest.raises(Problem) as caught:
        asyncio.run(read_body(headers, source))
    return caught.value.kind


def test_a_body_in_pieces_is_put_together() -> None:
    """Chunks are joined in order."""
    assert asyncio.run(read_body([], Source([b'{"a"', b":", b"1}"], then=END))) == b'{"a":1}'


@pytest.mark.parametrize("length", [str(DISCARD_BYTES + 1), "9" * 5000, "0" * 20 + "99999999"])
def test_a_stated_length_far_above_the_limit_is_refused_unread(length: str) -> None:
    """A body that says it is too large to be thrown away is refused before one byte of it is read."""
    source = Source([b"x"], then=END)
    assert refused([(b"content-length", length.encode())], source) is LARGE_BODY
    assert source.asked == 0


def test_a_client_that_waits_to_be_told_is_refused_unread() -> None:
    """`Expect: 100-continue` asks before sending, so nothing need be thrown away."""
    source = Source([b"x"], then=END)
    headers = [(b"content-length", b"%d" % (MAX_BODY_BYTES + 1)), (b"expect", b"100-continue")]
    assert refused(headers, source) is LARGE_BODY
    assert source.asked == 0


@pytest.mark.parametrize("stated", [True, False])
def test_a_body_somewhat_above_the_limit_is_read_to_its_end_before_it_is_refused(*, stated: bool) -> None:
    """A proxy that is still passing it on would cut the client off before it has read the answer."""
    pieces = [b"x" * CHUNK] * (2 * MAX_BODY_BYTES // CHUNK)
    source = Source(pieces, then=END)
    headers = [(b"content-length", b"%d" % (2 * MAX_BODY_BYTES))] if stated else []
    assert refused(headers, source) is LARGE_BODY
    assert source.asked == len(pieces) + 1


def test_a_body_of_the_limit_is_read() -> None:
    """The limit itself is allowed."""
    whole = Source([b"x" * MAX_BODY_BYTES], then=END)
    assert len(asyncio.run(read_body([(b"content-length", b"%d" % MAX_BODY_BYTES)], whole))) == MAX_BODY_BYTES


def test_a_body_without_a_length_is_counted() -> None:
    """One without end is refused as soon as it is too long to be thrown away."""
    endless = Source([b"x" * CHUNK] * (2 * DISCARD_BYTES // CHUNK), then=END)
    assert refused([], endless) is LARGE_BODY
    assert endless.asked == DISCARD_BYTES // CHUNK + 1


def test_a_body_in_one_oversized_piece_is_refused() -> None:
    """One message above the limit is no way around it."""
    one = Source([], then={**END, "body": b"x" * (MAX_BODY_BYTES + 1)})
    assert refused([], one) is LARGE_BODY


@pytest.mark.parametrize("pieces", [[], [b"{"]])
def test_a_slow_body_is_given_up(pieces: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not arrive in time gets 408."""
    monkeypatch.setattr("service.body.BODY_TIMEOUT", 0.02)
    assert refused([], Source(pieces)) is SLOW_BODY


@pytest.mark.parametrize("pieces", [[], [b"{"]])
def test_a_client_that_leaves_is_no_failure(pieces: list[bytes]) -> None:
    """A connection that ends within the body is the client's mistake."""
    assert refused([], Source(pieces, then=GONE)) is MALFORMED


def test_a_length_that_is_no_number_is_refused() -> None:
    """A header that no server should have let through does not raise."""
    assert refused([(b"content-length", b"-1")], Source([], then=END)) is MALFORMED
