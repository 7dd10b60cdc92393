"""The addresses of the dashboard: every one is a read, and every answer a page, also where something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from okrsync.dashboard import export, frame, unfit
from okrsync.dashboard.look import Asked, Page
from okrsync.dashboard.making import Making, Wanted
from okrsync.dashboard.pages import ALL
from okrsync.dashboard.warming import Warming
from okrsync.errors import OkrsyncError, UsageError
from okrsync.model import Say
from okrsync.texts import speaker
from okrsync.web.audience import reads_pages
from okrsync.web.desk import Desk
from okrsync.web.language import preferred

if TYPE_CHECKING:
    from config import Config
    from okrsync.store import Store
    from okrsync.web.ports import Gauges

AT_ONCE = 8
"""Pages that are waited for side by side; making one takes its turn on the shelf."""

FILES = 2
"""Files to take along that are made side by side: they take a processor each."""

FOREVER = "public, max-age=31536000, immutable"

WEIGHTIER = frozenset({"link"})
"""Jobs beside which no page is made before somebody asks for it."""


class Site:
    """All pages, and the files that they load, from :meth:`begin` to :meth:`close`; ``config`` is asked at each
    request, for a reload changes it."""

    def __init__(
        self, config: Callable[[], Config], store: Store, gauges: Gauges, *, clock: Callable[[], datetime]
    ) -> None:
        self._config = config
        self._making = Making(config, store, gauges, clock)
        self._warming = Warming(self._making, lambda: not WEIGHTIER.isdisjoint(gauges.jobs()))

    def begin(self) -> None:
        """Pages are made before they are asked for, from now on."""
        self._warming.begin()

    def close(self) -> None:
        """Nothing is made any more; what is being made is not waited for."""
        self._warming.end()
        self._making.close()

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter(include_in_schema=False)
        desk, files = Desk(AT_ONCE), Desk(FILES)

        def served(page: Page[Any]) -> Callable[[Request], Any]:
            async def answer(request: Request) -> Response:
                return await desk.work(partial(self._page, page, request))

            return answer

        def taken(page: Page[Any], form: str) -> Callable[[Request], Any]:
            async def answer(request: Request) -> Response:
                return await files.work(partial(self._file, page, form, request))

            return answer

        for page in ALL:
            for form in export.FORMS if page.export is not None else ():
                found.add_api_route(f"{page.path}.{form}", taken(page, form), name=f"{page.name}.{form}")
            found.add_api_route(page.path, served(page), name=page.name)
        found.add_api_route("/static/{digest}/{name}", _static, name="static")
        return found

    def fault(self, request: Request, status: int, sentence: str, headers: Mapping[str, str]) -> Response:
        """A page that says what is wrong, and leads on; it stands without the database. ``sentence`` is English."""
        return self._fault(status, self._language(request), original=sentence, headers=headers)

    def stranger(self, status: int, accept_language: str) -> bytes:
        """What somebody reads who was not let in: a page without anything of ours."""
        language = preferred(accept_language) or self._config().language
        return frame.bare(status, speaker(language), language)

    def _page(self, page: Page[Any], request: Request) -> Response:
        return self._answered(page, request, lambda wanted: _html(200, self._making.page(wanted), wanted.language))

    def _file(self, page: Page[Any], form: str, request: Request) -> Response:
        if reads_pages(request.url.path, request.headers.get("accept", "")):
            return self._answered(page, request, lambda wanted: self._making.file(wanted, form))
        language = self._language(request)
        try:
            return self._making.file(Wanted(page, _asked(page, request), language), form)
        except ValidationError as fault:
            raise UsageError(" ".join(map(speaker(language), _unfit(page, fault)))) from None

    def _answered(self, page: Page[Any], request: Request, made: Callable[[Wanted], Response]) -> Response:
        """The answer; where what is asked for is not there or cannot be told, a page that says so."""
        language = self._language(request)
        try:
            asked = _asked(page, request)
        except ValidationError as fault:
            leads = "/" if "{" in page.path else page.path
            return self._fault(422, language, list(map(speaker(language), _unfit(page, fault))), leads=leads)
        try:
            return made(Wanted(page, asked, language))
        except UsageError as fault:
            if "{" in page.path:
                return self._fault(404, language, original=str(fault))
            return self._fault(422, language, original=str(fault), leads=page.path)
        except OkrsyncError as fault:
            return self._fault(503, language, original=str(fault), headers={"retry-after": "10"})

    def _fault(
        self,
        status: int,
        language: str,
        sentences: Sequence[str] = (),
        *,
        original: str = "",
        leads: str = "/",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        body = frame.fault(status, sentences, original, leads, speaker(language), language, self._config().instance)
        return _html(status, body, language, headers)

    def _language(self, request: Request) -> str:
        return preferred(request.headers.get("accept-language", "")) or self._config().language


async def _static(digest: str, name: str) -> Response:
    if name not in frame.STATIC or frame.static(name) != f"/static/{digest}/{name}":
        raise HTTPException(404, "there is no such file")
    return Response(frame.content(name), media_type=frame.STATIC[name], headers={"cache-control": FOREVER})


def _asked(page: Page[Any], request: Request) -> Asked:
    """What the address asks for; of a parameter that may stand there several times, all."""
    several = {name for name, one in page.asked.model_fields.items() if "tuple" in str(one.annotation)}
    query = request.query_params
    said = {name: [one for one in query.getlist(name) if one != ""] for name in query}
    given = {name: told if name in several else told[-1] for name, told in said.items() if told}
    asked: Asked = page.asked.model_validate({**given, **request.path_params})
    return asked


def _unfit(page: Page[Any], fault: ValidationError) -> Iterator[Say]:
    return unfit.sentences(fault, [name for name in page.asked.model_fields if f"{{{name}" not in page.path])


def _html(status: int, body: bytes, language: str, headers: Mapping[str, str] | None = None) -> Response:
    told = {"content-language": language, "vary": "accept-language", **(headers or {})}
    return Response(body, status, media_type="text/html; charset=utf-8", headers=told)
