import moto
import pytest

from rehearsal.aws import mends
from rehearsal.aws.launch import Launch
from rehearsal.errors import StepFailed


def test_the_mends_were_read_against_the_moto_that_is_installed() -> None:
    """Red when the lock moves to another moto: read each mend against the new code first (decision 10)."""
    assert moto.__version__ == mends.MOTO


def test_another_moto_is_not_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said what to do instead of mending blindly."""
    monkeypatch.setattr(moto, "__version__", "99.0.0")
    with pytest.raises(StepFailed, match=r"for moto .*, and 99\.0\.0 is installed"):
        mends.apply(Launch(port=0))
