"""What a rehearsal came to: pure functions from the load's lines and the timeline to a verdict per promise.

It reads no clock, opens no connection and knows nothing of how the run was played: whoever played it tells
what each release was meant to do, and the lines tell what the clients saw.
"""
