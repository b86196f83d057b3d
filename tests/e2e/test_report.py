"""The report in a real browser, opened from disk."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.report import page
from tests.e2e.browser import Browser, Scheme, browser
from tests.rehearsal.report.sample import failing, passing

pytestmark = pytest.mark.slow

CONTRAST = """
(() => {
  const channel = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const weighed = (value, at) => [0.2126, 0.7152, 0.0722][at] * channel(value / 255);
  const light = (colour) => colour.slice(0, 3).map(weighed).reduce((one, two) => one + two);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = parse(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const low = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || node.closest('title, desc')) continue;
    seen += 1;
    const style = getComputedStyle(node);
    const ink = light(parse(node instanceof SVGElement ? style.fill : style.color));
    const back = light(ground(node));
    const ratio = (Math.max(ink, back) + 0.05) / (Math.min(ink, back) + 0.05);
    if (ratio < 4.5) low.add(`${node.tagName}.${node.getAttribute('class')} ${ratio.toFixed(2)}`);
  }
  return JSON.stringify({ seen, low: [...low] });
})()
"""
"""Texts whose contrast is below what WCAG 2.2 asks for ("Contrast (Minimum)", 4.5 to 1)."""

UNNAMED = """
[...document.querySelectorAll('[role=region], svg[role=img], section, summary, a')]
  .filter((node) => {
    const ids = (node.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean);
    const named = ids.map((id) => document.getElementById(id)?.textContent ?? '').join('');
    const own = ['SUMMARY', 'A'].includes(node.tagName) ? node.textContent : '';
    return !(named || node.getAttribute('aria-label') || own).trim();
  }).length
"""
"""Regions, charts, sections and controls that a screen reader would have no name for."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page of a run that passed and of one that failed."""
    folder = tmp_path_factory.mktemp("report")
    page.write(passing(), folder / "pass.html")
    page.write(failing(), folder / "fail.html")
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for all tests here."""
    with browser() as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("verdict", ["pass", "fail"])
def test_the_page_renders_and_complains_of_nothing(
    chromium: Browser, reports: Path, verdict: str, scheme: Scheme
) -> None:
    """From disk, in both colour schemes: no error, no request, the verdicts are seen, texts can be read."""
    chromium.open((reports / f"{verdict}.html").as_uri(), scheme=scheme)
    assert chromium.complaints() == []
    assert (
        chromium.evaluate("document.querySelector('#verdict').innerText").upper().split()[1]
        == verdict.upper()
    )
    rows = chromium.evaluate(
        "[...document.querySelectorAll('#promises tbody tr')].map((row) => row.innerText)"
    )
    assert len(rows) == 9
    assert all(row.split()[1] in {"pass", "fail", "not"} for row in rows)
    assert chromium.evaluate(
        "[...document.querySelectorAll('svg.chart')].every((svg) => svg.clientHeight > 80)"
    )
    dark = (
        chromium.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(16, 21, 27)"
    )
    assert dark == (scheme == "dark")
    contrast = json.loads(chromium.evaluate(CONTRAST))
    assert contrast["seen"] > 200
    assert contrast["low"] == []
    assert chromium.evaluate(UNNAMED) == 0


def test_a_narrow_screen_scrolls_down_only(chromium: Browser, reports: Path) -> None:
    """What is wide scrolls by itself; the page does not."""
    chromium.open((reports / "pass.html").as_uri(), width=360)
    assert chromium.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_browser_tells_when_a_page_is_broken(chromium: Browser, tmp_path: Path) -> None:
    """A script that fails, a picture that is missing and a policy that is broken are all seen."""
    broken = tmp_path / "broken.html"
    broken.write_text(
        "<!doctype html><meta http-equiv=Content-Security-Policy content=\"style-src 'none'\">"
        "<p style='color: #999'>pale</p><img src=missing.png><script>undefined.x</script>",
        encoding="utf-8",
    )
    chromium.open(broken.as_uri())
    told = " ".join(chromium.complaints())
    assert "missing.png" in told
    assert "TypeError" in told
    assert "Content Security Policy" in told
    broken.write_text("<!doctype html><p><font color=#999>pale</font>", encoding="utf-8")
    chromium.open(broken.as_uri())
    assert json.loads(chromium.evaluate(CONTRAST))["low"] == ["FONT.null 2.85"]
