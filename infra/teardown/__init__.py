"""Taking a stage down: in the order in which its stacks lean on each other, what keeps data never.

`plan` decides, purely, from what exists; `region` is the only module that talks to AWS; `cli` asks and shows.
A plan is made anew from what exists each time, so a teardown that was killed goes on when it is run again.
Not yet exercised on AWS: tested against moto, whose stacks end at once.
"""
