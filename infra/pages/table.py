"""Which documents are made from the code, and by what."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from infra.pages.architecture import architecture_picture
from infra.pages.resources import resources_page
from infra.pages.settings import settings_page

PAGES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "docs/architecture.svg": architecture_picture,
        "docs/reference/resources.md": resources_page,
        "docs/reference/settings.md": settings_page,
    }
)
"""Every generated document by its path in the repository, with the function that returns its whole text."""
