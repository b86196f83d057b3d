"""Lets `python -m release` work."""

import sys

from release.cli import main

sys.exit(main())
