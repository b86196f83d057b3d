"""Made-up records in the shape of the published process data, so that a fresh clone needs no download.

Columns, missing values, repeated recipes and slips of the pen are as frequent as in the real file; the
values are drawn from the distributions below. No row of the real data is in here. The yield follows from
the inputs by a rule of our own plus noise, so that a model has something to learn and something not to.
"""

import csv
import io
import math
from collections.abc import Callable, Sequence
from random import Random

from model.schema import FIELDS, IDENTIFIER, TARGET

ROWS = 1400
"""How many records are made unless asked otherwise."""
SEED = 2019
"""Which ones."""

_REPEATED, _DIRTY, _LOST = 0.22, 0.055, 0.001
_NOISE, _FAILURES = 0.012, 0.008
_Cells = dict[str, str]

# Clock: `H:MM:00`; span: `H:MM-H:MM`. Each slip turns a clean cell into a dirty one, or None.
_CLOCK_SLIPS: tuple[Callable[[str], str | None], ...] = (
    lambda text: text.removeprefix("0") if text.startswith("0:") else None,
    lambda text: text.removesuffix(":00").replace(":", "") if len(text) == len("7:00:00") else None,
    lambda text: f"1900/1/{text.split(':')[0]} 0:00" if text.endswith(":00:00") and text[0] != "0" else None,
)
_SPAN_SLIPS: tuple[Callable[[str], str | None], ...] = (
    lambda text: text.replace(":", "；", 1),
    lambda text: ";".join(text.rsplit(":", 1)),
    lambda text: text.replace(":", '"', 1),
    lambda text: text.replace(":", "::", 1),
    lambda text: text + "分",
    lambda text: text.replace("-", ":-"),
    lambda text: text[:-1] if text.endswith("00") else None,
    lambda text: text.replace(":00-", ":-") if ":00-" in text else None,
    lambda text: text + "2" if text.endswith("00") else None,
)


def example_csv(rows: int, seed: int) -> str:
    """Return CSV text with the published header; the same arguments give the same text.

    Args:
        rows: number of records, at least 1.
        seed: which records.
    """
    random = Random(seed)  # noqa: S311 - made-up data, no secret
    made: list[_Cells] = []
    for _ in range(rows):
        repeats = bool(made) and random.random() < _REPEATED
        cells = dict(random.choice(made)) if repeats else _recipe(random)
        cells[TARGET.name] = _yield(cells, random)
        made.append(cells)
    header = [IDENTIFIER, *(field.name for field in FIELDS), TARGET.name]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for number, cells in zip(random.sample(range(2 * rows), rows), made, strict=True):
        writer.writerow([f"sample_{number}", *(_soiled(cells, random)[name] for name in header[1:])])
    return text.getvalue()


def _recipe(random: Random) -> _Cells:
    cells = _settings(random) | _course(random) | _charge(random)
    for field in FIELDS:
        if field.nullable and random.random() < _LOST:
            cells[field.name] = ""
    return cells


def _charge(random: Random) -> _Cells:
    """Draw what went in: the full charge, hardly ever a smaller one, or the one with A2."""
    full = {"A1": "300", "A2": "", "A3": "405", "A4": "700"}
    with_a2 = {"A1": "300", "A2": "125", "A3": "", "A4": "980"}
    small = {"A1": "200", "A2": "", "A3": "270", "A4": "470", "B14": "280"}
    (charge,) = random.choices([full, with_a2, small], weights=[96, 3, 1])
    return charge


def _settings(random: Random) -> _Cells:
    def draw(**weights: int) -> str:
        (value,) = random.choices([key.removeprefix("v") for key in weights], list(weights.values()))
        return value.replace("_", ".")

    cooled = random.random() < 0.55  # noqa: PLR2004 - a share
    return {
        "A6": str(round(random.triangular(18, 42, 28))),
        "A10": draw(v100=46, v101=22, v102=30, v103=2),
        "A12": draw(v101=9, v102=29, v103=50, v104=10, v105=2),
        "A13": "0.2",
        "A15": draw(v102=8, v103=22, v104=50, v105=16, v106=4),
        "A17": draw(v102=8, v103=8, v104=13, v105=50, v106=12, v107=9),
        "A18": "0.2",
        "A19": draw(v200=65, v300=33, v100=2),
        "A21": draw(v50=90, v40=5, v30=3, v20=2),
        "A22": draw(v9=87, v10=12, v8=1),
        "A23": "5",
        "A25": draw(v80=40, v78=13, v79=7, v70=37, v75=3),
        "A27": draw(v73=46, v78=20, v75=15, v72=6, v76=5, v77=4, v80=4),
        "B1": draw(v320=55, v300=10, v350=10, v370=7, v340=6, v310=6, v290=6),
        "B2": draw(v3_5=98, v0_15=2),
        "B3": "3.5",
        "B6": draw(v80=62, v79=5, v70=3) if cooled else draw(v65=62, v60=36),
        "B8": draw(v45=80, v40=12, v50=5, v30=3),
        "B12": draw(v1200=95, v900=5) if cooled else draw(v800=97, v400=3),
        "B13": draw(v0_15=99, v0_03=1),
        "B14": draw(v400=54, v420=23, v440=16, v460=3, v390=2, v385=2),
    }


def _course(random: Random) -> _Cells:
    """Draw the clock: one step after the other, in multiples of five minutes."""
    now = random.choice([360, 360, 840, 840, 1320, 1260, 480, 1080, 600, 120, 300, 930])
    cells: _Cells = {"A7": "", "A8": "", "B10": "", "B11": ""}

    def at(name: str, *waits: int) -> None:
        nonlocal now
        now += random.choice(waits)
        cells[name] = f"{now // 60 % 24}:{now % 60:02d}:00"

    def during(name: str, waits: Sequence[int], lengths: Sequence[int]) -> None:
        nonlocal now
        start = now + random.choice(waits)
        now = start + random.choice(lengths)
        cells[name] = f"{start // 60 % 24}:{start % 60:02d}-{now // 60 % 24}:{now % 60:02d}"

    at("A5", 0)
    if random.random() < 0.11:  # noqa: PLR2004 - a share
        at("A7", 10, 20, 30, 100)
        cells["A8"] = random.choice(["80", "80", "80", "73", "74"])
    at("A9", 90, 120, 120, 120)
    for name in ("A11", "A14", "A16"):
        at(name, 60, 60, 60, 60, 60, 60, 50, 75)
    during("A20", (0, 0, 0, 0, 30, 60, 180, 240), (30, 60, 60))
    at("A24", 0, 0, 0, 30)
    at("A26", 60, 60, 30)
    during("A28", (0, 0, 0, 0, 60, 300, 420), (60, 60, 60, 30))
    during("B4", (0,), (60, 60, 60, 90, 120))
    at("B5", 0)
    at("B7", 120, 120, 120, 150, 180, 240)
    during("B9", (0, 0, 0, 60), (90, 90, 90, 240))
    if random.random() < 0.825:  # noqa: PLR2004 - a share
        during("B10", (0, 0, 30), (90,))
        if random.random() < 0.47:  # noqa: PLR2004 - a share
            during("B11", (0,), (60,))
    return cells


def _yield(cells: _Cells, random: Random) -> str:
    """Our own rule: warm starts, much of B14, and long waits cost; B10 and a hot B6 gain."""
    strength = float(cells["B14"] or 400) / float(cells["A1"]) - 4 / 3
    value = 0.925 - 0.35 * strength + 0.0006 * (float(cells["A6"]) - 28)
    value += 0.025 * math.tanh((float(cells["B6"]) - 70) / 6) + 0.012 * bool(cells["B10"])
    value += 0.008 * (cells["A25"] == "70") * (cells["A19"] == "300") - 0.01 * (cells["B11"] == "")
    value += random.gauss(0, _NOISE) - random.uniform(0.05, 0.15) * (random.random() < _FAILURES)
    return f"{min(max(value, 0.62), 1.001):.3f}"


def _soiled(cells: _Cells, random: Random) -> _Cells:
    """Return the cells, now and then with one slip of the pen."""
    if random.random() >= _DIRTY:
        return cells
    field = random.choice([f for f in FIELDS if f.kind == "range" or (f.kind == "clock" and not f.nullable)])
    slip = random.choice(_SPAN_SLIPS if field.kind == "range" else _CLOCK_SLIPS)
    dirty = slip(cells[field.name]) if cells[field.name] else None
    return cells if dirty is None else {**cells, field.name: dirty}
