"""Run the command line: `python -m infra.pages [--check]`."""

import sys

from infra.pages.cli import main

sys.exit(main())
