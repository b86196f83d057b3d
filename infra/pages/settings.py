"""The reference of the settings: every field with its type, default and meaning."""


def settings_page() -> str:
    """Return `docs/reference/settings.md`."""
    return "# Settings\n"
