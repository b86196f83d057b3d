"""The cold start: what the contract says that it costs."""

import sys
from pathlib import Path

import pytest

from benchmarks.cold_start import Start, measure, table
from service.contract import COLD_START_CPU_SECONDS


@pytest.mark.slow
def test_a_start_costs_no_more_than_the_contract_says(package_folder: Path, tmp_path: Path) -> None:
    """CPU time until readiness, with nothing compiled, as in the image; other programs do not count."""
    started = measure(Path(sys.executable), package_folder, tmp_path)
    assert 0.1 < started.cpu < COLD_START_CPU_SECONDS
    assert started.wall > 0


def test_the_table_says_what_a_small_task_makes_of_it() -> None:
    """A quarter of a vCPU takes four times as long; more than one is no faster than the clock."""
    text = table([Start(wall=0.9, cpu=0.8), Start(wall=1.0, cpu=0.9), Start(wall=5.0, cpu=1.0)])
    assert text.splitlines()[2:] == [
        "start to ready: median 1.00 s; CPU: median 0.90 s, most 1.00 s",
        "",
        "| task | start to ready, estimated |",
        "|---|---|",
        "| 0.25 vCPU | 3.6 s |",
        "| 0.5 vCPU | 1.8 s |",
        "| 1 vCPU | 1.0 s |",
        "| 2 vCPU | 1.0 s |",
    ]
