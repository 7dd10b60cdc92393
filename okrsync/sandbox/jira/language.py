"""Names in the language of an account: statuses, categories, types, priorities, kinds of links. Ids and keys stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS: dict[str, tuple[str, str, str]] = {  # lower case, any language → German, French, Chinese
    "to do": ("Zu erledigen", "À faire", "待办"),
    "in progress": ("In Arbeit", "En cours", "正在进行"),
    "in review": ("In Prüfung", "En revue", "审核中"),
    "done": ("Fertig", "Terminé", "已完成"),
    "story": ("Vorgang", "Histoire", "故事"),
    "task": ("Aufgabe", "Tâche", "任务"),
    "sub-task": ("Unteraufgabe", "Sous-tâche", "子任务"),
    "bug": ("Fehler", "Anomalie", "缺陷"),
    "epic": ("Epos", "Épopée", "长篇故事"),
    "medium": ("Mittel", "Moyenne", "中"),
    "blocks": ("Blockiert", "Bloque", "阻塞"),
    "is blocked by": ("wird blockiert durch", "est bloqué par", "被阻塞于"),
    "won't do": ("Wird nicht gemacht", "Ne sera pas fait", "不会做"),
    "duplicate": ("Duplikat", "Doublon", "重复"),
}
_ORDER = ("de", "fr", "zh")
_FRENCH = {words[1].casefold(): words for words in _WORDS.values()}
LANGUAGES = frozenset(_ORDER)
_NAMED = frozenset({"name", "inward", "outward"})
_FIELDS = ("status", "issuetype", "priority", "resolution")


def word(text: str, language: str) -> str:
    """The word in this language; as it is where nobody translated it."""
    found = _WORDS.get(text.casefold()) or _FRENCH.get(text.casefold())
    return found[_ORDER.index(language)] if found else text


def named(value: Any, language: str) -> Any:
    """A status, type, priority, resolution or kind of link whose names are in this language."""
    if not isinstance(value, Mapping):
        return value
    found = {name: word(one, language) if name in _NAMED else one for name, one in value.items()}
    if isinstance(category := value.get("statusCategory"), Mapping):
        found["statusCategory"] = {**category, "name": word(str(category.get("name", "")), language)}
    return found


def fields(held: dict[str, Any], language: str) -> dict[str, Any]:
    """The fields of an issue with names in this language, and so the issues that it names."""
    found = dict(held)
    for name in _FIELDS:
        if name in found:
            found[name] = named(found[name], language)
    if parent := found.get("parent"):
        found["parent"] = _stub(parent, language)
    if links := found.get("issuelinks"):
        found["issuelinks"] = [_link(link, language) for link in links]
    return found


def _stub(issue: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {**issue, "fields": fields(issue["fields"], language)} if "fields" in issue else dict(issue)


def _link(link: Mapping[str, Any], language: str) -> dict[str, Any]:
    found = {**link, "type": named(link["type"], language)}
    for side in ("inwardIssue", "outwardIssue"):
        if side in found:
            found[side] = _stub(found[side], language)
    return found
