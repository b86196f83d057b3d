"""What a Dockerfile's last stage puts into an image, read without Docker."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from rehearsal.errors import StepFailed
from service import contract


@dataclass(frozen=True, slots=True)
class Copy:
    """One COPY from the build context: sources relative to it, destination relative to WORKDIR."""

    sources: tuple[str, ...]
    destination: str


@dataclass(frozen=True, slots=True)
class FinalStage:
    """The part of a Dockerfile that decides what runs: the files, the environment and the command."""

    copies: tuple[Copy, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    user: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the instructions after the last FROM; `COPY --from` of an earlier stage is left out.

        Raises:
            StepFailed: The stage does something that has no process form, or copies out of the image.
        """
        copies: list[Copy] = []
        environment: dict[str, str] = {}
        command: tuple[str, ...] = ()
        user = unplayable = ""
        for keyword, rest in _instructions(text):
            match keyword:
                case "FROM":
                    copies, environment, command, user, unplayable = [], {}, (), "", ""
                case "COPY" if not _is_from_stage(rest):
                    *sources, destination = [word for word in rest.split() if not word.startswith("--")]
                    copies.append(Copy(tuple(sources), destination))
                case "ENV":
                    environment |= dict(pair.split("=", 1) for pair in rest.split())
                case "CMD":
                    command = tuple(json.loads(rest))
                case "USER":
                    user = rest
                case "ADD" | "ENTRYPOINT" | "RUN" | "VOLUME":
                    unplayable = keyword
                case _:
                    pass
        if unplayable:
            raise StepFailed(f"The Dockerfile's last stage has {unplayable}, which has no process form.")
        inside = [Copy(copy.sources, _inside(copy.destination)) for copy in copies]
        return cls(tuple(inside), environment, command, user)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        keyword, _, rest = line.strip().partition(" ")
        yield keyword.upper(), rest.strip()


def _inside(destination: str) -> str:
    """Return a destination relative to the working folder."""
    relative = destination.removeprefix(f"{contract.WORKDIR}/")
    if relative.startswith("/") or ".." in relative.split("/"):
        raise StepFailed(f"The Dockerfile copies to {destination}, outside {contract.WORKDIR}.")
    return relative


def _is_from_stage(rest: str) -> bool:
    return any(word.startswith("--from=") for word in rest.split())


def default_argument(text: str, name: str) -> str:
    """Return the default of a build argument; empty when it has none."""
    for keyword, rest in _instructions(text):
        if keyword == "ARG" and rest.startswith(f"{name}="):
            return rest.partition("=")[2]
    return ""
