"""Every fault that is played, by name."""

import importlib.util
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from rehearsal.errors import Misuse
from rehearsal.faults import FAILS_WITH, bad_moments, bad_versions
from rehearsal.faults.fault import End, Expected, Fault, Loss

_IMPATIENT: Final = 240.0
"""CodeDeploy's hour takes fifteen seconds."""
_HURRIED: Final = 120.0
"""CodeDeploy's hour takes half a minute: tasks must become healthy in it, which takes what it takes."""
_SLOW: Final = 25.0
"""A canary of five minutes lasts twelve seconds: enough for a task to be replaced, as it is on AWS."""

_SHIPPED: Final = Expected(End.NEW, 0)

CATALOGUE: Final = (
    Fault(
        "crash-loop",
        "Every task of the new version ends as soon as it is started.",
        Expected(End.OLD, 1, sign="rolled back"),
        bad_versions.crashes,
        bad="crash_loop",
        speed=_IMPATIENT,
    ),
    Fault(
        "never-ready",
        "The new version runs and never says that it is ready.",
        Expected(End.OLD, 1, sign="rolled back"),
        bad_versions.never_ready,
        bad="never_ready",
        speed=_IMPATIENT,
    ),
    Fault(
        "wrong-answers",
        "The new version predicts something else than its model package does.",
        Expected(End.OLD, 1, sign="AfterAllowTestTraffic failed"),
        bad_versions.wrong_answers,
        bad="wrong_answers",
    ),
    Fault(
        "slow-in-production",
        "The new version passes its gate and lets clients wait for three seconds.",
        Expected(End.OLD, 1, Loss.CANARY, sign="-latency"),
        bad_versions.slow,
        bad="slow_in_production",
        speed=_SLOW,
    ),
    Fault(
        "errors-in-production",
        "The new version passes its gate and answers clients with errors.",
        Expected(End.OLD, 1, Loss.CANARY, sign="-errors"),
        bad_versions.errors,
        bad="errors_in_production",
        fails_with=FAILS_WITH["errors_in_production"],
    ),
    Fault(
        "out-of-memory",
        "The new version takes more memory than its tasks have.",
        Expected(End.OLD, 1, sign="rolled back"),
        bad_versions.takes_memory,
        bad="out_of_memory",
        speed=_HURRIED,
    ),
    Fault(
        "old-task-killed",
        "A task of the version before is stopped in the middle of the shift.",
        _SHIPPED,
        bad_moments.old_task_stopped,
    ),
    Fault(
        "new-task-killed",
        "A task of the new version is stopped in the middle of the shift.",
        _SHIPPED,
        bad_moments.new_task_stopped,
        speed=_SLOW,
    ),
    Fault(
        "old-task-crashes",
        "The process of a task of the version before dies in the middle of the shift.",
        Expected(End.OLD, 1, Loss.AT_THE_TASK, sign="load-balancer-errors"),
        bad_moments.old_task_crashes,
    ),
    Fault(
        "new-task-crashes",
        "The process of a task of the new version dies in the middle of the shift.",
        Expected(End.NEW, 0, Loss.AT_THE_TASK),
        bad_moments.new_task_crashes,
        speed=_SLOW,
    ),
    Fault(
        "hook-crashes",
        "The gate's function fails whenever it is called.",
        Expected(End.OLD, 1, sign="AfterAllowTestTraffic failed"),
        bad_moments.hook_crashes,
        speed=_HURRIED,
    ),
    Fault(
        "hook-never-answers",
        "The gate's function ends and reports nothing.",
        Expected(End.OLD, 1, sign="AfterAllowTestTraffic failed"),
        bad_moments.hook_never_answers,
        speed=_HURRIED,
    ),
    Fault(
        "alarm-already-red",
        "An alarm of the live colour is red before the release.",
        Expected(End.OLD, 1, sign="is red"),
        bad_moments.alarm_already_red,
    ),
    Fault(
        "manual-stop",
        "Somebody stops the release while the canary has its share.",
        Expected(End.OLD, 1, sign="was stopped"),
        bad_moments.manual_stop,
    ),
    Fault(
        "second-release",
        "Another image is shipped while the first is under way.",
        Expected(End.NEW, 0, sign="has staging"),
        bad_moments.second_release,
    ),
    Fault(
        "image-gone",
        "The image is deleted from the registry before it is shipped.",
        Expected(End.OLD, 1, sign="is not in the registry"),
        bad_moments.image_gone,
    ),
    Fault(
        "terminal-killed",
        "The release's program is killed in the middle of the shift, and started anew.",
        Expected(End.NEW, 0, sign="status told the truth."),
        bad_moments.terminal_killed,
    ),
    Fault(
        "throttling",
        "Three calls in ten that the release makes are throttled or get an error of the server's.",
        _SHIPPED,
        bad_moments.throttled,
    ),
    Fault(
        "cdk-deploy",
        "Somebody deploys a change of the Traffic stack while the release runs.",
        Expected(End.NEW, 0, sign="Action denied by stack policy"),
        bad_moments.cdk_deploy,
    ),
)
"""In the order in which they are played."""


def chosen(names: Sequence[str] = (), files: Iterable[Path] = ()) -> tuple[Fault, ...]:
    """Return the faults of these names, or all; files may add to the catalogue.

    Args:
        names: Of faults, in the order in which they are wanted.
        files: Python files that define `FAULTS`, a sequence of `Fault`.

    Raises:
        Misuse: There is no such fault, or no such file, or two faults have one name.
    """
    known: dict[str, Fault] = {}
    for fault in (*CATALOGUE, *(fault for file in files for fault in _read(file))):
        if fault.name in known:
            raise Misuse(f"Two faults are called {fault.name!r}: name yours otherwise.")
        known[fault.name] = fault
    if unknown := [name for name in names if name not in known]:
        raise Misuse(f"There is no fault {', '.join(unknown)}: choose among {', '.join(known)}.")
    return tuple(known[name] for name in names or known)


def _read(file: Path) -> Iterator[Fault]:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if not file.is_file() or spec is None or spec.loader is None:
        raise Misuse(f"{file} is no Python file with faults: see docs/guides/faults.md.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, "FAULTS", None)
    if found is None or not all(isinstance(fault, Fault) for fault in found):
        raise Misuse(f"{file} defines no FAULTS: see docs/guides/faults.md.")
    yield from found
