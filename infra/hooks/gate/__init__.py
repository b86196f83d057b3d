"""The release gate: lets a new version pass only when its answers are those its package promises.

`probes` and `gate` decide, without effects of their own; `addresses` and `release` find what to ask and
where, `node` asks over HTTP, `bounded` keeps all of it within its time; `codedeploy` is the Lambda
handler that runs the gate and reports.
"""
