"""The CodeDeploy API for Amazon ECS, as a server of its own on loopback.

`plan`, `state` and `machine` are the documented deployment as a pure function; `runner` carries its commands
out on the control plane by `control`; `api` and its modules answer the SDK. Nothing here knows of the release
or of the play: it is told where the control plane is and how fast time runs.
"""
