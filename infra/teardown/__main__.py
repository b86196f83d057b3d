"""`python -m infra.teardown`: take a stage down."""

import sys

from infra.teardown.cli import main

sys.exit(main())
