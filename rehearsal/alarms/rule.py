"""The rule of a composite alarm: what the states of others come to.

AWS documentation (CloudWatch API Reference, PutCompositeAlarm, AlarmRule): `ALARM(...)`, `OK(...)` and
`INSUFFICIENT_DATA(...)` with the name or the ARN of an alarm, `TRUE`, `FALSE`, `AND`, `OR`, `NOT`, and
parentheses.
"""

import re
from collections.abc import Callable
from typing import Final

from rehearsal.alarms.definition import State
from rehearsal.alarms.errors import Malformed

_TOKEN: Final = re.compile(r"\s*(?:(?P<quoted>\"[^\"]*\")|(?P<sign>[()])|(?P<word>[^\s()\"]+))")
_STATES: Final = ("ALARM", "OK", "INSUFFICIENT_DATA")
_END: Final = ""


def holds(rule: str, state_of: Callable[[str], State]) -> bool:
    """Return whether a rule holds.

    Args:
        rule: as the alarm's definition has it.
        state_of: returns the state of an alarm by name or ARN.

    Raises:
        Malformed: it cannot be read.
    """
    reader = _Reader(rule, state_of)
    result = reader.either()
    reader.expect(_END)
    return result


class _Reader:
    """Reads and judges at once: every part is read, whatever the parts before came to."""

    def __init__(self, rule: str, state_of: Callable[[str], State]) -> None:
        self._rule, self._state_of = rule, state_of
        self._tokens = [*(match.group().strip() for match in _TOKEN.finditer(rule)), _END]
        self._at = 0

    def either(self) -> bool:
        result = self._both()
        while self._tokens[self._at] == "OR":
            self._at += 1
            result |= self._both()
        return result

    def expect(self, taken: str) -> None:
        if self._take() != taken:
            raise self._malformed()

    def _both(self) -> bool:
        result = self._one()
        while self._tokens[self._at] == "AND":
            self._at += 1
            result &= self._one()
        return result

    def _one(self) -> bool:
        taken = self._take()
        if taken == "NOT":
            return not self._one()
        if taken == "(":
            inside = self.either()
            self.expect(")")
            return inside
        if taken in {"TRUE", "FALSE"}:
            return taken == "TRUE"
        if taken not in _STATES:
            raise self._malformed()
        self.expect("(")
        name = self._take().strip('"')
        self.expect(")")
        return self._state_of(name) == taken

    def _take(self) -> str:
        if self._at == len(self._tokens):
            raise self._malformed()
        self._at += 1
        return self._tokens[self._at - 1]

    def _malformed(self) -> Malformed:
        return Malformed(f"The rule {self._rule!r} cannot be read.")
