"""The HTTP API over one model package.

It answers predictions for raw plant records. It knows the package's manifest, the code that turns
a record into a vector and the served form of the model; it must not know how the model was
trained, nor where it runs.
"""
