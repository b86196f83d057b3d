"""Releases: move one stage's traffic to one image digest, and lose nothing, whatever happens on the way.

A release reads like one: preflight, claim, hold, prepare, register, shift, follow, verify, remember, tag,
record, free. Decisions are pure functions over what was read; boto3 and the clock stand at the edge and are
passed in. The same code talks to AWS and to a rehearsal, and cannot tell which it is.

Must not know how a model works, nor how the templates are made.
"""
