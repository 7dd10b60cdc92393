"""The commands that record what a person says of an item or a goal; they tell what that changes."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from okrsync import typed
from okrsync.cli.output import Format, emit
from okrsync.cli.session import Session
from okrsync.effects import Standing, effects, standing
from okrsync.errors import UsageError
from okrsync.linking import relink
from okrsync.model import Goals, KeyResultKind, Override, OverrideKind, Say, Verdict
from okrsync.reports import overrides as overrides_report
from okrsync.reports.common import line
from okrsync.store import codec, people, revisions
from okrsync.texts import speaker

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config

MEASURED = (KeyResultKind.METRIC, KeyResultKind.KEEP)


class _Subject(NamedTuple):
    uid: int
    name: str
    counted: bool


# ── of an item ───────────────────────────────────────────────────────────────────────────────────────────────────────


def link(session: Session, text: str, targets: list[str], *, why: str, remove: bool) -> None:
    """Record, or take back, that an item serves these goals."""
    if remove:
        if targets:
            raise UsageError("--remove takes back the whole word on an item; leave the targets out")
        _take_back(session, text)
        return
    if not targets:
        raise UsageError("name at least one key result or objective: okrsync link SHOP-12 KR-UX --why '…'")
    named = tuple(dict.fromkeys(_goal(session.config.goals, target) for target in targets))
    _record(session, text, OverrideKind.LINK, named, why)


def exempt(session: Session, text: str, *, why: str, remove: bool) -> None:
    """Record, or take back, that an item needs no objective."""
    if remove:
        _take_back(session, text)
    else:
        _record(session, text, OverrideKind.EXEMPT, (), why)


def _record(session: Session, text: str, kind: OverrideKind, targets: tuple[str, ...], why: str) -> None:
    reason, config, now = _reason(why), session.config, session.now()
    with session.linked(writing=True) as tx:
        item = _subject(tx, config, text)
        former = people.overrides(tx).get(item.uid)
        before = standing(tx, config, item.uid, now)
        word = Override(item.uid, kind, targets, reason, session.by, now)
        people.add_override(tx, word)
        changed = relink(tx, config, now)
        after = standing(tx, config, item.uid, now)
    teller = _Teller(config)
    teller.say("said.recorded", item=item.name, said=teller.meaning(word), by=session.by, why=reason)
    if former is not None:
        teller.below("said.instead", told=teller.told(former))
    teller.effects(before, after, changed - item.counted, targets)


def _take_back(session: Session, text: str) -> None:
    config, now = session.config, session.now()
    with session.linked(writing=True) as tx:
        item = _departed(tx, text) or _subject(tx, config, text)
        before = standing(tx, config, item.uid, now)
        taken = people.remove_override(tx, item.uid, session.by, now)
        changed = relink(tx, config, now)
        after = standing(tx, config, item.uid, now)
    if not taken:
        raise UsageError(f"nobody gave a word on {item.name}; those that hold are listed by: okrsync overrides")
    teller = _Teller(config)
    teller.say("said.taken", item=item.name, told=teller.told(taken[-1]))
    for older in reversed(taken[:-1]):
        teller.below("said.taken.older", told=teller.told(older))
    teller.effects(before, after, changed - item.counted, taken[-1].targets)


def _subject(tx: Connection, config: Config, text: str) -> _Subject:
    found = typed.item(tx, config, text)
    return _Subject(found.uid, f"{found.source}:{found.key}", found.counted)


def _departed(tx: Connection, text: str) -> _Subject | None:
    """The item that is gone, and on which a word still holds."""
    name = codec.fold(line(text).strip())
    for one in people.spoken(tx):
        if one.gone and name in (codec.fold(one.key), codec.fold(f"{one.source}:{one.key}")):
            return _Subject(one.word.item, f"{one.source}:{one.key}", counted=False)
    return None


# ── what it changed ──────────────────────────────────────────────────────────────────────────────────────────────────


class _Teller:
    """Tells, in the configured language, what a word means and what it changed."""

    def __init__(self, config: Config) -> None:
        self._goals = config.goals
        self._speak = speaker(config.language)

    def say(self, code: str, **facts: str | int) -> None:
        typer.echo(line(self._speak(Say.of(code, **facts))))

    def below(self, code: str, **facts: str | int) -> None:
        typer.echo(f"  {line(self._speak(Say.of(code, **facts)))}")

    def effects(self, before: Standing, after: Standing, below: int, targets: Collection[str]) -> None:
        """The verdict on the item, what follows below it, and the progress of key results, before and after."""
        if after.verdict is None:
            self.below("said.uncounted")
        else:
            then, now = self._verdict(before.verdict), self._verdict(after.verdict)
            self.below("said.same" if then == now else "said.changed", then=then, now=now)
        if below > 0:
            self.below(f"said.follow.{'one' if below == 1 else 'many'}", count=below)
        objectives = [one for one in targets if one in self._goals.objectives]
        moved = effects(before.assessment, after.assessment, objectives)
        for effect in moved:
            self.below("said.moved", goal=effect.goal, moved=overrides_report.moved(effect, self._speak))
        for target in targets:
            kr = self._goals.key_results.get(target)
            if kr is not None and kr.kind in MEASURED:
                self.below("said.measured", goal=target)
        if not moved and not any(target in self._goals.key_results for target in targets):
            self.below("said.unmoved")

    def meaning(self, word: Override) -> str:
        said = Say.of("override.link", targets=", ".join(word.targets)) if word.targets else Say.of("override.exempt")
        return self._speak(said)

    def told(self, word: Override) -> str:
        facts = {"said": self.meaning(word), "by": word.by, "day": f"{word.at:%Y-%m-%d}", "why": word.why}
        return self._speak(Say.of("override.line", **facts))

    def _verdict(self, verdict: Verdict | None) -> str:
        if verdict is None:
            return self._speak(Say.of("said.unjudged"))
        word = self._speak(Say.of(f"report.verdict.{verdict.kind}"))
        if verdict.orphan is not None:
            word += f" ({self._speak(Say.of(f'report.class.{verdict.orphan}'))})"
        goals = ", ".join(dict.fromkeys(one.target for one in verdict.links))
        return self._speak(Say.of("said.verdict", verdict=word, goals=goals)) if goals else word


def _goal(goals: Goals, name: str) -> str:
    """The id of a goal as it is configured; UsageError where there is none of this name."""
    known = {codec.fold(goal): goal for goal in [*goals.key_results, *goals.objectives]}
    goal = known.get(codec.fold(name))
    if goal is None:
        raise typed.unknown("key result or objective", name, known.values())
    return goal


def _reason(why: str) -> str:
    if not why.strip():
        raise UsageError("say why: --why '…' (it is kept with your name and the date)")
    return why.strip()


# ── of a goal ────────────────────────────────────────────────────────────────────────────────────────────────────────


def confirm(session: Session, name: str, item: str | None, *, why: str) -> None:
    """Record that links made before a goal was reworded still hold: that of one item, or all of them."""
    reason, config = _reason(why), session.config
    goal = _goal(config.goals, name)
    with session.linked(writing=True) as tx:
        only = None if item is None else _subject(tx, config, item)
        suspects = revisions.suspects(tx, config.goals).get(goal, [])
        chosen = suspects if only is None else [one for one in suspects if one.uid == only.uid]
        if not chosen:
            raise UsageError(_unsuspected(goal, only))
        revisions.confirm(tx, goal, only and only.uid, why=reason, by=session.by, now=session.now())
    held = chosen[0].suspicion
    teller, number = _Teller(config), "one" if len(chosen) == 1 else "many"
    teller.say(f"said.confirmed.{number}", goal=goal, count=len(chosen), by=session.by, why=reason)
    teller.below("said.wording", was=held.was, now=held.now, day=f"{held.since:%Y-%m-%d}")
    if left := len(suspects) - len(chosen):
        teller.below("said.still", count=left)


def _unsuspected(goal: str, only: _Subject | None) -> str:
    if only is None:
        return f"no link to {goal} is suspect: there is nothing to confirm"
    return (
        f"{only.name} has no suspect link of its own to {goal}; what is inherited is confirmed where it was made: "
        f"okrsync trace {only.name} tells where"
    )


def overrides(session: Session, *, everything: bool, measured: int, form: Format, output: Path | None) -> None:
    """The words that hold, or all that were ever said, with what each of the newest changes."""
    if measured < 0:
        raise UsageError("--effects takes a number of words, 0 or more")
    config, speak = session.config, speaker(session.config.language)
    with session.linked() as tx:
        listed = overrides_report.listed(tx, config, session.now(), everything=everything)
    answer = overrides_report.answer(session.store, config, listed, speak, measured=measured)
    draw = partial(overrides_report.draw, speak=speak)
    emit(answer, draw, form, output, sheet=overrides_report.sheet, language=config.language)
