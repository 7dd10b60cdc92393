"""Which repositories the configuration names: by the change gate where the server has it, else one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors import github_wire as wire
from connectors.github_gate import Gate, Gates, Told
from connectors.github_wire import HIDDEN, Repo
from connectors.raw import text
from okrsync.errors import Rejected
from okrsync.model import Scope

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub


class Repositories:
    """The repositories of one account. What is remembered of them lasts until :meth:`scopes` is called again.

    ``lacks`` says by id what of one may not be read, in GitHub's words. A query that is refused a part says nothing of
    what depends on it (no default branch without the right to read commits): the other interface is asked then, and a
    pull meets the refusal itself.
    """

    def __init__(self, api: Api, gates: Gates, source: str, entries: Sequence[str]) -> None:
        self._api, self._gates, self._source, self._entries = api, gates, source, entries
        self.lacks: dict[str, Mapping[str, str]] = {}
        self._ids: dict[str, str] = {}  # by casefolded name; "" where it cannot be read
        self._repos: dict[str, Repo | None] = {}  # by id; None where it cannot be read
        self._open: dict[str, Gate] = {}

    def scopes(self) -> Sequence[Scope]:
        """Every repository that the configuration names, asked anew."""
        for remembered in (self._ids, self.lacks, self._repos, self._open):
            remembered.clear()
        told = self._gates.named([entry for entry in self._entries if not wire.is_pattern(entry)])
        owners: dict[str, list[Told]] = {}
        found: dict[str, Scope] = {}
        for entry in self._entries:
            try:
                if wire.is_pattern(entry):
                    repos = list(self._matching(entry, owners))
                else:
                    repos = [self._named(entry, told.get(entry))]
            except Rejected as error:
                found.setdefault(entry, _unreadable(entry, str(error)))
                continue
            nameless = owners.get(entry.partition("/")[0], ()) if wire.is_pattern(entry) else ()
            why = next((one.why for one in nameless if not one.repo), "")
            if not repos:
                found.setdefault(entry, _unreadable(entry, why or "no repository that this token sees has such a name"))
            elif why:  # beside those that it names: an entry that is unreadable would stand for them too
                found.setdefault(entry, replace(_unreadable(entry, why), configured=""))
            for repo in repos:
                found.setdefault(repo.id, self._keep(repo))
        return list(found.values())

    def narrow(self, ids: Collection[str]) -> None:
        """These repositories are asked anew, by the names that they had, and all others when somebody wants them."""
        known = {repo.full_name: repo for one in ids if (repo := self._repos.get(one))}
        for remembered in (self._ids, self.lacks, self._repos, self._open):
            remembered.clear()
        for name, told in self._gates.named(list(known)).items():
            if told.repo and not told.lacks and told.repo.id == known[name].id:
                self._keep(self._taken(told.repo, told, known[name].configured))

    def of(self, identity: str) -> Repo | None:
        """The repository of this id, whatever it is called now; None where it is gone or hidden."""
        if identity not in self._repos:
            try:
                found = self._api.get(f"/repositories/{quote(identity, safe='')}", keep=True).value
                self._repos[identity] = wire.read_repo(found, self._source)
            except Rejected as error:
                if error.status not in HIDDEN:
                    raise
                self._repos[identity] = None
        return self._repos[identity]

    def gate(self, identity: str) -> Gate | None:
        """What the last :meth:`scopes` was told of a repository, once: whoever asks again has to look for himself."""
        return self._open.pop(identity, None)

    def ids_of(self, names: Iterable[str]) -> dict[str, str]:
        """The ids of the repositories of these names, by casefolded name; "" where one cannot be read."""
        wanted = {name.casefold() for name in names}
        for name in sorted(wanted - self._ids.keys()):
            try:
                self._ids[name] = wire.read_repo(self._api.get(f"/repos/{name}", keep=True).value, self._source).id
            except Rejected as error:
                if error.status not in HIDDEN:
                    raise
                self._ids[name] = ""
        return {name: self._ids[name] for name in wanted}

    def holds(self, repo: Repo, entry: object, number: int) -> bool:
        """Whether an entry is the one of this repository and number, and not where that was transferred to; the
        repository may be called otherwise since it was asked for."""
        if wire.number_of(entry) != number:
            return False
        place = wire.place_of(entry)
        if place is None or place[0].casefold() == repo.full_name.casefold():
            return True
        return self.ids_of([place[0]])[place[0].casefold()] == repo.id

    def _keep(self, repo: Repo) -> Scope:
        known = self._repos.setdefault(repo.id, repo) or repo
        self._ids[known.full_name.casefold()] = known.id
        return Scope(known.id, known.full_name, known.full_name.partition("/")[2], configured=known.configured)

    def _taken(self, repo: Repo, told: Told, entry: str) -> Repo:
        """A repository, with what a query told of it."""
        if told.gate:
            self._open.setdefault(repo.id, told.gate)
        if told.lacks:
            self.lacks[repo.id] = told.lacks
        return replace(repo, configured=entry)

    def _named(self, entry: str, told: Told | None) -> Repo:
        """The repository of this name; under its new one where it was renamed."""
        if told and told.why:
            raise Rejected(told.why, status=404)
        told = told or Told(None)
        whole = told.repo is not None and not told.lacks
        return self._taken(told.repo if told.repo and whole else self._by_name(entry), told, entry)

    def _by_name(self, name: str) -> Repo:
        return wire.read_repo(self._api.get(f"/repos/{name}", keep=True).value, self._source)

    def _matching(self, entry: str, owners: dict[str, list[Told]]) -> Iterator[Repo]:
        """The repositories of an organisation, or of a person, whose names fit a pattern."""
        owner, _, pattern = entry.partition("/")
        if owner not in owners:
            owners[owner] = self._owned(owner)
        for told in owners[owner]:
            name = told.repo.full_name.partition("/")[2] if told.repo else ""
            if told.repo and fnmatchcase(name.casefold(), pattern.casefold()):
                yield self._taken(told.repo, told, entry)

    def _owned(self, owner: str) -> list[Told]:
        """All repositories of an owner: those that a query does not give whole come from the other interface. Which of
        them it gave nothing of, it does not say: what was refused of all of those alike is lacking in each, and where
        the other interface knows fewer, the last one tells why those have no name."""
        told = self._gates.owned(owner)
        if told is not None and all(one.repo and not one.lacks for one in told):
            return told
        rows = [wire.read_repo(row, self._source) for row in self._listed(owner)]
        listed = {repo.id: repo for repo in rows}
        found: dict[str, Told] = {}
        for one in told or ():
            if one.repo:
                repo = (listed.get(one.repo.id) or self._by_name(one.repo.full_name)) if one.lacks else one.repo
                found[repo.id] = replace(one, repo=repo)
        nameless = [one for one in told or () if not one.repo]
        lacks = nameless[0].lacks if nameless and all(one.lacks == nameless[0].lacks for one in nameless) else {}
        others = [Told(repo, lacks=lacks) for repo in listed.values() if repo.id not in found]
        if (missing := len(nameless) - len(others)) > 0:
            said = dict.fromkeys(words for one in nameless for words in (one.why, *one.lacks.values()) if words)
            why = f"GitHub does not name {missing} of the repositories of {owner}"
            others.append(Told(None, why=": ".join(filter(None, (why, "; ".join(said))))))
        return [*found.values(), *others]

    def _listed(self, owner: str) -> Iterator[Any]:
        """The repositories of an owner by the REST interface, which tells an app only of those that it is given."""
        if self._api.app:
            rows = self._listing("/installation/repositories", {}, "repositories")
            start = f"{owner}/".casefold()
            return (row for row in rows if text(row, "full_name").casefold().startswith(start))
        try:
            return iter(list(self._listing(f"/orgs/{owner}/repos", {"sort": "full_name"})))
        except Rejected as error:
            if error.status != 404:
                raise
            return self._listing(f"/users/{owner}/repos", {"sort": "full_name"})

    def _listing(self, path: str, params: Mapping[str, str], rows: str = "") -> Iterator[Any]:
        pages = self._api.pages(path, {**params, "per_page": "100"}, rows=rows, keep=True)
        return (row for found, _ in pages for row in found)


def _unreadable(entry: str, why: str) -> Scope:
    return Scope(id=entry, key=entry, readable=False, why=why, configured=entry)
