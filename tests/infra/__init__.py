"""Promises of the infrastructure: settings, templates and the release gate."""
