"""The timeline of a run: one line of JSON for everything that happened, written by every process of it.

Lines look like `{"at": 1700000000.123, "kind": "task", "text": "…", …}`; `at` is Unix time of this machine.
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

NAME = "timeline.jsonl"
Kind = Literal["step", "release", "lifecycle", "weights", "alarm", "task", "fault", "note"]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Adds lines to a file that others add to at the same time."""

    path: Path

    @classmethod
    def of(cls, run: Path) -> Self:
        """Return the timeline of a run's folder."""
        return cls(run / NAME)

    def add(self, kind: Kind, text: str, *, at: float | None = None, **details: object) -> None:
        """Add a line, whole or not at all: Linux appends what one call writes in one piece.

        Args:
            kind: What sort of thing happened.
            text: One clause for people.
            at: Unix time at which it happened; by default now.
            details: What programs read beside it, as JSON has it.
        """
        event = {"at": time.time() if at is None else at, "kind": kind, "text": text, **details}
        line = json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def read(self) -> list[Mapping[str, Any]]:
        """Return what happened so far, by time; a line that is half written is left for later."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        *lines, _ = text.split("\n")
        return sorted((json.loads(line) for line in lines), key=lambda event: event["at"])
