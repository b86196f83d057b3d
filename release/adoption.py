"""What is live already: a release of it changes nothing that runs, and makes up for what is missing."""

from dataclasses import dataclass, replace

from release.acts import Order, Released
from release.claim import Seen
from release.record import Outcome, Record, Step
from release.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What is to be made up for."""

    record: Record
    """The release that the live image goes by."""
    new: bool
    """Whether no record of it says yet that it shipped: one is written then."""


def missing(
    planned: Record, order: Order, image: Released, seen: Seen | None, records: Records
) -> Missing | None:
    """Return what a live image lacks; nothing when the record of its release is there and another came after.

    An image may have come there without a record that says so: the stage was made with it, somebody released
    it by hand, or what ran had not come to rest when its release was judged. It is released then by what is
    seen, so that it gets its tag, can be promoted, and is known to later rollbacks.

    Args:
        planned: the record of a release of it that would begin now.
        order: what was asked for.
        image: the live one.
        seen: the claim, when there is one.
        records: of the stage.
    """
    last = seen.record if seen else None
    if last is not None and last.outcome is Outcome.SHIPPED and last.digest == image.digest:
        return Missing(record=_again(last), new=False)
    shipped = records.newest().shipped
    if shipped and shipped[0].digest == image.digest:
        return None
    before = shipped[0].digest if shipped else ""
    if last is not None and last.digest == image.digest:
        before = last.previous
    return Missing(record=_again(replace(planned, kind=order.kind, previous=before)), new=True)


def _again(record: Record) -> Record:
    return replace(record, outcome=None, step=Step.REMEMBER)
