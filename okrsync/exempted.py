"""Work that needs no objective: at which weeks' ends it was exempt, and why it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from config import Config
from mapping.bygone import exempt_at, exempted_since, exempting_labels
from mapping.exemptions import Exemptions
from mapping.words import fold
from mapping.world import Origin
from okrsync.model import ItemKind, OverrideKind, Say, VerdictKind
from okrsync.store import exempt as rows
from okrsync.store import graph, people
from rollup.worked import VERDICTS, Period
from rollup.workload import KINDS, Array

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TICKET = KINDS.index(ItemKind.TICKET)
_TRACED, _EXEMPT = VERDICTS.index(VerdictKind.TRACED), VERDICTS.index(VerdictKind.EXEMPT)


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def tell_exempt(tx: Connection, config: Config, work: Array, period: Period) -> None:
    """Fill in at which ends the tickets were exempt, of which that was not the same at all of them."""
    counted = (work["kind"] == _TICKET) & (work["weeks"] > 0)
    turned = _turned(tx, config, work, counted, period)
    if not turned:
        return
    ever = graph.Dependencies(tx).ever(None)
    below = np.fromiter(ever.below(turned), np.int64)
    mine = counted & np.isin(work["uid"], below)
    words = people.words(tx)
    moments = [last for _, _, last in period.spans]
    bits = [bit for bit, _, _ in period.spans]
    for hood in graph.neighbourhoods(tx, work["uid"][mine].tolist(), above=ever.above):
        told = exempt_at(hood.nodes, config.goals, config.rules, words, moments, hood.affected)
        places = np.searchsorted(work["uid"], list(told))
        work["exempt"][places] = [
            sum(1 << bit for bit, was in zip(bits, exempt, strict=True) if was) for exempt in told.values()
        ]
        del hood


def _turned(tx: Connection, config: Config, work: Array, counted: Array, period: Period) -> set[int]:
    """What can have become exempt within the period, or ceased to be: what lies below it may have with it."""
    words, begin = people.words(tx), period.begin
    turned = exempted_since(words, begin)
    if labels := exempting_labels(config.rules):
        turned |= {uid for uid, label in rows.labelled_since(tx, begin) if fold(label.strip()) in labels}
    return turned | rows.moved_since(tx, begin) | _linked_since(tx, config, work, counted)


def _linked_since(tx: Connection, config: Config, work: Array, counted: Array) -> set[int]:
    """What is traced and was not all the time, but may have been exempt until then."""
    late = work[counted & (work["verdict"] == _TRACED) & (work["weeks"] & ~work["traced"] > 0)]
    inherited = late["uid"][np.isin(late["parent"], work["uid"][work["verdict"] == _EXEMPT])].tolist()
    own = (uid for uid, why in _own(tx, config, late["uid"]) if why is not None)
    return {*inherited, *own}


# ── why ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def reasons(tx: Connection, config: Config, work: Array) -> tuple[list[Say], Array]:
    """Why work is exempt, and for each row of ``work`` the place of its reason; the first is that of no other."""
    said = {uid for uid, word in people.overrides(tx).items() if word.kind is OverrideKind.EXEMPT}
    known: dict[Say, int] = {Say.of("report.exempt.none"): 0}
    codes = np.zeros(len(work), np.uint32)
    exempt = np.flatnonzero(work["verdict"] == _EXEMPT)
    for place, (uid, why) in zip(exempt.tolist(), _own(tx, config, work["uid"][exempt]), strict=True):
        reason = Say.of("report.exempt.override") if uid in said else why
        if reason is not None:
            codes[place] = known.setdefault(reason, len(known))
    _inherit(work, codes, exempt)
    above = known.setdefault(Say.of("report.exempt.above"), len(known))
    codes[exempt[codes[exempt] == 0]] = above
    return list(known), codes


def _inherit(work: Array, codes: Array, exempt: Array) -> None:
    """Give those that have no reason of their own that of the nearest above them."""
    without = exempt[codes[exempt] == 0]
    while len(without):
        up = np.minimum(np.searchsorted(work["uid"], work["parent"][without]), len(work) - 1)
        found = np.where(work["uid"][up] == work["parent"][without], codes[up], 0)
        if not found.any():
            return
        codes[without] = found
        without = without[found == 0]


def _own(tx: Connection, config: Config, uids: Array) -> Iterator[tuple[int, Say | None]]:
    """Why each of these items is exempt by itself, as reports name it; None where it is not."""
    exemptions = Exemptions(config.rules)
    known: dict[tuple[Origin, str, Iterable[str]], Say | None] = {}
    for uid, origin, author, labels, title in rows.origins(tx, uids):
        if origin.kind != _TICKET:
            yield uid, _named(exemptions.own(origin, author, labels, title))
            continue
        if (origin, author, labels) not in known:
            known[origin, author, labels] = _named(exemptions.own(origin, author, labels, ""))
        yield uid, known[origin, author, labels]


def _named(why: Say | None) -> Say | None:
    """The reason as a group of items is called: of labels, types and projects which one; of authors nobody's name."""
    if why is None:
        return None
    kind, facts = why.code.split(".")[1], dict(why.args)
    if kind == "author":
        kind = "bot" if str(facts["value"]).casefold().endswith("[bot]") else "author"
    if kind in ("label", "type", "project"):
        value = str(facts["value"])
        return Say.of(f"report.exempt.{kind}", value=fold(value) if kind == "label" else value)
    return Say.of(f"report.exempt.{kind}")
