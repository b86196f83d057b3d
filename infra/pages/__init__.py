"""Documents that are made from the code, so that they cannot disagree with it.

`python -m infra.pages` writes them, `--check` says which are stale. A page that needs templates imports the
CDK inside its own function, because that starts Node.
"""
