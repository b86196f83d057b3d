"""The documents on disk: written anew, or compared with what the code says now."""

from collections.abc import Callable, Mapping
from pathlib import Path


def write(pages: Mapping[str, Callable[[], str]], root: Path) -> tuple[str, ...]:
    """Write every document that is not as the code says; return the paths of those."""
    changed = stale(pages, root)
    for path, text in changed.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    return tuple(changed)


def stale(pages: Mapping[str, Callable[[], str]], root: Path) -> dict[str, str]:
    """Return what each document that is missing or out of date should say, by its path."""
    texts = {path: page() for path, page in pages.items()}
    return {path: text for path, text in texts.items() if _text(root / path) != text}


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
