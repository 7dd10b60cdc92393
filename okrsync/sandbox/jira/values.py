"""What people and programs give for a field, turned into what Jira stores; and its words in a history.

:func:`stored` refuses with a ValueError whose text is the message that Jira puts beside the field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from okrsync.sandbox.jira import adf
from okrsync.sandbox.jira.site import Site

MAX_LABEL = 255
PRIORITIES = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4", "Lowest": "5"}
RESOLUTIONS = {"Done": "10000", "Won't Do": "10001", "Duplicate": "10002", "Cannot Reproduce": "10003"}


def stored(field: str, value: Any, site: Site) -> Any:
    """The value of a field in the form in which Jira keeps and serves it."""
    match field:
        case "summary":
            return _summary(value)
        case "labels":
            return _labels(value)
        case "status":
            return _row(value, site.status, "status")
        case "issuetype":
            return _row(value, site.issue_type, "issue type")
        case "priority":
            return None if value is None else _named(value, PRIORITIES)
        case "resolution":
            return None if value is None else _named(value, RESOLUTIONS)
        case "parent":
            return _parent(value, site)
        case "assignee" | "reporter":
            return _user(value, site)
        case "description" | "environment":
            return _document(value)
        case "duedate":
            if value is not None and not (isinstance(value, str) and len(value) == 10):
                raise ValueError("Error parsing date string")
            return value
    row = site.field(field)
    if row and row["id"] in site.options and value is not None:
        return _chosen(site.options[row["id"]], value)
    return _custom(row.get("schema", {}) if row else {}, value)


def _summary(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("You must specify a summary of the issue.")
    if "\n" in value:
        raise ValueError("The summary is invalid because it contains newline characters.")
    return value


def _labels(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise ValueError("data was not an array")
    for label in value:
        if not label or any(character.isspace() for character in label):
            raise ValueError(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > MAX_LABEL:
            raise ValueError(f"The label '{label}' exceeds {MAX_LABEL} characters.")
    return list(dict.fromkeys(value))


def name_of(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("id") or value.get("name") or value.get("key") or value.get("value")
    if not isinstance(value, str | int):
        raise ValueError("Could not find valid 'id' or 'name'.")
    return str(value)


def _row(value: Any, find: Any, what: str) -> dict[str, Any]:
    found: dict[str, Any] | None = find(name_of(value))
    if found is None:
        raise ValueError(f"The {what} selected is invalid.")
    return found


def _named(value: Any, ids: Mapping[str, str]) -> dict[str, str]:
    name = name_of(value)
    for known, id_ in ids.items():
        if name in (known, id_):
            return {"id": id_, "name": known}
    return {"id": str(20_000 + sum(name.encode())), "name": name}


def _parent(value: Any, site: Site) -> dict[str, Any] | None:
    if value is None or (isinstance(value, Mapping) and value.get("none")):
        return None
    found = site.find(name_of(value))
    if found is None:
        raise ValueError("Given parent issue does not exist or you do not have permission to see it.")
    return found.stub()


def _user(value: Any, site: Site) -> dict[str, Any] | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        if "displayName" in value:
            return dict(value)
        value = value.get("accountId")
    if not isinstance(value, str):
        raise ValueError("expected Object containing an accountId")
    for account in (site.account, *site.accounts.values()):
        if value in (account.account_id, account.email):
            return account.user("")
    return {"accountId": value, "displayName": value, "active": True, "accountType": "atlassian"}


def _document(value: Any) -> Any:
    if value is None or adf.is_document(value):
        return value
    raise ValueError("Operation value must be an Atlassian Document (see the Atlassian Document Format)")


def _custom(schema: Mapping[str, Any], value: Any) -> Any:
    if value is None:
        return None
    match schema.get("type"):
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError("Operation value must be a number")
            return float(value)
        case "string":
            if not isinstance(value, str):
                raise ValueError("Operation value must be a string")
        case "option":
            return {"id": _option_id(value), **value} if isinstance(value, Mapping) else _option(value)
        case "array" if not isinstance(value, list):
            raise ValueError("data was not an array")
        case "array" if schema.get("items") == "option":
            return [
                {"id": _option_id(entry), **entry} if isinstance(entry, Mapping) else _option(entry) for entry in value
            ]
    return value


def _chosen(options: Sequence[Mapping[str, Any]], value: Any) -> dict[str, Any]:
    """The option of a select field that is named by its id or by its value."""
    wanted = value if isinstance(value, Mapping) else {"value": value}
    for one in options:
        if not one.get("disabled") and wanted.get("id", wanted.get("value")) in (one["id"], one["value"]):
            return {"id": one["id"], "value": one["value"]}
    name = "id" if "id" in wanted else "value"
    raise ValueError(f"Option {name} '{wanted.get(name)}' is not valid")


def _option(value: Any) -> dict[str, str]:
    if not isinstance(value, str):
        raise ValueError("Specify a valid 'id' or 'name' for the option")
    return {"id": _option_id(value), "value": value}


def _option_id(value: Any) -> str:
    text = value.get("value", "") if isinstance(value, Mapping) else value
    return str(10_000 + sum(str(text).encode()) % 10_000)


# ── in a history ─────────────────────────────────────────────────────────────────────────────────────────────────────


def item(field: str, old: Any, new: Any, site: Site) -> dict[str, Any]:
    """One line of a history, with the names that Jira uses there."""
    if field == "parent":
        return line("IssueParentAssociation", "jira", None, old, new)
    row = site.field(field)
    custom = field.startswith("customfield_")
    return line(row["name"] if custom and row else field, "custom" if custom else "jira", field, old, new)


def line(name: str, kind: str, field_id: str | None, old: Any, new: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"field": name, "fieldtype": kind}
    if field_id:
        found["fieldId"] = field_id
    before, after = _words(old), _words(new)
    found.update({"from": before[0], "fromString": before[1], "to": after[0], "toString": after[1]})
    return found


def link_line(kind: Mapping[str, Any], side: str, key: str) -> tuple[str, str]:
    """(key, sentence) by which a history names a link, seen from the end that holds the other as ``side``."""
    words = kind["inward"] if side == "inwardIssue" else kind["outward"]
    return key, f"This issue {words} {key}"


def _words(value: Any) -> tuple[str | None, str | None]:
    """(id, text) of a value, as histories hold them."""
    match value:
        case None:
            return None, None
        case {"accountId": str(account)}:
            return account, value.get("displayName")
        case {"type": "doc"}:
            return None, "(document)"
        case {"id": str(id_)}:
            return id_, value.get("name") or value.get("value") or value.get("key")
        case [{"id": str()}, *_]:
            return f"[{', '.join(entry['id'] for entry in value)}]", ",".join(_words(entry)[1] or "" for entry in value)
        case list():
            return "", " ".join(str(entry) for entry in value)
        case float():
            return None, f"{value:g}"
    return None, str(value)
