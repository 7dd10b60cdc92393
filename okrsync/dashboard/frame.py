"""What stands around every page: navigation, language, how far the figures can be trusted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from okrsync import __version__
from okrsync.dashboard import marks
from okrsync.model import Say
from okrsync.reports import pages
from okrsync.reports.common import Speak, line
from okrsync.texts.site import CATALOG

if TYPE_CHECKING:
    from jinja2 import Environment

    from config import Config

NAVIGATION = ("overview", "orphans", "backlog", "teams", "gaps", "sources", "runs")
"""Pages that each page leads to, in this order; ``trace`` has its field beside them."""

STATIC = {
    "okrsync.css": "text/css; charset=utf-8",
    "okrsync.js": "text/javascript; charset=utf-8",
    "htmx-2.0.11.min.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""The files that pages load, all of them our own, with their media types."""


HTMX = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "responseHandling": [{"code": "204", "swap": False}, {"code": "...", "swap": True}],
}
"""How htmx works here: nothing that the Content-Security-Policy forbids, nothing kept in the browser (going back loads
the page), and a page that says what is wrong is shown as any other."""

OLDER = {"head": b"<!--older:head-->", "note": b"<!--older:note-->"}
"""Places of a page that is kept, where it is said that a newer one is being made. No text of others looks so: in it <
is &lt;."""


class Step(NamedTuple):
    """Something that a newcomer does next, and the command for it."""

    text: Say
    command: str


def render(name: str, view: Mapping[str, Any], speak: Speak, language: str, instance: str) -> bytes:
    """A page in UTF-8; every text in it is escaped by the template."""
    around = {
        "page": name,
        "instance": instance,
        "version": __version__,
        "navigation": NAVIGATION,
        "static": static,
        "htmx": HTMX,
    }
    return _drawn(f"{name}.html", {**around, **view}, speak, language)


def settled(body: bytes) -> bytes:
    """A page that is of now."""
    return body.replace(OLDER["head"], b"", 1).replace(OLDER["note"], b"", 1)


def outdated(body: bytes, speak: Speak) -> bytes:
    """A page that says of itself that a newer one is being made, and shows that in a moment, with script and without.

    A header ``Refresh`` would do for neither: what htmx fetches has no headers of a document, and a document reloads
    itself also where htmx has shown another page in it meanwhile.
    """
    note = _environment().get_template("older.html").render(say=_saying(speak)).encode()
    head = b'<noscript><meta http-equiv="refresh" content="2"></noscript>'
    return body.replace(OLDER["head"], head, 1).replace(OLDER["note"], note, 1)


def fault(
    status: int, sentences: Sequence[str], original: str, leads: str, speak: Speak, language: str, instance: str
) -> bytes:
    """A page that says what is wrong: ``sentences`` in its language, ``original`` as the program says it, in English;
    it leads to ``leads``."""
    known = f"site.fault.{status}"
    title = speak(Say.of(known if known in CATALOG else "site.fault.other"))
    told = {"sentences": sentences, "original": line(original), "leads": leads, "status": status}
    around = {"title": title, "freshness": "", "first_steps": ()}
    return settled(render("fault", {**around, **told}, speak, language, instance))


def bare(status: int, speak: Speak, language: str) -> bytes:
    """A page for somebody who was not let in; it needs no file beside it, and names nothing of ours."""
    code = f"site.bare.{status}"
    return _drawn("bare.html", {"code": code if code in CATALOG else "site.bare.other"}, speak, language)


def first_steps(config: Config, as_of: str | None) -> tuple[Step, ...]:
    """What is left to do until pages show something; nothing where objectives are there and tools were read."""
    steps = []
    if not config.goals.objectives:
        steps.append(Step(Say.of("site.first.goals", file=config.path.name), "okrsync check-config"))
    if as_of is None:
        steps.append(Step(Say.of("site.first.sync"), "okrsync sync"))
    return tuple(steps)


def _drawn(template: str, view: Mapping[str, Any], speak: Speak, language: str) -> bytes:
    around = {"language": language, "say": _saying(speak), "speak": speak, "mark": marks.Marks(speak)}
    return _environment().get_template(template).render(**around, **view).encode()


def _saying(speak: Speak) -> Callable[..., str]:
    return lambda code, **args: speak(Say.of(code, **args))


@cache
def content(name: str) -> bytes:
    """A file that pages load."""
    return files("okrsync.dashboard").joinpath("static", name).read_bytes()


@cache
def static(name: str) -> str:
    """The address of such a file: another one whenever its content is another."""
    return f"/static/{hashlib.sha256(content(name)).hexdigest()[:12]}/{name}"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("okrsync.dashboard", "templates")
    found = Environment(
        loader=loader,
        autoescape=True,
        finalize=pages.shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["address"] = address
    return found


def address(path: str, asked: Mapping[str, Any] | None = None, **other: Any) -> str:
    """A path of ours with what is asked there; what is None or empty is left out."""
    from urllib.parse import urlencode

    pairs = {**(asked or {}), **other}
    query = urlencode({name: value for name, value in pairs.items() if value not in (None, "", [], ())}, doseq=True)
    return f"{path}?{query}" if query else path
