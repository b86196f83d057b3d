"""`python -m tests.e2e.picture REPORT.html PICTURE.png`: the top of a report, for the documentation."""

import base64
import sys
from pathlib import Path
from typing import Final

from tests.e2e.browser import browser

WIDTH: Final = 1200
HEIGHT: Final = 1420


def main(report: Path, picture: Path) -> None:
    """Open the report and save its verdict, its promises and the first charts."""
    with browser() as page:
        page.open(report.resolve().as_uri(), width=WIDTH)
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT, "scale": 1}
        shot = page.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
