"""`python -m rehearsal.region`: play a region's data plane until told to end."""

import os
import sys

from rehearsal.region.cli import main

sys.exit(main(sys.argv[1:], os.environ))
