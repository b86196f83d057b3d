"""`python -m model train|evaluate|show|example`: results on stdout, everything else on stderr.

Exit codes: 0 done, 1 failed, 2 the data or an argument has to be mended, 130 interrupted.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from model import card
from model.clock import excerpt
from model.errors import InputError, ModelError
from model.example import ROWS, SEED, example_csv
from model.manifest import MANIFEST, PackageError, open_package
from model.output import print_text, write_file
from model.records import Dataset, load, parse
from model.training import FOLDS, assess, train

_MOST_ROWS, _MOST_FOLDS, _MOST_SEEDS, _LAST_SEED = 10**6, 10**4, 10**3, 2**32 - 1
_EXAMPLES = """\
examples:
  python -m model train --out build/package                 fit on made-up records, write the package
  python -m model train --data plant.csv --out build/package
  python -m model train --data folder/ --out build/package  all *.csv files of a folder
  python -m model evaluate --data plant.csv --json          cross-validate, print JSON
  python -m model show build/package                        verify a package and print its card
  python -m model example --rows 1400 --seed 2019 --out plant.csv
"""


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message:.300}; see {self.prog} --help.")

    def print_help(self, file: object = None) -> None:  # noqa: ARG002 - argparse's own signature
        print_text(self.format_help())


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        options = _parser().parse_args(arguments)
        code: int = options.run(options)
    except InputError as error:
        return _fail(error, 2)
    except (ModelError, PackageError) as error:
        return _fail(error, 1)
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return _fail("Interrupted; nothing was left half-written.", 130)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m model",
        description="From raw plant records to a model package that the service can serve.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_train(commands)
    _add_evaluate(commands)
    _add_show(commands)
    _add_example(commands)
    return parser


def _add_train(commands: "argparse._SubParsersAction[_Parser]") -> None:
    command = commands.add_parser("train", help="fit a model and write its package")
    _add_data(command)
    command.add_argument(
        "--out", type=_path, required=True, metavar="DIR", help="where the package shall lie"
    )
    seed = _whole(0, _LAST_SEED)
    command.add_argument("--seed", type=seed, default=0, help="of the fit and the folds (default 0)")
    _add_json(command)
    command.set_defaults(run=_train)


def _add_evaluate(commands: "argparse._SubParsersAction[_Parser]") -> None:
    command = commands.add_parser("evaluate", help="cross-validate, with repeated recipes on one side")
    _add_data(command)
    folds = f"parts of the records, each held out once and predicted from the others (default {FOLDS})"
    command.add_argument("--folds", type=_whole(2, _MOST_FOLDS), default=FOLDS, help=folds)
    seeds = "how many cross-validations, each with other folds (default 3)"
    command.add_argument("--seeds", type=_whole(1, _MOST_SEEDS), default=3, help=seeds)
    _add_json(command)
    command.set_defaults(run=_evaluate)


def _add_show(commands: "argparse._SubParsersAction[_Parser]") -> None:
    command = commands.add_parser("show", help="verify a package and print its card")
    command.add_argument("folder", type=_path, metavar="DIR", help="a model package")
    _add_json(command)
    command.set_defaults(run=_show)


def _add_example(commands: "argparse._SubParsersAction[_Parser]") -> None:
    command = commands.add_parser("example", help="make up records in the shape of the real ones")
    rows = f"how many records (default {ROWS})"
    command.add_argument("--rows", type=_whole(1, _MOST_ROWS), default=ROWS, help=rows)
    seed = f"which records; the same seed makes the same ones (default {SEED})"
    command.add_argument("--seed", type=_whole(0, _LAST_SEED), default=SEED, help=seed)
    command.add_argument(
        "--out", type=_path, metavar="FILE", help="where to write the CSV file (default: standard output)"
    )
    command.set_defaults(run=_example)


def _add_data(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data",
        nargs="+",
        action="extend",
        metavar="PATH",
        help="CSV files or folders of them, UTF-8 or GB18030 (default: made-up records)",
    )


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON for programs")


def _train(options: argparse.Namespace) -> int:
    training = train(_data(options), options.out, seed=options.seed, progress=_progress)
    if options.json:
        manifest = training.package.manifest
        found = {"metrics": asdict(training.evaluation), "parity": asdict(training.parity)}
        _print_json({"package": str(training.package.folder), "version": manifest.version, **found})
    else:
        print_text(card.of_training(training) + "\n")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    evaluation = assess(_data(options), folds=options.folds, seeds=range(options.seeds), progress=_progress)
    if options.json:
        _print_json(asdict(evaluation))
    else:
        print_text(card.of_evaluation(evaluation) + "\n")
    return 0


def _show(options: argparse.Namespace) -> int:
    try:
        found = options.folder.is_dir()
    except OSError:  # a name that cannot be one
        found = False
    if not found:
        raise InputError(f"{options.folder}: no such folder; give the folder of a model package.")
    package = open_package(options.folder)
    if options.json:
        _print_json(json.loads((package.folder / MANIFEST).read_bytes()))
    else:
        print_text(card.of_package(package) + "\n")
    return 0


def _example(options: argparse.Namespace) -> int:
    text = example_csv(options.rows, options.seed)
    if options.out is None:
        print_text(text, encoding="utf-8")
    else:
        write_file(options.out, text.encode())
    return 0


def _data(options: argparse.Namespace) -> Dataset:
    if options.data:
        return load(options.data)
    _progress(f"no --data given: using {ROWS} made-up records (seed {SEED})")
    return parse(example_csv(ROWS, SEED), "made-up records")


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the name is empty; give a path")
    return Path(text)


def _whole(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number within these limits."""

    def read(text: str) -> int:
        digits = text.lstrip("0") or text[-1:]
        plain = digits.isascii() and digits.isdigit() and len(digits) <= len(str(most))
        if not plain or not least <= int(digits) <= most:
            raise argparse.ArgumentTypeError(f"{excerpt(text)} is not a whole number from {least} to {most}")
        return int(digits)

    return read


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _print_json(value: object) -> None:
    readable = sys.stdout is not None and sys.stdout.encoding.lower() == "utf-8"
    print_text(json.dumps(value, ensure_ascii=not readable, indent=1) + "\n")


def _fail(reason: object, code: int) -> int:
    print(reason, file=sys.stderr)
    return code
