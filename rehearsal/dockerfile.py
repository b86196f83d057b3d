"""What a Dockerfile's last stage puts into an image, read without Docker."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self


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

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the instructions after the last FROM; `COPY --from` of an earlier stage is left out."""
        copies: list[Copy] = []
        environment: dict[str, str] = {}
        command: tuple[str, ...] = ()
        for keyword, rest in _instructions(text):
            match keyword:
                case "FROM":
                    copies, environment, command = [], {}, ()
                case "COPY" if not _is_from_stage(rest):
                    *sources, destination = [word for word in rest.split() if not word.startswith("--")]
                    copies.append(Copy(tuple(sources), destination))
                case "ENV":
                    environment |= dict(pair.split("=", 1) for pair in rest.split())
                case "CMD":
                    command = tuple(json.loads(rest))
                case _:
                    pass
        return cls(tuple(copies), environment, command)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        keyword, _, rest = line.strip().partition(" ")
        yield keyword.upper(), rest.strip()


def _is_from_stage(rest: str) -> bool:
    return any(word.startswith("--from=") for word in rest.split())
