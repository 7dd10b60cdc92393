"""How Jira Cloud is read: version 3, pages by token, a bulk request for whatever is known by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from connectors import jira_wire as wire
from connectors.adf import from_adf, is_plain, to_adf
from connectors.jira_edition import EDITED
from connectors.jira_fields import id_of
from connectors.raw import chunks, member, text
from okrsync.errors import MalformedPage, Rejected, Unavailable
from okrsync.model import Json

if TYPE_CHECKING:
    from connectors.jira_api import Api  # loads the jira package

PROJECTS = 50  # a page, and the most keys in one request
FETCH = 100  # issues
TRIES = 3  # that bring nothing more, before what Jira cannot return at the moment is an outage
HISTORY_PAGE = 5000  # changelog entries a page: some 25 MB once decoded
COMMENT_IDS = 1000  # in one POST comment/list
EMPTY_PAGES = 10  # in a row, that still say there is more
MARK = "okrsync"  # the comment property that makes a comment ours
_BROKEN_PAGE = "duplicate key"  # in the words of a 500: Jira cannot make this one page


class Cloud:
    """Implements :class:`connectors.jira_edition.Edition`."""

    product: ClassVar[str] = "Jira Cloud"
    version: ClassVar[str] = "3"
    linked: ClassVar[bool] = False
    order: ClassVar[str] = "updated ASC, key ASC"
    resumable: ClassVar[bool] = True
    history_batch: ClassVar[int] = 1000
    direct_batch: ClassVar[int] = FETCH

    def __init__(self, api: Api) -> None:
        self._api = api

    # ── the site ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def projects(self, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for some in chunks(keys, PROJECTS):
            start, total = 0, 1
            while start < total:
                query = [("keys", key) for key in some] + [("startAt", str(start)), ("maxResults", str(PROJECTS))]
                answer = self._api.get("project/search", query)
                values = {text(one, "key"): one for one in member(answer, "values", list) if isinstance(one, dict)}
                last = answer.get("isLast") is True or values.keys() <= found.keys()  # or nothing new comes
                total = 0 if last else wire.count(answer, "total")
                found |= values
                start += len(values)
        return found

    def permissions(self, project: str, rights: Sequence[str]) -> Mapping[str, Any]:
        asked = {"projectKey": project, "permissions": ",".join(rights)}
        found: Mapping[str, Any] = member(self._api.get("mypermissions", asked), "permissions", dict)
        return found

    # ── issues ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def search(self, query: str, fields: Sequence[str], size: int) -> Iterator[list[Any]]:
        body: dict[str, Json] = {"jql": query, "fields": list(fields), "maxResults": size}
        return self._pages("search/jql", body, "issues")

    def count(self, query: str) -> int | None:
        answer = self._api.post("search/approximate-count", {"jql": query})
        found = answer.get("count") if isinstance(answer, dict) else None
        return found if type(found) is int and found >= 0 else None

    def issues(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[list[Any]]:
        return self._fetched(ids, {"fields": list(fields)})

    def direct(
        self, ids: Sequence[str], fields: Sequence[str], properties: Sequence[str]
    ) -> Iterator[tuple[str, Mapping[str, Any] | Rejected]]:
        """A bulk fetch reads the issues themselves, which a search does not."""
        wanted: dict[str, Json] = {"fields": list(fields)}
        for issues in self._fetched(ids, {**wanted, "properties": list(properties)} if properties else wanted):
            yield from ((wire.issue_id(issue), issue) for issue in issues)

    def _fetched(self, ids: Sequence[str], wanted: Mapping[str, Json]) -> Iterator[list[Any]]:
        for chunk in chunks(ids, FETCH):
            asked, tries = chunk, TRIES
            while asked:
                answer = self._api.post("issue/bulkfetch", {"issueIdsOrKeys": asked, **wanted})
                yield member(answer, "issues", list)
                # left out of "issues" is hidden or gone; named here is neither, and may be asked for again
                errors = answer.get("issueErrors")
                left = [one for one in map(id_of, errors if isinstance(errors, list) else ()) if one]
                tries = TRIES if len(left) < len(asked) else tries - 1
                if not tries:
                    raise Unavailable(f"{self._api.host}: issue/bulkfetch cannot return {left[0]} at the moment")
                asked = left

    def epics(self, _: Sequence[str]) -> dict[str, str]:
        """Jira Cloud names every parent by its id, too."""
        return {}

    def histories(self, ids: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """Jira leaves out what never changed, so an id without an answer has an empty history.

        No filter by field: parents, links and keys have entries that no field id selects.
        """
        silent = dict.fromkeys(ids)
        body: dict[str, Json] = {"issueIdsOrKeys": list(ids), "maxResults": HISTORY_PAGE}
        for logs in self._pages("changelog/bulkfetch", body, "issueChangeLogs"):
            for log in logs:
                entries = log.get("changeHistories") if isinstance(log, dict) else None
                if isinstance(entries, list):
                    identity = str(log.get("issueId"))
                    silent.pop(identity, None)
                    yield identity, entries
        yield from ((identity, []) for identity in silent)

    def _pages(self, path: str, body: Mapping[str, Json], name: str) -> Iterator[list[Any]]:
        """The pages of a token-paged POST that hold something; MalformedPage where its tokens lead nowhere."""
        seen: set[str] = set()
        empty = 0
        token: str | None = None
        while True:
            answer = self._page(path, body if token is None else {**body, "nextPageToken": token}, name)
            page = member(answer, name, list)
            if page:
                yield page
            used, token = token, answer.get("nextPageToken")
            if not token:
                if answer.get("isLast") is False:
                    raise MalformedPage(f"{self._api.host}: {path} says there is more and gives no token for it")
                return
            empty = 0 if page else empty + 1
            again = not page and token == used  # nothing yet: the same page once more
            if not isinstance(token, str) or (token in seen and not again) or empty > EMPTY_PAGES:
                raise MalformedPage(f"{self._api.host}: {path} pages in a circle")
            seen.add(token)

    def _page(self, path: str, body: Mapping[str, Json], name: str) -> Any:
        """One page; of half the size, and half again, where Jira breaks over the whole of it."""
        try:
            return self._api.post(path, body)
        except Unavailable as broken:
            size = body.get("maxResults")
            if broken.status != 500 or _BROKEN_PAGE not in str(broken).casefold() or type(size) is not int:
                raise
            if size > 1:
                return self._page(path, {**body, "maxResults": size // 2}, name)
            if name != "issues":
                raise
            return self._alone(body)

    def _alone(self, body: Mapping[str, Json]) -> Any:
        """A page of one issue that the search itself cannot show: its id by the search, the rest by that id."""
        answer = self._api.post("search/jql", {**body, "fields": ["id"]})
        ids = [id_of(issue) for issue in member(answer, "issues", list)]
        fields = body["fields"]
        assert isinstance(fields, list)
        return {**answer, "issues": [issue for page in self.issues(ids, fields) for issue in page]}

    # ── comments ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def comment(self, words: str, _: str) -> dict[str, Json]:
        return {"body": to_adf(words.rstrip("\n"))}

    def mark(self, instance: str) -> dict[str, Json]:
        return {"properties": [{"key": MARK, "value": {"instance": instance}}]}

    def words(self, comment: Mapping[str, Any], _: str) -> str:
        """Whatever else Jira makes of a document, what nobody but its author wrote is as it was written."""
        body = comment.get("body")
        said = from_adf(body).rstrip("\n")
        author, editor = (text(comment.get(name), "accountId") for name in ("author", "updateAuthor"))
        return said if is_plain(body) or author == editor else said + EDITED

    def own(self, comments: Sequence[Any], instance: str) -> list[Mapping[str, Any]]:
        """Jira shows the properties of comments only where they are asked for by id (POST comment/list)."""
        ids = [identity for comment in comments if (identity := text(comment, "id")).isdecimal()]
        marked: set[str] = set()
        for some in chunks(ids, COMMENT_IDS):
            answer = self._api.post("comment/list", {"ids": [int(one) for one in some]}, {"expand": "properties"})
            values = member(answer, "values", list)
            marked |= {text(comment, "id") for comment in values if _is_marked(comment, instance)}
        return [comment for comment in comments if text(comment, "id") in marked]

    def expires_at(self) -> None:
        """Jira Cloud tells nobody when a token ends."""


def _is_marked(comment: object, instance: str) -> bool:
    properties = comment.get("properties") if isinstance(comment, dict) else None
    return any(
        isinstance(entry, dict)
        and entry.get("key") == MARK
        and isinstance(value := entry.get("value"), dict)
        and value.get("instance") == instance
        for entry in (properties if isinstance(properties, list) else ())
    )
