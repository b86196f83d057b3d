"""The other commands: roll back, promote, stop. Each ends as a release does, or says why nothing was done."""

import time
from dataclasses import replace

from release.acts import Order, Result
from release.claim import Seen
from release.course import Course
from release.errors import Refused
from release.judgement import before, origin
from release.record import Kind, Outcome, Record
from release.sentences import short


def roll_back(course: Course, *, to: str | None = None) -> Result:
    """Release the image of an earlier release again.

    Args:
        course: of the stage.
        to: id of the release to go back to; without it, the last one that shipped before what is live.

    Raises:
        Refused: there is nothing to go back to.
    """
    seen = course.finish_what_was_left()
    if to is None and seen is not None:
        _refuse_second_way_back(course, seen.record)
    return course.ship(_named(course, to) if to else _previous(course))


def _refuse_second_way_back(course: Course, last: Record) -> None:
    """Refuse to go below the good version because the bad one is back already."""
    if last.outcome in {Outcome.ROLLED_BACK, Outcome.STOPPED} and course.acts.live() == last.previous:
        raise _no(
            f"{last.id} ended {last.outcome}, so {course.acts.stage} is back on {short(last.previous)} "
            "already. To go further back, name a release of `python -m release history --stage "
            f"{course.acts.stage}` with `--to`."
        )


def promotion(source: Course) -> Order:
    """Return the order to release what a stage runs to another one: live there, shipped there, found there.

    Raises:
        Refused: the stage runs nothing that a release of its own has brought and that is whole.
    """
    name = source.acts.stage
    seen = source.claims.read()
    if seen is not None and seen.record.runs:
        raise _no(f"{name} has a release under way ({seen.record.id}): promote when it has ended.")
    digest = source.acts.live()
    shipped = source.records.newest().shipped
    if not shipped or shipped[0].digest != digest:
        raise _no(
            f"What is live on {name} ({short(digest) or 'not one image'}) is not what was shipped there "
            f"last{f' ({shipped[0].id})' if shipped else ''}: release it to {name} first."
        )
    if problems := source.acts.compare(digest).differences:
        raise Refused(problems)
    return Order(reference=shipped[0].image, kind=Kind.PROMOTE, source=shipped[0].id)


def stop(course: Course) -> Result:
    """Stop the release under way, whoever follows it, and wait until traffic is back.

    Raises:
        Refused: what moves the traffic is no release.
    """
    watched: Record | None = None
    asked = ""
    while (seen := course.claims.read()) is not None and seen.record.runs:
        if watched is not None and seen.record.id != watched.id:
            break
        watched = seen.record
        if not seen.alive:
            if (result := course.take_over(seen, stop=True)) is not None:
                return _stopped(result)
            continue
        asked = _ask_to_stop(course, watched, asked)
        time.sleep(course.claims.ask.pace.poll)
    if watched is None:
        return _nothing_to_stop(course, seen)
    return _stopped(course.ending.result(_final(course, watched, seen)))


def _ask_to_stop(course: Course, record: Record, asked: str) -> str:
    """Stop the release's deployment once there is one; return which was asked to stop."""
    deployment = course.find(record)
    if not deployment:
        return asked
    if deployment != asked:
        course.tell.say(f"Stopping {record.id}: traffic goes back. The command that follows it reports that.")
        course.acts.engine.stop(deployment)
    course.tell.saw(course.acts.look(record, course.acts.engine.look(deployment)))
    return deployment


def _final(course: Course, watched: Record, seen: Seen | None) -> Record:
    """Return what became of the release that was watched."""
    if seen is not None and seen.record.id == watched.id:
        return seen.record
    return course.records.get(watched.id) or watched


def _stopped(result: Result) -> Result:
    """Return what came of stopping: done when traffic is where it was, too late when it had shipped."""
    record = result.record
    if record is None or record.outcome is not Outcome.SHIPPED:
        back = {Outcome.STOPPED, Outcome.ROLLED_BACK, Outcome.ABANDONED}
        return replace(result, done=result.outcome in back)
    sentence = (
        f"Too late to stop {record.id}: {short(record.digest)} takes all traffic of {record.stage}. "
        f"`python -m release rollback --stage {record.stage}` goes back to the version before."
    )
    return replace(result, done=False, sentence=sentence)


def _nothing_to_stop(course: Course, seen: Seen | None) -> Result:
    """Let deployments in, should they be held off by nobody; refuse to stop what is none of ours."""
    stage = course.acts.stage
    if running := course.acts.engine.running():
        names = ", ".join(f"{one.id} ({one.status})" for one in running)
        raise _no(
            f"No release of {stage} is under way, and {names} is none of ours: whoever began it "
            "must stop it. See the runbook release-stuck."
        )
    sentence = f"No release of {stage} is under way: nothing to stop."
    if seen is not None and (stacks := course.acts.held_off()):
        course.let_in(seen)
        sentence += f" Deployments of {' and '.join(stacks)} were held off all the same, and are let in now."
    return Result(record=None, done=True, sentence=sentence)


def _named(course: Course, release: str) -> Order:
    found = course.records.get(release)
    if found is None:
        raise _no(
            f"{course.acts.stage} has no release {release}: choose one of "
            f"`python -m release history --stage {course.acts.stage}`."
        )
    if found.outcome is not Outcome.SHIPPED:
        raise _no(f"{release} did not ship ({found.outcome}): choose one that did.")
    _refuse_without_image(course, found.image, release)
    return Order(reference=found.image, kind=Kind.ROLLBACK, source=release)


def _previous(course: Course) -> Order:
    live, shipped = course.acts.live(), course.records.newest().shipped
    for record in before(shipped, live):
        if course.acts.has_image(record.image):
            return Order(reference=record.image, kind=Kind.ROLLBACK, source=record.id)
        course.tell.say(f"The image of {record.id} is no longer in the registry: looking further back.")
    first = origin(shipped, live)
    if first is None or not first.previous:
        raise Refused(
            [f"{course.acts.stage} has no earlier release to go back to: ship an image with `--image`."]
        )
    reference = f"{first.image.partition('@')[0]}@{first.previous}"
    _refuse_without_image(course, reference, f"what ran before {first.id}")
    return Order(reference=reference, kind=Kind.ROLLBACK)


def _refuse_without_image(course: Course, reference: str, whose: str) -> None:
    if not course.acts.has_image(reference):
        raise _no(
            f"The image of {whose} is no longer in the registry ({reference}): choose another with "
            "`--to`, or ship one with `--image`. See docs/runbooks/image-missing.md."
        )


def _no(sentence: str) -> Refused:
    return Refused([sentence])
