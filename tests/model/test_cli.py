"""The command line: results on stdout, one sentence on stderr, nothing half-written."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from model.cli import main
from model.example import example_csv
from model.manifest import MANIFEST, PROBES
from model.training import Training

ROOT = Path(__file__).parents[2]


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: command"),
        (["dance"], "invalid choice"),
        (["train"], "--out"),
        (["train", "--data", "nowhere.csv", "--out", "package"], "nowhere.csv: no such file"),
        (["train", "--seed", "x", "--out", "package"], "'x' is not a whole number of at least 0"),
        (["train", "--seed", "-1", "--out", "package"], "'-1' is not a whole number"),
        (["train", "--seed", "99999999999", "--out", "package"], "is not a whole number"),
        (["evaluate", "--folds", "1"], "'1' is not a whole number of at least 2"),
        (["evaluate", "--seeds", "0"], "'0' is not a whole number of at least 1"),
        (["evaluate", "--data", "s3://bucket/key"], "only local paths"),
        (["example", "--rows", "0"], "'0' is not a whole number of at least 1"),
        (["example", "--rows", "1.5"], "'1.5' is not a whole number"),
        (["example", "--out", "nowhere/plant.csv"], "cannot be written"),
        (["show", "nowhere"], "no such folder"),
    ],
)  # fmt: skip
def test_misuse_is_one_sentence_and_exit_code_two(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    complaint: str,
) -> None:
    """A mistake in the arguments is named in one line; nothing is printed or written."""
    monkeypatch.chdir(tmp_path)
    code, out, err = _run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_bad_data_is_one_sentence_and_exit_code_two(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, plant: Path, command: str
) -> None:
    """A mistake in the data is named with file, row and column; nothing is written."""
    rows = list(csv.reader(plant.read_text(encoding="utf-8").splitlines()))
    rows[6][rows[0].index("A5")] = "25:61"
    with plant.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    out = ["--out", str(tmp_path / "package")] if command == "train" else []
    code, stdout, err = _run(capsys, command, "--data", plant, *out)
    assert (code, stdout) == (2, "")
    assert err == f"{plant}, row 7, column A5: '25:61' is not a time of day; mend the cell.\n"
    assert list(tmp_path.iterdir()) == [plant]


def test_destination_is_checked_before_any_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, plant: Path
) -> None:
    """A folder that is no package is refused at once."""
    code, _, err = _run(capsys, "train", "--data", plant, "--out", tmp_path)
    assert code == 2
    assert err == f"{tmp_path}: exists and is no model package, so it is left alone; choose another --out.\n"


def test_train_prints_the_card(capsys: pytest.CaptureFixture[str], tmp_path: Path, plant: Path) -> None:
    """Training tells its progress on stderr and its result on stdout."""
    code, out, err = _run(capsys, "train", "--data", plant, "--out", tmp_path / "package")
    assert code == 0
    assert "process-yield" in out
    assert "mean squared error" in out
    assert "rows at thresholds" in out
    assert "fold 5 of 5" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["package", "plant.csv"]


def test_evaluate_prints_json(capsys: pytest.CaptureFixture[str], plant: Path) -> None:
    """The JSON has the errors per fold and seed, and adds up."""
    code, out, _ = _run(capsys, "evaluate", "--data", plant, "--json", "--folds", "3", "--seeds", "2")
    found = json.loads(out)
    assert code == 0
    assert (found["folds"], found["seeds"], found["rows"]) == (3, [0, 1], 120)
    assert len(found["fold_mse"]) == 6
    assert found["gain"] == pytest.approx(1 - found["mse"] / found["baseline_mse"])


def test_show_prints_card_or_manifest(capsys: pytest.CaptureFixture[str], trained: Training) -> None:
    """A package is verified and shown, for people or as the manifest's JSON."""
    folder = trained.package.folder
    code, out, _ = _run(capsys, "show", folder)
    assert code == 0
    assert trained.package.manifest.short_version in out
    code, out, _ = _run(capsys, "show", folder, "--json")
    assert json.loads(out) == json.loads((folder / MANIFEST).read_bytes())


def test_show_names_the_altered_file(
    capsys: pytest.CaptureFixture[str], trained: Training, tmp_path: Path
) -> None:
    """A package that was altered is not shown."""
    for path in trained.package.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes() + (b" " if path.name == PROBES else b""))
    code, out, err = _run(capsys, "show", tmp_path)
    assert (code, out) == (1, "")
    assert f"{tmp_path / PROBES}: altered" in err


def test_example_goes_to_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Made-up records are written as UTF-8, whole or not at all."""
    path = tmp_path / "plant.csv"
    code, out, _ = _run(capsys, "example", "--rows", "5", "--seed", "1", "--out", path)
    assert (code, out) == (0, "")
    assert path.read_bytes() == example_csv(5, 1).encode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["example", "--help"]])
def test_help_teaches(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """Every command explains itself."""
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 0
    assert "python -m model" in capsys.readouterr().out


def _start(*arguments: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "model", *map(str, arguments)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "", **environment}
    return subprocess.Popen(command, cwd=cwd, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.slow
def test_trainings_from_the_same_data_are_the_same_bytes(tmp_path: Path, csv_text: str) -> None:
    """Another folder, working directory, encoding, hash seed and thread count change no byte."""
    runs = []
    for name, encoding, threads in (("one", "utf-8", "1"), ("two", "gb18030", "2")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.csv").write_text(csv_text, encoding=encoding)
        arguments = ("train", "--data", f"{name}.csv", "--out", folder / "package", "--json")
        runs.append(_start(*arguments, cwd=folder, PYTHONHASHSEED=threads, OMP_NUM_THREADS=threads))
    versions = {json.loads(run.communicate(timeout=120)[0])["version"] for run in runs}
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "package").iterdir()}
        for name in ("one", "two")
    )
    assert len(versions) == 1
    assert one == two


@pytest.mark.slow
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL])
def test_ended_training_leaves_nothing(tmp_path: Path, plant: Path, kill: signal.Signals) -> None:
    """Ctrl-C and a kill in the middle of training leave no package and no partial one."""
    run = _start("train", "--data", plant, "--out", tmp_path / "package")
    assert run.stderr is not None
    assert b"fold 1" in run.stderr.readline()
    run.send_signal(kill)
    _, err = run.communicate(timeout=60)
    assert run.returncode == (130 if kill is signal.SIGINT else -signal.SIGKILL)
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == [plant]


@pytest.mark.slow
def test_terminal_without_chinese_is_served(trained: Training) -> None:
    """Where the terminal cannot show the target's name, JSON stays JSON."""
    run = _start("show", trained.package.folder, "--json", PYTHONIOENCODING="ascii")
    out, err = run.communicate(timeout=60)
    assert json.loads(out)["model"]["target"] == "收率"
    assert err == b""


@pytest.mark.slow
def test_reader_may_leave_early(tmp_path: Path) -> None:
    """A pipe that is closed early, as by `head`, is no reason for a traceback."""
    run = _start("example", "--rows", "3000", cwd=tmp_path)
    assert run.stdout is not None
    assert run.stdout.readline().startswith("样本id".encode())
    run.stdout.close()
    assert run.stderr is not None
    assert run.stderr.read() == b""
    run.stderr.close()
    assert run.wait(timeout=60) == 1
