"""`python -m rehearsal`."""

import sys

try:
    from rehearsal.cli import main

    sys.exit(main())
except KeyboardInterrupt:  # pressed while Python was still importing: nothing had been started
    sys.exit(130)
