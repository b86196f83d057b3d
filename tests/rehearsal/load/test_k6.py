"""k6 sends on schedule, judges every answer and tells the truth about what it could not do."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal import isolation, tls
from rehearsal.errors import StepFailed
from rehearsal.load.k6 import Load, Span
from rehearsal.load.plan import Plan, bodies_of
from tests.rehearsal.load.servers import VERSION, Served, lines_of

pytestmark = pytest.mark.slow
K6 = Path(sys.executable).with_name("k6")
RECORDS = [{"x": number / 7} for number in range(5)]
BODIES = bodies_of(RECORDS, singles=4, batches=(2, 3))
RIGHT = ((0.0,), (2 / 7,), (4 / 7,), (6 / 7,), (8 / 7, 0.0), (2 / 7, 4 / 7, 6 / 7))
Started = Callable[..., Load]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A server that is quick and right until a test says otherwise."""
    served = Served()
    yield served
    served.stop()


@contextmanager
def loading(
    served: Served, folder: Path, *, senders: int = 300, certificate: Path | None = None
) -> Iterator[Load]:
    """A load of 200 requests per second; ended whatever happens."""
    environment = isolation.isolated(
        os.environ, marker=str(folder), temporary=folder, path=[], cache=folder / "cache"
    )
    plan = Plan(url=served.url, bodies=BODIES, predictions={VERSION: RIGHT}, senders=senders)
    load = Load.start(plan, run=folder, binary=K6, environment=environment, certificate=certificate)
    try:
        yield load
    finally:
        load.kill()


def test_latency_counts_from_the_schedule_while_the_server_stalls(served: Served, tmp_path: Path) -> None:
    """A second of silence is seen by all 200 requests that were due in it, each by what was left of it."""
    before = served.connections
    with loading(served, tmp_path) as load:
        time.sleep(1.0)
        began, ended = served.stall(1.0)
        time.sleep(1.5)
        span = load.stop()
    lines = lines_of(load.lines)
    assert {line["verdict"] for line in lines} == {"ok"}
    assert [line["due"] for line in lines] == sorted(line["due"] for line in lines)
    assert len(lines) == pytest.approx((span.end - span.start) * 200, abs=2)
    within = [line for line in lines if began + 0.05 < line["due"] < ended - 0.05]
    assert len(within) == pytest.approx((ended - began - 0.1) * 200, abs=2)
    # How much longer each took is this machine's affair; that those which waited longest took longest is not.
    assert all(line["ms"] / 1000 > ended - line["due"] - 0.03 for line in within)
    assert within[0]["ms"] > within[-1]["ms"]
    news = [line for line in lines if line["connection"] == "new"]
    assert len(news) == pytest.approx(len(lines) / 2, abs=2)
    assert served.connections - before - len(news) <= 300  # one for each sender that keeps its own
    assert {line["kind"] for line in lines} == {"single", "batch"}
    assert (span.dropped, span.unaccounted) == (0, 0)


def test_what_found_no_sender_counts_as_failed_when_it_was_due(served: Served, tmp_path: Path) -> None:
    """With senders for a fifth of a second, what is due in the rest of a second of silence has failed."""
    with loading(served, tmp_path, senders=40) as load:
        time.sleep(0.5)
        began, ended = served.stall(1.0)
        time.sleep(0.9)
        span = load.stop()
    lines = lines_of(load.lines)
    reason = "not sent: every sender was waiting for an answer"
    unsent = [line for line in lines if line["reason"] == reason]
    assert len(unsent) == pytest.approx(160, abs=30)
    assert abs(len(unsent) - span.dropped) <= 2
    assert abs(span.unaccounted) <= 2
    assert all(began + 0.1 < line["due"] < ended + 0.1 for line in unsent)
    assert len(lines) == pytest.approx((span.end - span.start) * 200, abs=4)
    after = [line["ms"] for line in lines if line["due"] > ended + 0.4]
    assert min(after) < 300  # what was left out before them is no lag of theirs


def test_every_answer_is_judged(served: Served, tmp_path: Path) -> None:
    """Another status, another number, another version: each is told with its reason."""
    with loading(served, tmp_path) as load:
        for name, value in (("status", 503), ("shift", 1e-6), ("version", "<b>v0</b>")):
            usual = getattr(served, name)
            setattr(served, name, value)
            time.sleep(0.4)
            setattr(served, name, usual)
        load.stop()
    found = {(line["verdict"], line["version"], line["reason"]) for line in lines_of(load.lines)}
    told = {
        (verdict, version, reason.split(":")[0].split(" where ")[-1]) for verdict, version, reason in found
    }
    assert told == {
        ("ok", VERSION, ""),
        ("failed", "", "status 503"),
        ("wrong", "<b>v0</b>", "nobody released this version"),
        *(("wrong", VERSION, f"the package predicts {row[0]}".removesuffix(".0")) for row in RIGHT),
    }


def test_only_its_own_certificate_vouches_over_https(tmp_path: Path) -> None:
    """Over HTTPS it speaks HTTP/1.1 to whom the certificate vouches for, and to nobody else."""
    certificate = tls.make_certificate(tmp_path / "tls" / "own", address="127.0.0.1")
    other = tls.make_certificate(tmp_path / "tls" / "other", address="127.0.0.1")
    served = Served(certificate)
    verdicts: dict[str, set[str]] = {}
    for name, trusted in (("own", certificate), ("other", other)):
        folder = tmp_path / name
        folder.mkdir()
        with loading(served, folder, certificate=trusted.chain) as load:
            span: Span = load.stop()
        assert span.end > span.start
        verdicts[name] = {line["verdict"] for line in lines_of(load.lines)}
    served.stop()
    assert verdicts == {"own": {"ok"}, "other": {"failed"}}


def test_a_load_that_cannot_begin_says_why(served: Served, tmp_path: Path) -> None:
    """A program that is no k6 ends the start with its own words."""
    plan = Plan(url=served.url, bodies=BODIES, predictions={VERSION: RIGHT})
    with pytest.raises(StepFailed, match="ended before it was told to"):
        Load.start(plan, run=tmp_path, binary=Path("/bin/false"), environment={})


def test_what_k6_itself_sends_late_counts_from_the_schedule_too(served: Served, tmp_path: Path) -> None:
    """Half a second in which k6 is stopped makes its requests late, and is neither forgiven nor forgotten."""
    with loading(served, tmp_path) as load:
        time.sleep(0.3)
        stopped = time.time()
        load.program.process.send_signal(signal.SIGSTOP)
        time.sleep(0.5)
        load.program.process.send_signal(signal.SIGCONT)
        resumed = time.time()
        time.sleep(0.5)
        load.stop()
    within = [line for line in lines_of(load.lines) if stopped + 0.05 < line["due"] < resumed - 0.05]
    assert len(within) == pytest.approx((resumed - stopped - 0.1) * 200, abs=2)
    assert all(line["due"] + line["ms"] / 1000 > resumed - 0.01 for line in within)
