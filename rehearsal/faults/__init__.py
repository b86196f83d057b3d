"""Faults: what goes wrong in a release on purpose, and how the stage must come out of it.

`catalogue` lists them; `bad/` holds what takes the place of the image's `service/__main__.py` for faults
that lie in the version itself. How to add one: docs/guides/faults.md.
"""
