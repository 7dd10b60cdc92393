"""Writing into GitHub: labels and one comment on issues, one commit status on the heads of pull requests.

Twice is the same as once: what stands there is looked up before anything is posted. How people see it:
docs/writing-back.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors import github_wire as wire
from connectors.github_wire import Repo
from connectors.markdown import from_markdown, to_markdown
from connectors.raw import inner, member, text
from okrsync.errors import Rejected
from okrsync.model import Json, Receipt, Slot, Surface, Write

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

SURFACES = frozenset({Surface.LABEL, Surface.COMMENT, Surface.STATUS})
CONTEXT = "okrsync/traceability"
WITHDRAWN = "Withdrawn by okrsync"  # a status cannot be deleted: this one says that none of ours counts
COMMENT_CHARS = 65_536
DESCRIPTION_CHARS = 140
LABELS = {
    "okr-orphan": ("d93f0b", "This work reaches no objective (okrsync)"),
    "okr-dangling": ("fbca04", "What this work names as its objective does not exist (okrsync)"),
}
"""Our labels: colour and description, for the first time that a repository needs one."""


class GitHubSink:
    """The writing half of an account; implements the port Sink for :class:`connectors.github.GitHub`."""

    def __init__(
        self, api: Api, repo: Callable[[str], Repo | None], holds: Callable[[Repo, object, int], bool]
    ) -> None:
        self._api, self._repo, self._holds = api, repo, holds
        self._me = 0  # the id of our account, once asked
        self._labelled: set[tuple[str, str]] = set()  # repositories and labels that they are known to have

    def read(self, slot: Slot) -> Json:
        repo, number = self._place(slot)
        match slot.surface:
            case Surface.LABEL:
                return self._has_label(repo, number, slot.name) or None
            case Surface.COMMENT:
                own = self._own_comments(repo, number, slot.name)
                return _plain(own[0], slot.name) if own else None
            case Surface.STATUS:
                return _said(self._status(repo, slot.name))
            case _:
                raise self._no_such_surface(slot)

    def push(self, write: Write) -> Receipt:
        repo, number = self._place(write.slot)
        match write.slot.surface:
            case Surface.LABEL:
                self._push_label(repo, number, write.slot.name, write.after)
                return Receipt(write.after)
            case Surface.COMMENT:
                return self._push_comment(repo, number, write.slot.name, write.after)
            case Surface.STATUS:
                return self._push_status(repo, write.slot.name, write.after)
            case _:
                raise self._no_such_surface(write.slot)

    def _no_such_surface(self, slot: Slot) -> Rejected:
        return Rejected(f"{self._api.host}: GitHub has no {slot.surface.value}")

    def _place(self, slot: Slot) -> tuple[Repo, int]:
        """Where a slot is, whatever the repository is called now; Rejected where it is gone or hidden."""
        identity, number, _ = wire.parts(slot.remote_id)
        repo = self._repo(identity) if number else None
        if repo is None:
            raise Rejected(f"{self._api.host}: no issue {slot.remote_id} can be found", status=404)
        return repo, number

    def _issue(self, repo: Repo, number: int) -> Any:
        """The issue or pull request as it stands; Rejected where it is gone, hidden or now in another repository."""
        found = self._api.get(f"/repos/{repo.full_name}/issues/{number}").value
        if not self._holds(repo, found, number):
            raise Rejected(f"{self._api.host}: {repo.full_name}#{number} is now in another repository", status=404)
        return found

    def _delete(self, path: str) -> None:
        """It is gone, whoever made it so."""
        try:
            self._api.call("DELETE", path)
        except Rejected as error:
            if error.status != 404:
                raise

    # ── labels ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _has_label(self, repo: Repo, number: int, name: str) -> bool:
        return _names(member(self._issue(repo, number), "labels", list), name)

    def _push_label(self, repo: Repo, number: int, name: str, value: Json) -> None:
        labels = f"{repo.address}/issues/{number}/labels"
        if self._has_label(repo, number, name) == bool(value):
            return
        if not value:
            self._delete(f"{labels}/{quote(name, safe='')}")
            return
        self._ensure_label(repo, name)
        given = self._api.call("POST", labels, {"labels": [name]})
        if not isinstance(given, list) or not _names(given, name):  # without the right GitHub drops it and says nothing
            raise Rejected(f"{self._api.host}: {repo.full_name}#{number} did not take the label {name}", status=403)

    def _ensure_label(self, repo: Repo, name: str) -> None:
        """The repository has the label: one that GitHub makes by itself gets a colour by chance and no description."""
        if (repo.id, name) in self._labelled:
            return
        try:
            self._api.get(f"/repos/{repo.full_name}/labels/{quote(name, safe='')}")
        except Rejected as error:
            if error.status != 404:
                raise
            colour, description = LABELS.get(name, ("ededed", "okrsync"))
            label: dict[str, Json] = {"name": name, "color": colour, "description": description}
            try:
                self._api.call("POST", f"{repo.address}/labels", label)
            except Rejected as refusal:
                if refusal.status != 422:  # somebody made it meanwhile
                    raise
        self._labelled.add((repo.id, name))

    # ── the comment ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _push_comment(self, repo: Repo, number: int, instance: str, value: Json) -> Receipt:
        own = self._own_comments(repo, number, instance)
        for spare in own[1:] if value is not None else own:  # two of ours are one too many, left by a lost answer
            self._delete(_comment(repo, spare))
        if value is None:
            return Receipt(None)
        if own and _plain(own[0], instance) == value:
            return Receipt(value, str(own[0]["id"]))
        body = f"{to_markdown(str(value))}\n\n{_marker(instance)}"
        if len(body) > COMMENT_CHARS:
            raise Rejected(f"{self._api.host}: the comment is longer than {COMMENT_CHARS} characters")
        if own:
            answer = self._api.call("PATCH", _comment(repo, own[0]), {"body": body})
        else:
            answer = self._api.call("POST", f"{repo.address}/issues/{number}/comments", {"body": body})
        return Receipt(_plain(answer, instance), str(member(answer, "id", int)))

    def _own_comments(self, repo: Repo, number: int, instance: str) -> list[Any]:
        """Our comments on an issue, oldest first: those that we wrote and that carry our marker, not quoted."""
        self._issue(repo, number)
        me, marker = self._account(), _marker(instance)
        pages = self._api.pages(f"/repos/{repo.full_name}/issues/{number}/comments", {"per_page": "100"})
        return [
            comment
            for comments, _ in pages
            for comment in comments
            if _bears(comment, marker) and _author(comment, "user") == me
        ]

    def _account(self) -> int:
        if not self._me:
            self._me = self._api.account()
        return self._me

    # ── the commit status ────────────────────────────────────────────────────────────────────────────────────────────

    def _push_status(self, repo: Repo, sha: str, value: Json) -> Receipt:
        stands = self._status(repo, sha)
        if _said(stands) == value:
            return Receipt(value, str(member(stands, "id", int)) if stands else None)
        status: dict[str, Json] = {"state": "success", "description": WITHDRAWN}
        if isinstance(value, dict):
            status = dict(value)
        if len(text(status, "description")) > DESCRIPTION_CHARS:
            raise Rejected(f"{self._api.host}: the status says more than {DESCRIPTION_CHARS} characters")
        answer = self._api.call("POST", f"{repo.address}/statuses/{sha}", status | {"context": CONTEXT})
        return Receipt(_said(answer), str(member(answer, "id", int)))

    def _status(self, repo: Repo, sha: str) -> Any:
        """The newest status of ours on a commit, None where there is none."""
        me = self._account()
        path = f"/repos/{repo.full_name}/commits/{quote(sha, safe='')}/statuses"
        try:
            for statuses, _ in self._api.pages(path, {"per_page": "100"}):
                for status in statuses:
                    if text(status, "context") == CONTEXT and _author(status, "creator") == me:
                        return status
        except Rejected as error:
            if error.status == 422:  # GitHub's word for a commit that it does not have
                raise Rejected(str(error), status=404) from None
            raise
        return None


def _names(labels: list[Any], name: str) -> bool:
    return any(text(label, "name").casefold() == name.casefold() for label in labels)


def _marker(instance: str) -> str:
    return f"<!-- okrsync:{instance} -->"


def _bears(comment: object, marker: str) -> bool:
    lines = text(comment, "body").splitlines()
    return any(marker in line and not line.lstrip().startswith(">") for line in lines)


def _plain(comment: object, instance: str) -> str:
    """What a comment of ours says, without its marker."""
    before, _, after = text(comment, "body").replace("\r\n", "\n").rpartition(_marker(instance))
    return from_markdown(before.removesuffix("\n\n") + after)


def _comment(repo: Repo, comment: object) -> str:
    return f"{repo.address}/issues/comments/{member(comment, 'id', int)}"


def _author(holder: object, name: str) -> object:
    return inner(inner(holder, name), "id")


def _said(status: object) -> Json:
    """What a status says to people; None where there is none, or it only withdraws."""
    if status is None:
        return None
    found: dict[str, Json] = {"state": text(status, "state"), "description": text(status, "description")}
    if target := text(status, "target_url"):
        found["target_url"] = target
    return None if found == {"state": "success", "description": WITHDRAWN} else found
