"""Debian's Chromium, and a person in it who sees whatever a page does beside showing text."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Request, Response, sync_playwright

CHROMIUM = shutil.which("chromium")
SWITCHES = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--force-color-profile=srgb", "--font-render-hinting=none"),
)
REPORTS = """addEventListener("securitypolicyviolation",
    report => console.error(`${report.violatedDirective} forbids ${report.blockedURI} ${report.sample}`))"""
WIDTHS = (360, 1280, 1920)
SCHEMES = ("light", "dark")


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser, until the end of the block; it may speak to this machine only, and so it does."""
    assert CHROMIUM is not None
    switches = [*SWITCHES, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A window on the server at ``url``, until the end of the block; ``faults`` tells what a page did that it should
    not: dialogs, errors, reports of the content policy, requests that failed or went elsewhere."""

    def __init__(self, browser: Browser, url: str, *, language: str = "en", width: int = 1280, **how: Any) -> None:
        self.url, self.faults = url, list[str]()
        self.refused_is_fine = False
        self._context = browser.new_context(locale=language, viewport={"width": width, "height": 900}, **how)
        self._context.add_init_script(REPORTS)
        self.page = self._context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("dialog", self._dialog)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda fault: self._wrong(f"error: {fault}"))
        self.page.on("request", self._request)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._response)
        self.page.on("popup", lambda one: self._wrong(f"a window was opened: {one.url}"))
        self.page.on("download", lambda one: self._wrong(f"it downloaded {one.url}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._context.close()

    def go(self, path: str) -> None:
        """The page at this path, loaded."""
        self.page.goto(self.url + path, wait_until="load")

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url)

    @property
    def main(self) -> str:
        """The text of the content, shown or folded away."""
        return " ".join((self.page.locator("main").text_content() or "").split())

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wide

    def _wrong(self, what: str) -> None:
        self.faults.append(f"{self.path}: {what}")

    def _dialog(self, dialog: Dialog) -> None:
        self._wrong(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not (self.refused_is_fine and "Failed to load" in message.text):
            self._wrong(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(f"{self.url}/") or request.method != "GET":
            self._wrong(f"{request.method} {request.url[:200]}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # that is what is left behind when a person goes on
            self._wrong(f"{request.url} failed: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and not self.refused_is_fine:
            self._wrong(f"{response.status} {response.url}")
