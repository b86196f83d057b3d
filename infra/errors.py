"""What can be wrong with a request to build the infrastructure."""

from collections.abc import Sequence


class InfraError(Exception):
    """The templates cannot be made; the message is one sentence for the person at the terminal."""


class ContextError(InfraError):
    """A `--context` value given to the CDK CLI means nothing; repeat the command with another value."""


class SettingsError(InfraError):
    """A stage's settings contradict themselves or AWS; edit `infra/config.py`."""

    def __init__(self, stage: str, problems: Sequence[str]) -> None:
        """Join all problems of one stage, so that one run shows every mistake."""
        super().__init__(f"Settings of stage {stage!r} in infra/config.py: {'; '.join(problems)}.")
        self.problems = tuple(problems)
