"""`python -m model`: see `model.cli`."""

import io
import sys

from model.cli import main

if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):  # the target's name is Chinese, the terminal may not be
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
