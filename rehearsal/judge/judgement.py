"""The whole judgement of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rehearsal.judge import latency, losses, phases, promises
from rehearsal.judge.facts import Facts
from rehearsal.judge.latency import Latency
from rehearsal.judge.losses import Loss
from rehearsal.judge.phases import Phase
from rehearsal.judge.played import Fault, Played
from rehearsal.judge.promises import Promise
from rehearsal.judge.requests import Request, Requests
from rehearsal.judge.weights import Shares


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a run came to."""

    played: Played
    requests: Requests
    phases: Sequence[Phase]
    latency: Mapping[str, Latency]
    """Of each phase."""
    moved: Latency | None
    """While traffic moved, to a new version or back; None when none did."""
    loss: Loss
    promises: Sequence[Promise]

    @property
    def passed(self) -> bool:
        """Whether something was played, no promise was broken and at least one was shown."""
        verdicts = [promise.verdict for promise in self.promises]
        something = bool(self.played.releases or self.played.faults)
        return something and "fail" not in verdicts and "pass" in verdicts

    @property
    def lost(self) -> Sequence[Request]:
        """Every request that failed or was answered wrongly, by the time at which it was due."""
        return [request for request in self.requests.all if request.lost]

    def lost_between(self, start: float, end: float) -> tuple[int, int]:
        """Return how many of a stretch were lost within a bad version's share, and how many outside."""
        inside, outside = (
            sum(start <= request.due < end for request in part)
            for part in (self.loss.inside, self.loss.outside)
        )
        return inside, outside

    def lost_in(self, fault: Fault) -> tuple[int, int]:
        """Return how many requests a fault cost within a bad version's share, and how many outside."""
        return self.lost_between(fault.started, fault.ended)


def judge(played: Played, requests: Requests) -> Judgement:
    """Judge a run."""
    chosen = Requests.of(requests.between(played.start, played.end))
    found = phases.phases(played)
    measured = latency.per_phase(found, played, chosen)
    moving, moved = latency.while_moving(found, played, chosen)
    loss = losses.split(played, chosen)
    facts = Facts(played, chosen, Shares.of(played.events), loss, measured, moving, moved)
    return Judgement(played, chosen, found, measured, moved, loss, promises.judge(facts))
