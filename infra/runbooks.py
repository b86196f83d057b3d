"""Where somebody reads what to do: one document for each kind of trouble and each risky change.

Plain data and text; `tests/infra/test_runbooks.py` keeps the list and the folder in step.
"""

from typing import Final

from infra.settings import RegistrySettings

FOLDER: Final = "docs/runbooks"
"""Where they are, from the root of the repository."""
RUNBOOKS: Final = (
    "release-stuck",
    "rolled-back",
    "alarm-red",
    "wrong-colour",
    "image-missing",
    "quota",
    "teardown",
    "first-deployment",
    "replace-service",
)
"""Every runbook: the name of its file without `.md`."""


def runbook(name: str, registry: RegistrySettings) -> str:
    """Return the sentence that sends a reader to a runbook; it ends every alarm's description.

    Args:
        name: one of `RUNBOOKS`.
        registry: whose `github` makes it a link that can be clicked; a path in the repository without.

    Raises:
        ValueError: there is no such runbook.
    """
    return f"See {location(name, registry)}."


def location(name: str, registry: RegistrySettings) -> str:
    """Return where a runbook is: a link to it on GitHub, or its path in the repository.

    Raises:
        ValueError: there is no such runbook.
    """
    if name not in RUNBOOKS:
        raise ValueError(f"There is no runbook {name!r}: choose one of {', '.join(RUNBOOKS)}.")
    path = f"{FOLDER}/{name}.md"
    return f"{registry.github_page}/blob/main/{path}" if registry.github_page else path
