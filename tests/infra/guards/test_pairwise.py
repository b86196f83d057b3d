"""The rows that stand for the whole product."""

import itertools

from tests.infra.guards.pairwise import covering, pairs_of

DIMENSIONS = {"size": (1, 2, 3), "colour": ("blue", "green"), "spot": (False, True), "zones": (2, 3)}


def test_every_pair_that_can_be_is_in_some_row() -> None:
    """Compared with the whole product, nothing is missing and nothing forbidden is in."""
    allowed = [
        row
        for values in itertools.product(*DIMENSIONS.values())
        if (row := dict(zip(DIMENSIONS, values, strict=True)))["size"] != 3 or not row["spot"]
    ]
    rows, impossible = covering(DIMENSIONS, lambda row: row in allowed)
    assert all(row in allowed for row in rows)
    assert set().union(*map(pairs_of, rows)) == set().union(*map(pairs_of, allowed))
    assert impossible == [(("size", 3), ("spot", True))]
    assert len(rows) < len(allowed) / 2


def test_the_rows_are_the_same_each_time() -> None:
    """A failure can be repeated."""
    assert covering(DIMENSIONS, lambda _: True) == covering(DIMENSIONS, lambda _: True)
