"""Our app with no validation but the CDK's own, for `benchmarks/synth.py`."""

import sys
from pathlib import Path

from aws_cdk import Validations

sys.path.insert(0, str(Path(__file__).parents[1]))

from infra.app import build_app

if __name__ == "__main__":
    Validations.add_plugins = lambda *_: None  # type: ignore[method-assign]
    build_app().synth()
