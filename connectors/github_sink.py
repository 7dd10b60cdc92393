"""Writing into GitHub: labels and one comment on issues, a block in the description of a milestone, one commit status
on the heads of pull requests.

What was read a moment ago is not read again before it is written; twice is the same as once, for what is known of an
object is forgotten as soon as it is written. How people see it: docs/writing-back.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors import described
from connectors import github_marked as marked
from connectors.github_looks import PARTS, Comment, Found, Looks, Part, Spot, said
from connectors.github_wire import Repo
from connectors.lately import Lately, overtaken
from connectors.raw import member, text
from okrsync.errors import Rejected, ToolError
from okrsync.model import Json, Receipt, Slot, Surface, Write, is_managed
from okrsync.ports import Budget

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

SURFACES = frozenset(PARTS)
BUDGETS = (
    Budget(80, timedelta(minutes=1), frozenset({Surface.COMMENT})),
    Budget(500, timedelta(hours=1), frozenset({Surface.COMMENT})),
)
"""Content creation. Of all that is written here, GitHub says of new comments alone that they are content."""

_MOVED = frozenset({301, 307, 308, 404, 410})


class GitHubSink:
    """The writing half of an account; implements the port Sink for :class:`connectors.github.GitHub`."""

    def __init__(self, api: Api, looks: Looks, base: str = "") -> None:
        self._api, self._looks = api, looks
        self._base = base  # where people reach the pages of okrsync
        self._seen: Lately[Slot, Found] = Lately()

    def read(self, slots: Sequence[Slot]) -> Mapping[Slot, Json | Rejected]:
        asked_at = monotonic()
        found = self._looks.at(slots)
        self._seen.note({slot: one for slot, one in found.items() if not isinstance(one, Rejected)}, asked_at)
        return {slot: _value(slot, one) for slot, one in found.items()}

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        for write in writes:
            _check(write)
        slots = [write.slot for write in writes]
        known = self._known(slots)
        try:
            return self._push(writes, known or self._found(slots))
        except ToolError as error:
            if known is None or error.status not in _MOVED:
                raise
        found = self._found(slots)  # something is not where it was
        if changed := [write for write in writes if _value(write.slot, found[write.slot]) not in _expected(write)]:
            raise overtaken(self._api.host, changed[0].key)
        return self._push(writes, found)

    def sweep(self, slots: Sequence[Slot]) -> int:
        names: dict[str, dict[str, None]] = {}
        places: dict[str, Spot] = {}
        for slot in slots:
            if slot.surface in (Surface.LABEL, Surface.OBJECTIVE_LABEL) and is_managed(slot.name):
                spot = self._looks.spot(slot)
                places.setdefault(spot.repo, spot)
                names.setdefault(spot.repo, {})[slot.name.casefold()] = None
        gone, refusals = 0, []
        for repo, spot in places.items():
            try:
                gone += self._sweep(spot, names[repo])
            except Rejected as refusal:
                if refusal.status != 404:  # a repository that is gone holds nothing of ours
                    refusals.append(refusal)
        if refusals:
            raise refusals[0]
        return gone

    # ── what stands ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _known(self, slots: Sequence[Slot]) -> dict[Slot, Found] | None:
        """What was just read of these, and not yet written by; None where that does not tell of each."""
        known = self._seen.take(*slots)
        return known if len(known) == len(set(slots)) else None

    def _found(self, slots: Sequence[Slot]) -> dict[Slot, Found]:
        """What stands in these this moment; the first refusal is raised."""
        known: dict[Slot, Found] = {}
        for slot, found in self._looks.at(slots).items():
            if isinstance(found, Rejected):
                raise found
            known[slot] = found
        return known

    # ── writes on one object ─────────────────────────────────────────────────────────────────────────────────────────

    def _push(self, writes: Sequence[Write], known: Mapping[Slot, Found]) -> Sequence[Receipt]:
        receipts = self._labels([write for write in writes if _part(write) is Part.LABELS], known)
        for write in writes:
            if (part := _part(write)) is not Part.LABELS:
                spot = self._looks.spot(write.slot)
                repo = self._looks.repo_of(spot)
                match part:
                    case Part.COMMENTS:
                        receipts[write.slot] = self._comment(repo, spot.number, write, known[write.slot])
                    case Part.STATUS:
                        receipts[write.slot] = self._status(repo, spot.sha, write.after, known[write.slot])
                    case Part.BLOCK:
                        receipts[write.slot] = self._block(repo, spot, write, known[write.slot])
        return [receipts[write.slot] for write in writes]

    def _delete(self, path: str) -> None:
        """It is gone, whoever made it so."""
        try:
            self._api.call("DELETE", path)
        except Rejected as error:
            if error.status != 404:
                raise

    # ── labels ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _labels(self, writes: Sequence[Write], known: Mapping[Slot, Found]) -> dict[Slot, Receipt]:
        """One request for all that come, one for each that goes."""
        if not writes:
            return {}
        spot = self._looks.spot(writes[0].slot)
        repo = self._looks.repo_of(spot)
        address = f"{repo.address}/issues/{spot.number}/labels"
        new = []
        for write in writes:
            name, bears = write.slot.name, known[write.slot]
            assert isinstance(bears, frozenset)
            if (name.casefold() in bears) == bool(write.after):
                continue
            if write.after:
                new.append(name)
            else:
                self._delete(f"{address}/{quote(name, safe='')}")
        if new:
            for name in new:
                self._define(repo, name)
            given = self._api.call("POST", address, {"labels": list(new)})
            now = {text(label, "name").casefold() for label in given} if isinstance(given, list) else set()
            if lost := [
                name for name in new if name.casefold() not in now
            ]:  # without the right GitHub drops it silently
                said_ = f"{repo.full_name}#{spot.number} did not take the label {', '.join(lost)}"
                raise Rejected(f"{self._api.host}: {said_}; this account needs the role triage there", status=403)
        return {write.slot: Receipt(write.after) for write in writes}

    def _define(self, repo: Repo, name: str) -> None:
        """The repository has the label: one that GitHub makes by itself gets a colour by chance and no description.
        In one that we made the address of our page is that of now."""
        known, key = self._looks.labels, (repo.id, name.casefold())
        if key not in known:
            known[key] = self._described(repo, name)
        stands, (colour, description) = known[key], marked.definition(name, self._base)
        if stands is None:
            label: dict[str, Json] = {"name": name, "color": colour, "description": description}
            try:
                self._api.call("POST", f"{repo.address}/labels", label)
            except Rejected as error:
                if error.status != 422:  # somebody made it meanwhile
                    raise
        elif stands != description and described.is_ours(name, stands):
            with suppress(Rejected):  # an older address is no reason to write no label
                self._api.call("PATCH", f"{repo.address}/labels/{quote(name, safe='')}", {"description": description})
        known[key] = description

    def _described(self, repo: Repo, name: str) -> str | None:
        """The description of a label, None where the repository has none of this name."""
        try:
            return text(self._api.get(f"{repo.address}/labels/{quote(name, safe='')}").value, "description")
        except Rejected as error:
            if error.status != 404:
                raise
            return None

    def _sweep(self, spot: Spot, names: Mapping[str, None]) -> int:
        """How many labels of ours a repository has no more: those of these names that nothing bears. Nobody can ask
        GitHub what bears a label with a comma in it: such a one stays."""
        repo = self._looks.repo_of(spot)
        ours = []
        for rows, _ in self._api.pages(f"{repo.address}/labels", {"per_page": "100"}):
            for row in rows:
                name = text(row, "name")
                told = text(row, "description")
                if "," not in name and name.casefold() in names and described.is_ours(name, told):
                    ours.append(name)
        gone = 0
        for name in ours:
            borne = {"labels": name, "state": "all", "per_page": "1"}
            if not self._api.get(f"{repo.address}/issues", borne).value:
                self._delete(f"{repo.address}/labels/{quote(name, safe='')}")
                self._looks.labels.pop((repo.id, name.casefold()), None)
                gone += 1
        return gone

    # ── the comment ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _comment(self, repo: Repo, number: int, write: Write, stands: Found) -> Receipt:
        instance, value = write.slot.name, write.after
        own = _of(stands, instance)
        # two of ours are one too many, left by a lost answer; but not one in which somebody else wrote
        spares = [one for one in own[1:] if marked.is_untouched(one.body, instance)]
        place = f"{repo.address}/issues/comments"
        left = [one for one in own[1:] if one not in spares or not self._is_dropped(f"{place}/{one.id}")]
        if value is None:
            for one in own[:1]:
                self._delete(f"{place}/{one.id}")
            return Receipt(marked.said_in(left[0].body, instance) if left else None)
        if own and marked.said_in(own[0].body, instance) == value:
            return Receipt(value, own[0].id)
        body: dict[str, Json] = {"body": marked.comment_of(str(value), instance)}
        if own:
            answer = self._api.call("PATCH", f"{place}/{own[0].id}", body)
        else:
            answer = self._api.call("POST", f"{repo.address}/issues/{number}/comments", body)
        return Receipt(marked.said_in(text(answer, "body"), instance), str(member(answer, "id", int)))

    def _is_dropped(self, path: str) -> bool:
        """Whether a comment that is one too many is gone now; where GitHub refuses that, it is no reason to write
        nothing."""
        try:
            self._delete(path)
        except Rejected:
            return False
        return True

    # ── the block of a milestone ─────────────────────────────────────────────────────────────────────────────────────

    def _block(self, repo: Repo, spot: Spot, write: Write, known: Found) -> Receipt:
        """A description is written whole: it is read once more just before. Rejected where the block changed since."""
        instance, value = write.slot.name, write.after
        before = self._looks.description(spot)
        wanted = None if value is None else str(value)
        if (stands := marked.block_in(before, instance)) == wanted:
            return Receipt(value)
        if stands != marked.block_in(str(known), instance):
            raise overtaken(self._api.host, write.key)
        after = marked.with_block(before, instance, wanted)
        answer = self._api.call("PATCH", f"{repo.address}/milestones/{spot.number}", {"description": after})
        stands = marked.block_in(text(answer, "description"), instance)
        if stands != wanted:
            words = f"{repo.full_name} did not take the text of its milestone; this account needs the role write there"
            raise Rejected(f"{self._api.host}: {words}", status=403)
        return Receipt(stands)

    # ── the commit status ────────────────────────────────────────────────────────────────────────────────────────────

    def _status(self, repo: Repo, sha: str, value: Json, stands: Found) -> Receipt:
        if stands == value:
            return Receipt(value)
        status = marked.status_of(value) | {"context": marked.CONTEXT}
        return Receipt(said(self._api.call("POST", f"{repo.address}/statuses/{sha}", status)))


def _part(write: Write) -> Part:
    return PARTS[write.slot.surface]


def _expected(write: Write) -> tuple[Json, Json]:
    return write.before, write.after


def _check(write: Write) -> None:
    """Rejected where GitHub would not take it, before anything is sent."""
    value, part = write.after, PARTS.get(write.slot.surface)
    if part is Part.LABELS and value:
        marked.check_label(write.slot.name)
    if part is Part.COMMENTS and value is not None:
        marked.comment_of(str(value), write.slot.name)
    if part is Part.STATUS:
        marked.status_of(value)


def _of(found: Found, instance: str) -> list[Comment]:
    """Our comments that bear the mark of this instance, oldest first."""
    assert isinstance(found, tuple)
    return [one for one in found if marked.bears(one.body, instance)]


def _value(slot: Slot, found: Found | Rejected) -> Json | Rejected:
    """What a slot holds, by what stands where it is."""
    if isinstance(found, Rejected):
        return found
    try:
        match PARTS[slot.surface]:
            case Part.LABELS:
                marked.check_label(slot.name)
                assert isinstance(found, frozenset)
                return slot.name.casefold() in found or None
            case Part.COMMENTS:
                own = _of(found, slot.name)
                return marked.said_in(own[0].body, slot.name) if own else None
            case Part.BLOCK:
                return marked.block_in(str(found), slot.name)
            case Part.STATUS:
                assert not isinstance(found, frozenset)
                return found  # type: ignore[return-value]  # of a status, what it says
    except Rejected as refusal:
        return refusal
