"""`python -m model`: see `model.cli`."""

import io
import sys

if __name__ == "__main__":
    try:
        from model.cli import main

        if isinstance(
            sys.stdout, io.TextIOWrapper
        ):  # the target is named in Chinese, the terminal may not be
            sys.stdout.reconfigure(errors="backslashreplace")
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # pressed while Python was still importing: nothing had been begun
        sys.exit(130)
