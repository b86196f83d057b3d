"""What is an id of a release."""

from datetime import UTC, datetime

import pytest

from release.errors import BadRecord
from release.record import Record, new_id
from release.release_id import begun, is_id
from tests.release.memory import record


def test_an_id_tells_when_its_release_began() -> None:
    """In UTC, to the second."""
    began = datetime(2026, 11, 20, 16, 12, 5, tzinfo=UTC)
    assert is_id(new_id(began))
    assert begun(new_id(began)) == began


@pytest.mark.parametrize(
    "text",
    ["", "r-", "r-20269999T999999Z-abcdef", "r-20261120T161205Z-ABCDEF", "r-٢0261120T161205Z-abcdef"],
)
def test_what_only_looks_like_an_id_is_none(text: str) -> None:
    """A record that bears it is named, and nothing is looked for by a time that never was."""
    assert not is_id(text)
    with pytest.raises(BadRecord, match="its id or digest is malformed"):
        Record.from_json({**record().to_json(), "id": text}, where="s3://bucket/key")
