"""`python -m tests.e2e.release.program VARIANT …`: `python -m release …`, in a checkout of other settings."""

import sys
from functools import partial
from types import MappingProxyType

from infra import config
from tests.e2e.release import variants


def main() -> int:
    """Give the stages the settings of a variant, before anything has read them, and release."""
    name, *arguments = sys.argv[1:]
    stages = MappingProxyType({**config.STAGES, **variants.stages(name)})
    vars(config).update(STAGES=stages, settings_for=partial(config.settings_for, stages=stages))
    from release.cli import main as release  # noqa: PLC0415 - it reads the settings when it is imported

    return release(arguments)


if __name__ == "__main__":
    sys.exit(main())
