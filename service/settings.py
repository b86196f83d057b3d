"""What the environment may say about this process."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from service import contract
from service.errors import MisuseError

_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen and what to serve."""

    host: str = contract.DEFAULT_HOST
    """Address to listen on; every address by default."""
    port: int = contract.PORT
    """TCP port to listen on; 0 lets the system choose one."""
    package: Path = Path(contract.PACKAGE_FOLDER)
    """Folder of the model package; `package` in the working folder by default."""
    lame_duck: float = contract.LAME_DUCK
    """Seconds from SIGTERM to the closing of the listener."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings that the environment states, defaults where it says nothing.

        Raises:
            MisuseError: with everything that is wrong, in one sentence.
        """
        wrong: list[str] = []
        settings = cls(
            host=environment.get(contract.ENV_HOST) or contract.DEFAULT_HOST,
            port=int(_number(environment, contract.ENV_PORT, contract.PORT, _HIGHEST_PORT, wrong)),
            package=Path(environment.get(contract.ENV_PACKAGE) or contract.PACKAGE_FOLDER),
            lame_duck=_number(
                environment, contract.ENV_LAME_DUCK, contract.LAME_DUCK, contract.STOP_TIMEOUT, wrong
            ),
        )
        if not settings.package.is_dir():
            wrong.append(
                f"{contract.ENV_PACKAGE} names no folder ({settings.package}); "
                "make one with `python -m model train --out DIR`"
            )
        if wrong:
            raise MisuseError("; ".join(wrong) + ".")
        return settings


def _number(environment: Mapping[str, str], name: str, default: int, highest: int, wrong: list[str]) -> float:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(highest)) or int(text) > highest:
        wrong.append(f"{name} is {text[:40]!r} but must be a whole number from 0 to {highest}")
        return default
    return int(text)
