"""What can be wrong with a request to build the infrastructure."""

from collections.abc import Iterable, Mapping, Sequence


class InfraError(Exception):
    """The templates cannot be made; the message is one sentence for the person at the terminal."""


class ContextError(InfraError):
    """A `--context` value given to the CDK CLI means nothing; repeat the command with another value."""


def unknown_stage(name: str, known: Iterable[str], *, how: str) -> str:
    """Return the sentence for a stage that is not there: which there are, and how one is named.

    Args:
        name: what was given.
        known: what may be given.
        how: how it is given on this command line; make takes `STAGE=NAME`.
    """
    return f"There is no stage {name!r}: give one of {', '.join(known)} with {how} (make: STAGE=NAME)."


class SettingsError(InfraError):
    """Settings contradict themselves, each other or AWS; edit `infra/config.py`.

    One mistake is told in one sentence, several in one line each.
    """

    def __init__(self, findings: Mapping[str, Sequence[str]]) -> None:
        """Tell everything that is wrong, by where it is, such as `stage 'dev'`."""
        told = [(where, problem) for where, problems in findings.items() for problem in problems]
        if len(told) == 1:
            ((where, problem),) = told
            super().__init__(f"Settings of {where} in infra/config.py: {problem}.")
        else:
            lines = "".join(f"\n- {where}: {problem}." for where, problem in told)
            super().__init__(f"{len(told)} settings in infra/config.py cannot work:{lines}")
        self.problems = tuple(problem for _, problem in told)


class TimesError(InfraError):
    """The times of load balancer, service and task contradict each other; edit `service/contract.py`."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Tell everything that is wrong, one mistake after the other."""
        super().__init__(f"Times in service/contract.py: {'; '.join(problems)}.")
        self.problems = tuple(problems)
