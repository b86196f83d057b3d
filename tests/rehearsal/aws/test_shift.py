"""The last step of a release, against the mended control plane."""

import pytest

from rehearsal import shift

from .stacks import Stacks

pytestmark = pytest.mark.slow


def test_an_update_with_nothing_new_reads_the_colour_and_changes_nothing_else(stacks: Stacks) -> None:
    """The listener follows, and so does what a later failure puts back."""
    stacks.create()
    stacks.swap(Blue=0, Green=100)
    stacks.colour("green")
    shift.update_with_nothing_new(stacks.plane.cloudformation, stacks.name)
    assert stacks.described()["StackStatus"] == "UPDATE_COMPLETE"
    assert stacks.destination() == {"Green": 1}
    assert stacks.destination("Test") == {"Green": 1}
    assert [name for name, status in stacks.events() if status == "UPDATE_COMPLETE"] == [
        "Listener",
        stacks.name,
    ]


def test_an_update_with_nothing_new_may_find_nothing_to_do(stacks: Stacks) -> None:
    """A release that is continued after its last step has been done ends well."""
    stacks.create()
    shift.update_with_nothing_new(stacks.plane.cloudformation, stacks.name)
    assert stacks.described()["StackStatus"] == "CREATE_COMPLETE"
