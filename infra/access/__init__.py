"""Who may release to a stage and who may deploy it: workflows of one GitHub repository, by role.

Everything here is said by names alone, so that the roles exist before anything that they are for.
"""
