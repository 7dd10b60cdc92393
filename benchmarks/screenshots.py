"""Every page of the dashboard as a picture: at three widths, light and dark, of the demo's company on a day that never
changes.

Usage: ``python -m benchmarks.screenshots FOLDER [--language fr] [--readme]``; needs Debian's Chromium. ``--readme``
takes those that the README shows instead, into ``docs/images``.
"""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
README = {"overview": ("/", 1568), "key-result": ("/key-results/KR-FICHE", 905)}
"""Picture → what it is of, and how many of its pixels from above."""

SHARPNESS = 1.5
"""Pixels of a picture of the README for one of the page."""

BYTES = 200 * 1024
"""A picture of the README at most."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screenshots", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs/images")
    parser.add_argument("--language", choices=("en", "fr"), default="en")
    parser.add_argument("--readme", action="store_true")
    told = parser.parse_args(arguments)
    told.folder.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT / "tests"))
    with dashboard() as url, _browser() as browser:
        taken = _readme(browser, url) if told.readme else _every_page(browser, url, told.language)
        for name, picture in taken:
            (told.folder / name).write_bytes(picture)
            print(f"{told.folder / name}: {len(picture) / 1024:.0f} KB")
    return 0


@contextmanager
def dashboard() -> Iterator[str]:
    """The address of the dashboard over the demo's company."""
    from demo_company import worked_with
    from web_server import served

    with (
        tempfile.TemporaryDirectory() as folder,
        worked_with(Path(folder)) as company,
        served(company.config, company.store, company.now) as site,
    ):
        yield site.url


def _browser() -> Any:
    from browsing import chromium

    return chromium()


def _every_page(browser: Any, url: str, language: str) -> Iterator[tuple[str, bytes]]:
    from browsing import SCHEMES, WIDTHS, Visit
    from crawling import crawl, page_of

    addresses = crawl(url, language, of_a_kind=1).one_of_each_page()
    for width in WIDTHS:
        for scheme in SCHEMES:
            with Visit(browser, url, language=language, width=width, color_scheme=scheme) as visit:
                for address in addresses:
                    visit.go(address)
                    name = page_of(urlsplit(address).path)
                    yield f"{name}-{width}-{scheme}-{language}.png", visit.page.screenshot(full_page=True)


def _readme(browser: Any, url: str) -> Iterator[tuple[str, bytes]]:
    from browsing import Visit

    with Visit(browser, url, width=1280) as visit:
        for name, (address, height) in README.items():
            visit.go(address)
            chrome = visit.page.context.new_cdp_session(visit.page)
            clip = {"x": 0, "y": 0, "width": 1280, "height": height, "scale": SHARPNESS}
            for quality in (90, 80, 70, 60):
                how = {"format": "webp", "quality": quality, "clip": clip, "captureBeyondViewport": True}
                picture = base64.b64decode(chrome.send("Page.captureScreenshot", how)["data"])
                if len(picture) <= BYTES:
                    break
            yield f"{name}.webp", picture


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
