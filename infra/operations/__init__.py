"""What people look at and what calls them: dashboard, alarms, messages, saved log queries, budget.

No traffic and no release depends on any of it, so it is changed at will. It takes names and entries of the
directory from the other stacks, never their constructs.
"""
