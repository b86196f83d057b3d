"""The local control plane: moto's server, mended where it departs from rules that a release relies on.

One module for each rule, each citing the AWS documentation that it restores; `mends.apply` puts them in.
Decision 10 says why moto is mended and how we know that the mends are right. This package knows nothing of
the stages, of tasks or of Envoy: it is what AWS would be.
"""
