"""`python -m service` serves the model package that the environment names."""

import sys

from service.server import main

sys.exit(main())
