"""Which documents are made from the code, and by what."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from infra.pages.settings import settings_page

PAGES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "docs/reference/settings.md": settings_page,
    }
)
"""Every generated document by its path in the repository, with the function that returns its whole text."""
