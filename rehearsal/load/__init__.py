"""A constant load for the whole of a rehearsal: k6 sends, its script judges, each request leaves a line.

The schedule is open: a request leaves when it is due, however slowly the server answers. This package knows
addresses, bodies and the answers that are right; it knows nothing of releases, colours or AWS.
"""
