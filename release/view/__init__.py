"""How a release looks: live on a terminal, line by line elsewhere, and as a summary of a workflow's run.

Everything here takes what was seen and shows it; nothing here asks AWS.
"""
