"""A version that runs, and never says that it is ready."""

import sys

from service import server
from service.lifecycle import Lifecycle


class Cold(Lifecycle):
    """A lifecycle that stays where it begins."""

    def warm(self) -> None:
        """Do nothing."""


vars(server).update(Lifecycle=Cold)
sys.exit(server.main())
