"""From raw plant records to a model package: data, features, training, evaluation, packing.

`manifest`, `features`, `clock` and `served` are what the service runs: they import nothing beyond
the standard library, numpy and safetensors, and no other module from here. The package must not
know how it is served, shipped or rehearsed.
"""
