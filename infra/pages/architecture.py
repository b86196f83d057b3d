"""The picture of a stage: its stacks, what matters in them, the way of a request and of a release.

Drawn from the same templates as the table of resources: a box stands for a resource, and is refused when no
template has it. Text is text, colours are legible on light and on dark paper, and nothing is fetched.
"""

from typing import Final
from xml.sax.saxutils import escape

from infra.pages.layout import ARROWS, BOX_HEIGHT, BOX_WIDTH, BOXES, FRAMES, HEIGHT, WIDTH, Arrow, Box, Frame
from infra.pages.templates import resources

STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #1b2733; }
  .title { font-weight: 600; } .small { font-size: 11px; fill: #4a5a68; } .label { font-size: 11px; }
  .paper { fill: #ffffff; } .frame { fill: #f3f6f9; stroke: #8798a8; }
  .box { fill: #ffffff; stroke: #51677a; } .blue { stroke: #1f6feb; stroke-width: 2; }
  .green { stroke: #1a8f4c; stroke-width: 2; }
  .arrow { fill: none; stroke-width: 1.8; }
  .traffic { stroke: #1f6feb; } .test { stroke: #8a5cd6; stroke-dasharray: 5 3; }
  .release { stroke: #c05a00; } .people { stroke: #51677a; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .small { fill: #a9b8c6; } .paper { fill: #0d1117; }
    .frame { fill: #161b22; stroke: #5b6b7a; } .box { fill: #21262d; stroke: #8b9bab; }
    .blue, .traffic { stroke: #58a6ff; } .green { stroke: #3fb950; }
    .test { stroke: #bc8cff; } .release { stroke: #f0883e; } .people { stroke: #a9b8c6; }
  }
"""
LEGEND: Final = (
    ("traffic", "requests of clients"),
    ("test", "probes of the release gate"),
    ("release", "a release, and what steers it"),
    ("people", "what people are told"),
)


def architecture_picture() -> str:
    """Return `docs/architecture.svg`.

    Raises:
        KeyError: a box stands for something that no template has.
    """
    there = {(one.stack, one.path): one.type for one in resources()}
    parts = [_frame(frame) for frame in FRAMES]
    parts += [_arrow(arrow) for arrow in ARROWS]
    parts += [_box(box, there[box.stack, box.path]) for box in BOXES]
    parts += [_legend(number, kind, words) for number, (kind, words) in enumerate(LEGEND)]
    return "\n".join((*_head(), *parts, "</svg>")) + "\n"


def _head() -> tuple[str, ...]:
    markers = "".join(_marker(kind) for kind, _ in LEGEND)
    what = (
        "Eight stacks; the way of a request through the load balancer to the live colour, "
        "and of a release through the gate to the other one."
    )
    return (
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            'aria-labelledby="title what">'
            "\n<!-- Written by `make docs` (infra/pages/architecture.py); edit that instead. -->"
        ),
        '<title id="title">One stage of Switchyard on AWS</title>',
        f'<desc id="what">{what}</desc>',
        f"<style>{STYLE}</style>",
        f"<defs>{markers}</defs>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
    )


def _marker(kind: str) -> str:
    """Return the head of one kind of arrow."""
    size = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    head = f'<path class="arrow {kind}" style="stroke-dasharray:none" d="M0 0 L7 4 L0 8"/>'
    return f'<marker id="{kind}" {size} orient="auto">{head}</marker>'


def _rectangle(kind: str, place: tuple[int, int, int, int]) -> str:
    x, y, width, height = place
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>'


def _text(kind: str, x: int, y: int, words: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def _frame(frame: Frame) -> str:
    _, x, y, width, height, _ = frame
    words = _text("title", x + 12, y + 22, frame.stack) + _text(
        "small", x + width - 12, y + 22, frame.life, "end"
    )
    return f"<g>{_rectangle('frame', (x, y, width, height))}{words}</g>"


def _box(box: Box, kind: str) -> str:
    colour = {"Blue": "box blue", "Green": "box green"}.get(box.path, "box")
    middle = box.x + BOX_WIDTH // 2
    words = _text("title", middle, box.y + 20, box.title, "middle")
    words += _text("small", middle, box.y + 36, box.below, "middle")
    shape = _rectangle(colour, (box.x, box.y, BOX_WIDTH, BOX_HEIGHT))
    return f"<g><title>{escape(kind)} {escape(box.stack)}/{escape(box.path)}</title>{shape}{words}</g>"


def _arrow(arrow: Arrow) -> str:
    line = " L".join(f"{x} {y}" for x, y in arrow.points)
    label = _text("label", *arrow.at, arrow.label) if arrow.label else ""
    return f'<g><path class="arrow {arrow.kind}" marker-end="url(#{arrow.kind})" d="M{line}"/>{label}</g>'


def _legend(number: int, kind: str, words: str) -> str:
    x, y = 30 + number * 290, HEIGHT - 25
    return (
        f'<g><path class="arrow {kind}" marker-end="url(#{kind})" d="M{x} {y} L{x + 36} {y}"/>'
        f"{_text('label', x + 44, y + 4, words)}</g>"
    )
