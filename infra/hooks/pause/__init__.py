"""No task goes while a release moves traffic: scale-in is suspended for as long as one is in progress.

It runs on Lambda with what the runtime has, and knows nothing of the rest of the repository.
"""
