"""The names of people whose data was removed, and what stands in their place.

The names themselves are not kept: each is known by a digest, keyed by a number that only this database holds. So a
name is found in what the tools say by the digest of its words, and never listed; whoever holds the database can test a
guess.

A word is what stands between spaces and signs; ``.``, ``-``, ``_``, ``+`` and ``@`` between letters join: an address is
one word, and ``lea`` is none of ``lea-marie``. Words are compared as keys are: NFC, without case.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, select

from okrsync.model import History, Item, Json
from okrsync.store import tables as t
from okrsync.store.bulk import upsert_rows
from okrsync.store.codec import fold, micros
from okrsync.store.meta import get_meta, set_meta

if TYPE_CHECKING:
    from re import Match

KEY = "forgotten_key"
"""The name under which the store remembers what the digests are keyed by."""

PERSON, WORDS = "person", "words"
"""What a digest is of: a whole value that names a person, or words in a text."""

GOES_ON = ""
"""The alias of words with which a longer name begins."""

SIGNS = "@~="
"""What makes a login of an ordinary word: a mention in GitHub or Jira, the value of a field."""

_WORD = re.compile(r"[^\W_]+(?:[-.+@_]+[^\W_]+)*|[^\w\s]|_")
_CACHED = 1 << 16


class Veil:
    """Replaces every known name by its alias; ``blank`` where there is none, and everything stays as it is."""

    def __init__(self, key: bytes, aliases: Mapping[str, str]) -> None:
        self._key, self._aliases = key, aliases
        self.blank = not aliases
        self._person: Callable[[str], str | None] = lru_cache(_CACHED)(self._whole)
        self._first: Callable[[str], str | None] = lru_cache(_CACHED)(lambda word: self._known((word,)))

    def alias(self, name: str) -> str | None:
        """What stands in the place of a name, None where it was not forgotten."""
        return None if self.blank else self._person(name)

    def person(self, name: str) -> str:
        """The value of a field that names a person."""
        return name if self.blank or not name else self._person(name) or self.text(name)

    def text(self, text: str) -> str:
        """The text, with the alias where a name stands by itself. One in another form than NFC is given in NFC where a
        name was found."""
        if self.blank or not text:
            return text
        composed = text if text.isascii() else unicodedata.normalize("NFC", text)
        pieces: list[str] = []
        end = 0
        for start, until, alias in self._found(list(_WORD.finditer(composed))):
            pieces += (composed[end:start], alias)
            end = until
        return "".join((*pieces, composed[end:])) if pieces else text

    def document(self, value: Json) -> Json:
        """The document, every text in it veiled; the names of its fields stay."""
        if self.blank:
            return value
        match value:
            case str():
                return self.person(value)
            case Mapping():
                return {name: self.document(inner) for name, inner in value.items()}
            case list() | tuple():
                return [self.document(inner) for inner in value]
            case _:
                return value

    def item(self, item: Item) -> Item:
        """The item as it is to be stored; keys, ids and addresses stay, for they are how the tool names it."""
        if self.blank:
            return item
        return replace(
            item,
            title=self.text(item.title),
            body=self.text(item.body),
            branch=self.text(item.branch),
            base=self.text(item.base),
            assignee=None if item.assignee is None else self.person(item.assignee),
            author=self.person(item.author),
            labels=tuple(map(self.text, item.labels)),
            fields=tuple(replace(field, value=self.person(field.value)) for field in item.fields),
            references=tuple(replace(one, evidence=self.text(one.evidence)) for one in item.references),
        )

    def history(self, history: History) -> History:
        """The history as it is to be stored."""
        if self.blank:
            return history
        told = (replace(one, before=self._maybe(one.before), after=self._maybe(one.after)) for one in history.changes)
        return replace(history, changes=tuple(told))

    # ── inside ──

    def _maybe(self, text: str | None) -> str | None:
        return None if text is None else self.text(text)

    def _found(self, words: Sequence[Match[str]]) -> Iterable[tuple[int, int, str]]:
        """(start, end, alias) of the names in a text, the longest where several begin with the same word."""
        place = 0
        while place < len(words):
            end, alias = self._longest(words, place)
            if alias is None:
                place += 1
                continue
            yield words[place].start(), words[end - 1].end(), alias
            place = end

    def _longest(self, words: Sequence[Match[str]], place: int) -> tuple[int, str | None]:
        known = self._first(fold(words[place][0]))
        end, alias = place + 1, known or None
        said = [fold(words[place][0])]
        for following in range(place + 1, len(words)):
            if known is None or not self._continues(said):
                break
            said.append(fold(words[following][0]))
            known = self._known(said)
            if known:
                end, alias = following + 1, known
        return end, alias

    def _continues(self, words: Sequence[str]) -> bool:
        return digest(self._key, WORDS, *words, GOES_ON) in self._aliases

    def _known(self, words: Sequence[str]) -> str | None:
        """The alias of these words, GOES_ON where a longer name begins with them, None where none does."""
        alias = self._aliases.get(digest(self._key, WORDS, *words))
        return alias if alias is not None else GOES_ON if self._continues(words) else None

    def _whole(self, name: str) -> str | None:
        return self._aliases.get(digest(self._key, PERSON, _spaced(name)))


def digest(key: bytes, kind: str, *words: str) -> str:
    """By what a name is known."""
    said = "\0".join((kind, *words)).encode("utf-8", "surrogatepass")
    return blake2b(said, digest_size=16, key=key).hexdigest()


_FORGOTTEN = select(t.forgotten.c.digest, t.forgotten.c.alias)


def stored(tx: Connection) -> Veil:
    """The veil over everything that comes into this database."""
    rows = tx.execute(_FORGOTTEN).all()
    return _veil(_key(tx), frozenset((digest, alias) for digest, alias in rows)) if rows else BLANK


def remember(tx: Connection, names: Collection[str], logins: Collection[str], now: datetime) -> str:
    """The alias that stands for these names from now on, all of them of one person. Where one of them was forgotten
    before, it is the alias of that."""
    if get_meta(tx, KEY) is None:
        set_meta(tx, KEY, secrets.token_hex(32))
    key, veil = _key(tx), stored(tx)
    known = (veil.alias(name) for name in (*names, *logins))
    alias = next(filter(None, known), None) or f"person-{secrets.token_hex(4)}"
    rows = [(*known, micros(now)) for known in aliases(key, names, logins, alias).items()]
    upsert_rows(tx, t.forgotten, ("digest", "alias", "at"), rows)
    return alias


def aliases(key: bytes, names: Collection[str], logins: Collection[str], alias: str) -> dict[str, str]:
    """Digest → what stands in the place of it: of every name, wherever it stands; of logins, as the whole value of a
    field or after a sign."""
    found = {digest(key, PERSON, _spaced(name)): alias for name in (*names, *logins)}
    said = {tuple(words_of(name)): alias for name in names}
    said |= {(sign, *words_of(login)): sign + alias for login in logins for sign in SIGNS}
    for words, name in said.items():
        found[digest(key, WORDS, *words)] = name
        found |= {digest(key, WORDS, *words[:end], GOES_ON): GOES_ON for end in range(1, len(words))}
    return found


def words_of(name: str) -> list[str]:
    """The words by which a name is found in a text."""
    return _WORD.findall(fold(unicodedata.normalize("NFC", name)))


def _spaced(name: str) -> str:
    return " ".join(fold(name).split())


def _key(tx: Connection) -> bytes:
    return bytes.fromhex(cast("str", get_meta(tx, KEY)))


@lru_cache(maxsize=4)
def _veil(key: bytes, aliases: frozenset[tuple[str, str]]) -> Veil:
    """Kept from one page to the next, with what it found out about words."""
    return Veil(key, dict(aliases))


BLANK = Veil(b"", {})
"""Where nobody was forgotten."""
