"""What can go wrong in making a model package, named for what the caller must decide.

ModelError
├── InputError        the data or an argument has to be mended; exit code 2
├── OutputError       standard output does not take the result; exit code 1
└── TrainingError     the model cannot be packed as it is; exit code 1
    ├── ExportError   the served form cannot express the pipeline
    └── ParityError   the served form does not predict what scikit-learn predicts
"""


class ModelError(Exception):
    """The root: one sentence for the person who reads it, and what to do next."""


class InputError(ModelError):
    """The data or an argument has to be mended."""


class OutputError(ModelError):
    """Standard output does not take the result."""


class TrainingError(ModelError):
    """The model cannot be packed as it is."""


class ExportError(TrainingError):
    """The served form cannot express the pipeline."""


class ParityError(TrainingError):
    """The served form does not predict what scikit-learn predicts."""
