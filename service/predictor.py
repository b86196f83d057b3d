"""From the bytes of a request to the bytes of its answer, by one verified model package."""

import json
import math
from dataclasses import dataclass
from typing import Final, Self

from model.features import FEATURES, source_sha256
from model.manifest import MANIFEST, PROBES, SERVED_FORM, Manifest, ModelPackage
from model.served import ServedFormError, ServedModel
from service.batch import Batch, batch_of
from service.contract import PROBE_TOLERANCE
from service.errors import RefusalError
from service.problems import Problem
from service.records import RecordSchema
from service.strict_json import parse

_RETRAIN: Final = "train the package anew with this version of the code"


@dataclass(frozen=True, slots=True)
class Predictor:
    """A model that is ready to answer."""

    manifest: Manifest
    """What the package says about itself."""
    model: ServedModel
    """The served form, from the bytes that the manifest vouches for."""
    schema: RecordSchema
    """What a record has to look like."""
    signature: str
    """The `model` member of every answer, as JSON."""

    @classmethod
    def load(cls, package: ModelPackage) -> Self:
        """Return the predictor of a package, after checking that this code is the code it was made with.

        Raises:
            RefusalError: the package and the code do not belong together.
            PackageError: a file was altered.
        """
        manifest = package.manifest
        _check_code(package)
        try:
            model = ServedModel.from_bytes(package.read(SERVED_FORM))
        except ServedFormError as error:
            raise RefusalError(f"{package.folder / SERVED_FORM}: {error}; {_RETRAIN}.") from None
        signature = json.dumps({"name": manifest.name, "version": manifest.version})
        return cls(manifest=manifest, model=model, schema=RecordSchema.of(manifest), signature=signature)

    def answer(self, body: bytes) -> bytes:
        """Return the JSON that answers the JSON of a request.

        Raises:
            Problem: the body is not JSON, or holds no records that fit the schema.
        """
        batch = batch_of(parse(body))
        predictions = self.predict(batch)
        if batch.at is None:
            return f'{{"prediction":{predictions[0]!r},"model":{self.signature}}}'.encode()
        numbers = ",".join(map(repr, predictions))
        return f'{{"predictions":[{numbers}],"model":{self.signature}}}'.encode()

    def predict(self, batch: Batch) -> list[float]:
        """Return one finite number per record.

        Raises:
            Problem: a record does not fit the schema.
        """
        predictions: list[float] = self.model.predict(self.schema.vectorise(batch)).tolist()
        if not all(map(math.isfinite, predictions)):
            raise ArithmeticError("the model predicted something that is not a finite number")
        return predictions


def replay_probes(predictor: Predictor, package: ModelPackage) -> int:
    """Send every probe of the package through the predictor, as a request would go, and compare.

    Warms up whatever is lazy on the way.

    Returns:
        How many probes have passed.

    Raises:
        RefusalError: a probe got another answer than the one it was packed with.
        PackageError: the probes were altered.
    """
    where = package.folder / PROBES
    try:
        probes = json.loads(package.read(PROBES))["probes"]
        for probe in probes:
            got = json.loads(predictor.answer(json.dumps(probe["record"]).encode()))["prediction"]
            _compare(f"{where}: probe {probe['name']!r}", float(probe["prediction"]), got)
    except Problem as problem:
        raise RefusalError(f"{where}: {_first_fault(problem)}; {_RETRAIN}.") from None
    except ArithmeticError as error:
        raise RefusalError(f"{where}: {error}; {_RETRAIN}.") from None
    except (ValueError, TypeError, KeyError):
        raise RefusalError(f"{where}: not a list of probes; {_RETRAIN}.") from None
    if not probes:
        raise RefusalError(f"{where}: has no probe to prove the model with; {_RETRAIN}.")
    return len(probes)


def _compare(what: str, expected: float, got: float) -> None:
    if not abs(got - expected) <= PROBE_TOLERANCE:
        raise RefusalError(f"{what} was packed with {expected!r}, but gets {got!r} here; {_RETRAIN}.")


def _first_fault(problem: Problem) -> str:
    return "; ".join(f"{fault.pointer} {fault.detail}" for fault in problem.faults[:1]) or problem.detail


def _check_code(package: ModelPackage) -> None:
    """Refuse a package whose features another code derived: its numbers would be subtly wrong."""
    manifest = package.manifest
    if manifest.features != FEATURES or manifest.features_sha256 != source_sha256():
        where = package.folder / MANIFEST
        raise RefusalError(f"{where}: made with other feature code than this service has; {_RETRAIN}.")
