"""The release gate: lets a new version pass only when its answers are those its package promises.

`document`, `probes` and `gate` decide, without effects of their own; `addresses` and `release` find what to
ask and where, `node` asks over HTTP, `bounded` keeps all of it within its time; `examine` puts them together.
`codedeploy` and `ecs` are the Lambda handlers, one for each engine: they call `examine` and tell its verdict.
"""
