"""What people do in four tools, in the configuration and by ``okrsync link``, in whatever order: what is decided in the
end is what a store decides that begins today."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from told import (
    CHANGES,
    DAY,
    LABELS,
    MINUTE,
    SCOPES,
    START,
    WEBS,
    Thing,
    Tools,
    Word,
    begun,
    configured,
    database,
    decided,
    differences,
    empty,
    explained,
    identities,
)

from config import Config
from okrsync import linking
from okrsync.model import (
    Change,
    ChangeKind,
    FieldValue,
    Item,
    ItemKind,
    Override,
    OverrideKind,
    Reference,
    ReferenceKind,
    State,
)
from okrsync.store import Store

SUITE = settings(
    max_examples=30,
    stateful_step_count=8,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink takes minutes: run the soak for that
)
SOAK = settings(SUITE, max_examples=3000, stateful_step_count=40, phases=tuple(Phase), print_blob=True)

PLACES = st.integers(0, 15)
NAMES = st.lists(
    st.tuples(
        st.sampled_from(["{}", "Fixes {}", "see {}", "Reverts {}", "This reverts commit {}", "OKR: {}"]),
        st.sampled_from(["key", "key", "lower", "address", "former", "KR-UX", "KR-UXX", "SHOP-99", "#1", "short"]),
        PLACES,
    ),
    max_size=2,
)


class Sequences(RuleBasedStateMachine):
    """Rules are what people do; ``link`` is a cycle with its link job, ``compare`` holds it against a rebuild."""

    @initialize()
    def open(self) -> None:
        self.clock = START
        self.tools = Tools()
        self.changes: frozenset[tuple[str, str]] = frozenset()
        self.last: dict[tuple[str, str], int] = {}
        self.compared: object = None
        self.touched = set(SCOPES)  # sources in which anything is new since the last cycle
        self.create("jira", "10", None, ["okr:KR-UX"])
        self.create("jira", "10", None, [])
        self.create("jira", "30", None, ["okr:KR-UX"])
        self.create("jira", "20", 0, [])
        self.create("jira", "20", 2, [])
        self.block(3, 1)
        self.create("github", "1", None, [])
        self.pull("1", [("Fixes {}", "key", 3)], [])
        self.commit("1", [], 0, "")
        self.commit("1", [("This reverts commit {}", "short", 7)], None, "")
        self.tools.words.append(self.word(self.tools.things["github", "1#1"], "KR-PAY"))
        self.store = self.grown()
        self.touched = set()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.compare()

    def grown(self) -> Store:
        """A store that was told of what there is and is said at first."""
        return database("grown", begun(self.tools, self.config, self.clock))

    def fresh(self) -> Store:
        """An empty store; the one before is needed no more."""
        return database("fresh", empty())

    # ── what there is ──

    @property
    def config(self) -> Config:
        return configured(self.changes)

    def pick(self, place: int | None, *kinds: ItemKind, source: str | None = None) -> Thing | None:
        """One of the things of these kinds; of its own source where one is given."""
        found = [
            one
            for one in self.tools.things.values()
            if (not kinds or one.item.kind in kinds) and source in (None, one.item.source)
        ]
        return found[place % len(found)] if found and place is not None else None

    def put(self, item: Item, *changes: Change) -> None:
        """The item as it is from now on."""
        self.clock += MINUTE
        self.touched.add(item.source)
        key = (item.source, item.remote_id)
        thing = self.tools.things.setdefault(key, Thing(item))
        thing.item = replace(item, updated_at=self.clock)
        thing.changes += changes

    def change(self, kind: ChangeKind, before: str | None, after: str | None) -> Change:
        return Change(self.clock, kind, before, after)

    def number(self, source: str, scope: str) -> int:
        self.last[source, scope] = self.last.get((source, scope), 0) + 1
        return self.last[source, scope]

    def made(self, source: str, scope: str, kind: ItemKind, **more: Any) -> Item:
        """A new item; commits have a sha for a key, which shares its first seven characters with every third."""
        number = self.number(source, scope)
        project = SCOPES[source][scope]
        identity = {"jira": f"{project}-{number}", "github": f"{project}#{number}", "asana": f"{scope}{number}"}
        key = identity["jira" if source == "sister" else source]
        remote_id = {"github": f"{scope}#{number}", "asana": key}.get(source, f"{scope}{number:03d}")
        url = WEBS[source] + key
        if kind is ItemKind.COMMIT:
            key = f"{number % 3:07x}{int(scope):03x}{number:030x}"
            remote_id, url = f"{scope}@{key}", f"https://github.com/{project}/commit/{key}"
        elif source == "github":
            url = f"https://github.com/{project}/{'pull' if kind is ItemKind.PULL_REQUEST else 'issues'}/{number}"
        done = kind is ItemKind.COMMIT
        return Item(
            **{
                "source": source,
                "remote_id": remote_id,
                "key": key,
                "kind": kind,
                "title": "Work",
                "url": url,
                "state": State.DONE if done else State.TODO,
                "status": "",
                "created_at": self.clock,
                "updated_at": self.clock,
                "completed_at": self.clock if done else None,
                "scope": scope,
                "project": project,
                **more,
            }
        )

    def said(self, source: str, names: list[tuple[str, str, int]]) -> str:
        """Lines that name things, goals, or nothing that there is."""
        lines = []
        for form, how, place in names:
            thing = self.pick(place)
            former = [one.before for one in thing.changes if one.kind is ChangeKind.KEY] if thing else []
            name = how
            if how in ("key", "lower", "address", "former", "short") and thing is not None:
                item = thing.item
                name = {
                    "key": item.key,
                    "lower": item.key.lower(),
                    "address": item.url,
                    "former": (former or [item.key])[0] or "",
                    "short": item.key[:7] if item.kind is ItemKind.COMMIT else f"#{item.key.rpartition('#')[2]}",
                }[how]
            lines.append(form.format(name))
        return "\n".join(lines)

    # ── what people do ──

    @rule(
        where=st.sampled_from([(source, scope) for source, scopes in SCOPES.items() for scope in scopes]),
        place=st.none() | PLACES,
        labels=st.lists(st.sampled_from(LABELS), max_size=2, unique=True),
    )
    def ticket(self, where: tuple[str, str], place: int | None, labels: list[str]) -> None:
        self.create(*where, place, labels)

    def create(self, source: str, scope: str, place: int | None, labels: list[str]) -> None:
        above = self.pick(place, ItemKind.TICKET, source=source)
        made = self.made(source, scope, ItemKind.TICKET, labels=tuple(labels), references=self.below(above))
        self.put(made)
        note(f"created {source}:{made.key} {labels} below {above and above.item.key}")

    def below(self, above: Thing | None) -> tuple[Reference, ...]:
        if above is None:
            return ()
        by_key = above.item.source == "sister"  # as an epic field of an old Jira: the key alone
        return (
            Reference(
                ReferenceKind.EPIC if by_key else ReferenceKind.PARENT,
                above.item.key,
                None if by_key else above.item.remote_id,
            ),
        )

    @rule(scope=st.sampled_from(["1", "2"]), names=NAMES, labels=st.lists(st.sampled_from(LABELS), max_size=1))
    def pull(self, scope: str, names: list[tuple[str, str, int]], labels: list[str]) -> None:
        made = self.made("github", scope, ItemKind.PULL_REQUEST, labels=tuple(labels), body=self.said("github", names))
        self.put(made)
        note(f"created {made.key}: {made.body!r}")

    @rule(
        scope=st.sampled_from(["1", "2"]),
        names=NAMES,
        merged=st.none() | PLACES,
        author=st.sampled_from(["", "x[bot]"]),
    )
    def commit(self, scope: str, names: list[tuple[str, str, int]], merged: int | None, author: str) -> None:
        """A commit, and perhaps the pull request that became it."""
        said = self.said("github", names)
        title, _, body = said.partition("\n")
        made = self.made("github", scope, ItemKind.COMMIT, title=title or "Work", body=body, author=author)
        self.put(made)
        if pull := self.pick(merged, ItemKind.PULL_REQUEST):
            rest = tuple(one for one in pull.item.references if one.kind is not ReferenceKind.MERGED_AS)
            became = Reference(ReferenceKind.MERGED_AS, made.key, made.remote_id)
            self.put(replace(pull.item, references=(*rest, became), state=State.DONE))
        note(f"committed {made.key[:12]}: {said!r}, of {pull and pull.item.key}")

    @rule(place=PLACES, names=NAMES)
    def reword(self, place: int, names: list[tuple[str, str, int]]) -> None:
        if thing := self.pick(place, ItemKind.PULL_REQUEST):
            self.put(replace(thing.item, body=self.said("github", names), branch=self.said("github", names[:1])))
            note(f"reworded {thing.item.key}: {thing.item.body!r}")

    @rule(place=PLACES, other=PLACES)
    def close_by_tool(self, place: int, other: int) -> None:
        pull, issue = self.pick(place, ItemKind.PULL_REQUEST), self.pick(other, ItemKind.TICKET, source="github")
        if pull and issue:
            rest = tuple(one for one in pull.item.references if one.kind is not ReferenceKind.CLOSES)
            closes = Reference(ReferenceKind.CLOSES, issue.item.key, issue.item.remote_id)
            self.put(replace(pull.item, references=(*rest, closes)))
            note(f"{pull.item.key} closes {issue.item.key}")

    @rule(place=PLACES, label=st.sampled_from(LABELS))
    def label(self, place: int, label: str) -> None:
        if (thing := self.pick(place)) and thing.item.kind is not ItemKind.COMMIT:
            had = label in thing.item.labels
            kept = tuple(one for one in thing.item.labels if one != label)
            note(f"label {thing.item.key} {'-' if had else '+'}{label}")
            if had:
                self.put(replace(thing.item, labels=kept), self.change(ChangeKind.LABEL_REMOVED, label, None))
            else:
                self.put(replace(thing.item, labels=(*kept, label)), self.change(ChangeKind.LABEL_ADDED, None, label))

    @rule(
        place=PLACES, name=st.sampled_from(["Goal", "Team"]), value=st.sampled_from(["", "KR-UX", "kr-pay", "KR-UXXY"])
    )
    def fill(self, place: int, name: str, value: str) -> None:
        if thing := self.pick(place, ItemKind.TICKET):
            note(f"field {name} of {thing.item.key} = {value}")
            values = (FieldValue(f"customfield_{name}", name, value),) if value else ()
            change = self.change(ChangeKind.FIELD, None, f"customfield_{name}={value}")
            self.put(replace(thing.item, fields=values), change)

    @rule(place=PLACES, container=st.sampled_from(["", "milestone:acme/shop#1", "project:1200", "section:7"]))
    def join(self, place: int, container: str) -> None:
        if (thing := self.pick(place)) and thing.item.source in ("github", "asana"):
            rest = tuple(one for one in thing.item.references if one.kind is not ReferenceKind.MEMBER)
            held = (Reference(ReferenceKind.MEMBER, container),) if container else ()
            note(f"{thing.item.key} is in {container or 'nothing'}")
            self.put(replace(thing.item, references=(*rest, *held)), self.change(ChangeKind.MEMBER, None, container))

    @rule(
        place=PLACES,
        state=st.sampled_from([State.TODO, State.IN_PROGRESS, State.DONE]),
        points=st.none() | st.just(3.0),
    )
    def work(self, place: int, state: State, points: float | None) -> None:
        if (thing := self.pick(place)) and thing.item.kind is not ItemKind.COMMIT:
            note(f"{thing.item.key} is {state}, {points} points")
            done = self.clock if state is State.DONE else None
            self.put(
                replace(thing.item, state=state, points=points, completed_at=done, title=f"Work {state}"),
                self.change(ChangeKind.STATE, thing.item.state, state),
            )

    @rule(place=PLACES, above=st.none() | PLACES, logged=st.booleans())
    def reparent(self, place: int, above: int | None, logged: bool) -> None:
        if thing := self.pick(place, ItemKind.TICKET):
            parent = self.pick(above, ItemKind.TICKET, source=thing.item.source)
            note(f"reparent {thing.item.key} below {parent and parent.item.key}")
            kept = (ReferenceKind.MEMBER, ReferenceKind.BLOCKED_BY)
            rest = tuple(one for one in thing.item.references if one.kind in kept)
            left = next((one.target_id for one in thing.item.references if one.kind is ReferenceKind.PARENT), None)
            change = self.change(ChangeKind.PARENT, left, parent and parent.item.remote_id)
            self.put(replace(thing.item, references=(*self.below(parent), *rest)), *([change] if logged else []))

    @rule(place=PLACES, other=st.none() | PLACES)
    def block(self, place: int, other: int | None) -> None:
        if thing := self.pick(place, ItemKind.TICKET):
            by = self.pick(other, ItemKind.TICKET, source=thing.item.source)
            rest = tuple(one for one in thing.item.references if one.kind is not ReferenceKind.BLOCKED_BY)
            held = (Reference(ReferenceKind.BLOCKED_BY, by.item.key, by.item.remote_id),) if by else ()
            note(f"{thing.item.key} is blocked by {by and by.item.key}")
            self.put(replace(thing.item, references=(*rest, *held)))

    @rule(place=PLACES, scope=st.sampled_from(["10", "20", "30"]))
    def move(self, place: int, scope: str) -> None:
        thing = self.pick(place, ItemKind.TICKET, source="jira")
        if thing and not thing.hidden and thing.item.scope != scope:
            key = f"{SCOPES['jira'][scope]}-{self.number('jira', scope)}"
            note(f"moved {thing.item.key} → {key}")
            moved = replace(thing.item, key=key, scope=scope, project=SCOPES["jira"][scope], url=WEBS["jira"] + key)
            self.put(moved, self.change(ChangeKind.KEY, thing.item.key, key))

    @rule(place=PLACES)
    def delete(self, place: int) -> None:
        if thing := self.pick(place):
            note(f"deleted {thing.item.key}")
            self.touched.add(thing.item.source)
            del self.tools.things[thing.item.source, thing.item.remote_id]

    @rule(place=PLACES)
    def hide_or_show(self, place: int) -> None:
        if thing := self.pick(place):
            thing.hidden = not thing.hidden
            self.touched.add(thing.item.source)
            note(f"{'hidden' if thing.hidden else 'shown'} {thing.item.key}")

    @rule(change=st.sampled_from(CHANGES))
    def configure(self, change: tuple[str, str]) -> None:
        self.changes ^= {change}
        self.touched = set(SCOPES)
        note(f"configured {'' if change in self.changes else 'no longer '}{change[1]!r}")

    @rule(place=PLACES, word=st.sampled_from(["KR-UX", "KR-PAY", "KR-UXX", "exempt"]))
    def speak(self, place: int, word: str) -> None:
        """A person speaks of what is stored."""
        if thing := self.pick(place):
            about = self.word(thing, word)
            with self.store.read() as tx:
                known = about[0] in identities(tx).values()
            if known:
                note(f"said of {thing.item.key}: {word}")
                self.tools.words.append(about)
                self.tools.say(self.store, [about])

    def word(self, thing: Thing, word: str) -> Word:
        self.clock += MINUTE
        kind = OverrideKind.EXEMPT if word == "exempt" else OverrideKind.LINK
        targets = () if word == "exempt" else (word,)
        said = Override(0, kind, targets, "so", "ann", self.clock)
        return (thing.item.source, thing.item.remote_id), said, self.clock

    @rule(place=PLACES)
    def take_back(self, place: int) -> None:
        """``--remove``: of one of the items that somebody spoke of."""
        if spoken := list(dict.fromkeys(about for about, word, _ in self.tools.words if word is not None)):
            self.clock += MINUTE
            about = (spoken[place % len(spoken)], None, self.clock)
            note(f"took back what was said of {about[0]}")
            self.tools.words.append(about)
            self.tools.say(self.store, [about])

    @rule(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        self.clock += days * DAY

    # ── what okrsync does ──

    @rule(histories=st.booleans())
    def tell(self, histories: bool) -> None:
        """A cycle that ends before its link job, perhaps before it read the histories."""
        self.tools.tell(self.store, self.config, self.clock, only=self.touched)
        self.touched = set()
        if histories:
            self.tools.remember(self.store)

    @rule(histories=st.booleans())
    def link(self, histories: bool) -> None:
        self.tell(histories)
        self.relink(self.store)

    def relink(self, store: Store) -> None:
        with store.begin() as tx:
            linking.relink(tx, self.config, self.clock)

    @rule()
    def compare(self) -> None:
        """What is decided now is what a store decides that begins today; and there is nothing left to decide.

        Where nothing happened since it was compared, there is nothing to compare.
        """
        happened = self.clock, self.changes, {key: one.hidden for key, one in self.tools.things.items()}
        if happened == self.compared:
            return
        note("compare")
        self.compared = happened
        self.link(histories=False)
        self.link(histories=True)
        fresh = self.fresh()
        self.tools.tell(fresh, self.config, self.clock)
        self.tools.remember(fresh)
        self.tools.say(fresh, self.tools.words)
        self.relink(fresh)
        lines = differences(decided(self.store, self.config), decided(fresh, self.config))
        lines += explained(self.store, self.config, self.clock)
        assert not lines, "\n".join(lines)
        with self.store.begin() as tx:
            assert linking.is_current(tx, self.config, self.clock)
            assert linking.relink(tx, self.config, self.clock) == 0
