"""`python -m model train|evaluate|show|example`: results on stdout, everything else on stderr.

Exit codes: 0 done, 1 failed, 2 the data or an argument has to be mended, 130 interrupted.
"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from model import card
from model.errors import InputError, ModelError
from model.example import ROWS, SEED, example_csv
from model.manifest import MANIFEST, PackageError, open_package
from model.records import Dataset, load, parse
from model.training import FOLDS, assess, train

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
        raise InputError(f"{message}; see {self.prog} --help.")


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
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return _fail("Interrupted; nothing was written.", 130)
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
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the package shall lie")
    command.add_argument("--seed", type=_natural, default=0, help="of the fit and the folds (default 0)")
    _add_json(command)
    command.set_defaults(run=_train)


def _add_evaluate(commands: "argparse._SubParsersAction[_Parser]") -> None:
    command = commands.add_parser("evaluate", help="cross-validate, with repeated recipes on one side")
    _add_data(command)
    command.add_argument("--folds", type=_at_least_two, default=FOLDS, help=f"(default {FOLDS})")
    command.add_argument("--seeds", type=_positive, default=3, help="how many cross-validations (default 3)")
    _add_json(command)
    command.set_defaults(run=_evaluate)


def _add_show(commands: "argparse._SubParsersAction[_Parser]") -> None:
    command = commands.add_parser("show", help="verify a package and print its card")
    command.add_argument("folder", type=Path, metavar="DIR", help="a model package")
    _add_json(command)
    command.set_defaults(run=_show)


def _add_example(commands: "argparse._SubParsersAction[_Parser]") -> None:
    command = commands.add_parser("example", help="make up records in the shape of the real ones")
    command.add_argument("--rows", type=_positive, default=ROWS, help=f"(default {ROWS})")
    command.add_argument("--seed", type=_natural, default=SEED, help=f"(default {SEED})")
    command.add_argument("--out", type=Path, metavar="FILE", help="a CSV file (default: standard output)")
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
        _print_json({"package": str(options.out), "version": manifest.version, **found})
    else:
        print(card.of_training(training))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    evaluation = assess(_data(options), folds=options.folds, seeds=range(options.seeds), progress=_progress)
    if options.json:
        _print_json(asdict(evaluation))
    else:
        print(card.of_evaluation(evaluation))
    return 0


def _show(options: argparse.Namespace) -> int:
    if not options.folder.is_dir():
        raise InputError(f"{options.folder}: no such folder; give the folder of a model package.")
    package = open_package(options.folder)
    if options.json:
        _print_json(json.loads((package.folder / MANIFEST).read_bytes()))
    else:
        print(card.of_package(package))
    return 0


def _example(options: argparse.Namespace) -> int:
    text = example_csv(options.rows, options.seed)
    if options.out is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return 0
    partial = options.out.with_name(f".{options.out.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(text.encode())
        partial.replace(options.out)
    except OSError as error:
        reason = error.strerror
        raise InputError(f"{options.out}: cannot be written ({reason}); choose another --out.") from None
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
    return 0


def _data(options: argparse.Namespace) -> Dataset:
    if options.data:
        return load(options.data)
    _progress(f"no --data given: using {ROWS} made-up records (seed {SEED})")
    return parse(example_csv(ROWS, SEED), "made-up records")


def _positive(text: str) -> int:
    return _whole(text, 1)


def _natural(text: str) -> int:
    return _whole(text, 0)


def _at_least_two(text: str) -> int:
    return _whole(text, 2)


def _whole(text: str, least: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) < 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
    return int(text)


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _print_json(value: object) -> None:
    readable = sys.stdout.encoding.lower() == "utf-8"
    print(json.dumps(value, ensure_ascii=not readable, indent=1))


def _fail(reason: object, code: int) -> int:
    print(reason, file=sys.stderr)
    return code
