"""The release gate: lets a new version pass only when its answers are those its package promises.

`probes` and `gate` decide, without effects of their own; `node` asks over HTTP; `codedeploy` is the
Lambda handler that finds the release, runs the gate and reports.
"""
