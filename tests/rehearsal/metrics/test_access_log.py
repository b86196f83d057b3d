"""What Envoy wrote of requests, read."""

from pathlib import Path

import pytest

from rehearsal.metrics.access_log import NAME, Request, Tail, parse

ANSWERED = "1795191427.620733\t41\t200\tblue\t127.161.158.10:8080\t340"
RESET = "1795191427.000000\t1\t502\tblue\t127.161.158.10:8080\t-"
NO_TARGET = "1795191427.000000\t0\t503\t-\t-\t-"


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        (ANSWERED, Request(1795191427.661733, 200, "blue", target=True, seconds=0.00034)),
        (RESET, Request(1795191427.001, 502, "blue", target=True, seconds=None)),
        (NO_TARGET, Request(1795191427.0, 503, "", target=False, seconds=None)),
    ],
)
def test_a_line_tells_who_answered_and_when(line: str, request_: Request) -> None:
    """A request counts when it is over; one that no target answered has no response time."""
    read = parse(line)
    assert read == request_
    assert read.by_target == (line == ANSWERED)


def test_a_log_is_read_while_it_grows(tmp_path: Path) -> None:
    """Each line once, and one that is half written only when it is whole."""
    log, tail = tmp_path / NAME, Tail(tmp_path / NAME)
    assert tail.read() == []
    log.write_text(f"{ANSWERED}\n{RESET[:20]}")
    assert tail.read() == [parse(ANSWERED)]
    assert tail.read() == []
    with log.open("a") as file:
        file.write(f"{RESET[20:]}\n")
    assert tail.read() == [parse(RESET)]
