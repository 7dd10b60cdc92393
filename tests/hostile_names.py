"""A world in which everything that has a name has a hostile one, and what no output may hold."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import typer
from small_company import Company
from sqlalchemy import Connection, update

from okrsync.cli.app import app
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.jira.account import Account
from okrsync.store import tables as t

STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a formula of a cell."""

MARKUP = (
    "cmd|'/C'!A0 <script>alert(1)</script><img src=x onerror=a()> [go](javascript:a) ![i](http://e.test/p) {html}x "
    "[~accountid:1:a] @everyone <!channel> *b* \x1b[31mred\x1b]0;t\x07\x9b2J \u202egnp.exe\u2066 a|b`c` &amp;</td>"
)
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What moves the cursor of a terminal or turns its writing direction."""

TAGS = frozenset(
    re.findall(
        r"\w+",
        "html head meta title style body main header footer section article nav details summary h1 h2 h3 h4 p a ul ol "
        "li dl dt dd table caption colgroup col thead tbody tfoot tr th td span div small strong b em i code time abbr "
        "br hr svg g path line polyline polygon rect circle text desc defs use figure figcaption blockquote",
    )
)


def evil(kind: str, place: int = 0) -> str:
    """The name of something of this kind, begun by one of the six signs."""
    return f"{STARTS[place % len(STARTS)]}EVIL-{kind} {MARKUP}"


def written(kind: str, place: int = 0) -> str:
    """The same as the configuration takes it: that refuses itself what nobody sees."""
    return quoted("".join(one for one in evil(kind, place % 4) if one.isprintable()))


CONFIG = """
[[sources]]
id = "github"
kind = "github"
url = "{{url}}/github"
auth = {{{{ token = {{{{ env = "TOKEN" }}}} }}}}
repositories = ["acme/shop"]

[[sources]]
id = "asana"
kind = "asana"
url = "{{url}}/asana/api/1.0"
auth = {{{{ token = {{{{ env = "TOKEN" }}}} }}}}
workspace = "5000"
projects = ["51"]

[teams]
{team} = {{{{ projects = ["jira:SHOP"], repositories = ["github:acme/shop"], value_stream = {stream} }}}}

[[gates]]
id = "G1"
measure = "coverage"
at_least = 0.99
why = {why}
"""


def quoted(text: str) -> str:
    """A string of TOML that the configuration, which is a format string here, holds."""
    return (
        json.dumps(text, ensure_ascii=False)
        .replace("\x7f", "\\u007f")
        .replace("\x9b", "\\u009b")
        .replace("{", "{{")
        .replace("}", "}}")
    )


def dress(company: Company) -> str:
    """Hostile goals, teams, people, projects, labels, titles in the configuration and in all three tools; the key of a
    ticket."""
    more = CONFIG.format(team=written("TEAM", 0), stream=written("STREAM", 1), why=written("WHY", 2))
    company.replace('title = "A shop that people come back to"', f"title = {written('OBJECTIVE', 0)}")
    company.replace('title = "The new checkout is live"', f"title = {written('KEYRESULT', 3)}")
    company.replace(
        'title = "Three ways to pay"\nowner = "cpo@acme.test"',
        f"title = {written('OTHER', 4)}\nowner = {written('OWNER', 5)}",
    )
    company.replace('write_to = ["jira:SHOP-1"]', 'write_to = ["jira:SHOP-1", "github:acme/shop#1", "asana:541"]')
    company.replace("[mapping]", more + "\n[mapping]")
    company.replace(
        'exempt = [{{ labels = ["ktlo"] }}]',
        f'exempt = [{{{{ labels = ["ktlo"], why = {written("EXEMPT", 1)} }}}}]',
    )
    person = Account("acc-evil", evil("PERSON", 2), "evil@acme.test")
    company.site.accounts[person.account_id] = person
    for project in company.site.projects.values():
        project["name"] = evil("PROJECT", 1)
    for place in range(6):
        label = re.sub(r"\s", "_", evil("LABEL", place))[:255]  # as long as Jira takes them
        issue = company.create(summary=evil("JIRA", place), labels=[label, "okr:KR-UX"] if place % 2 else [label])
        issue.fields["assignee"] = person.user("")
        issue.fields["reporter"] = person.user("")
    old = {"created_at": "2026-10-11T10:00:00Z", "updated_at": "2026-10-12T10:00:00Z"}
    numbered = [(number, evil("GITHUB", number)) for number in range(1, 7)]
    labels = [{"name": evil("GHLABEL")[:50]}, {"name": "okr:KR-UX"}]
    company.sandbox.world.github.add(
        Repository(
            "acme/shop",
            issues=[
                {"number": n, "title": name, "body": name, "labels": labels[: n % 3], **old} for n, name in numbered
            ],
            pulls=[{"number": 100 + n, "title": name, "body": f"{name} closes #{n}", **old} for n, name in numbered],
            commits=[{"commit": {"message": f"{name}\n\n{name}"}} for _, name in numbered],
        )
    )
    workspaces = company.sandbox.world.asana.workspaces
    workspaces["5000"] = Workspace(
        "5000",
        users=[{"gid": "7", "name": evil("ASANAPERSON", 3)}],
        projects=[{"gid": "51", "name": evil("BOARD", 4)}],
        sections=[{"gid": "52", "name": evil("SECTION", 5), "project": {"gid": "51"}}],
        tasks=[
            {
                "gid": f"54{number}",
                "name": evil("TASK", number),
                "notes": evil("NOTES", number),
                "assignee": {"gid": "7"},
                "created_at": "2026-10-11T10:00:00.000Z",
                "memberships": [{"project": {"gid": "51"}, "section": {"gid": "52"}}],
            }
            for number in range(1, 7)
        ],
    )
    workspaces["5000"].clock = company.clock
    return issue.key


# ── the commands ─────────────────────────────────────────────────────────────────────────────────────────────────────


def listings() -> Iterator[tuple[str, ...]]:
    """Every command that takes ``--format``, as the program itself tells them."""
    return (path for path, command in _walk(typer.main.get_command(app)) if "--format" in _options(command))


def needs(path: tuple[str, ...]) -> bool:
    """Whether the command cannot be typed without an argument."""
    found = dict(_walk(typer.main.get_command(app)))[path]
    return any(parameter.required for parameter in found.params)


def _walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _walk(inner, (*path, name))
    else:
        yield path, command


def _options(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


# ── the outputs ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or (
                name in ("href", "src", "action") and not re.match(r"https?://|#", value or "")
            ):
                self.faults.append(f"<{tag} {name}={value}>")


def faults(form: str, text: str) -> list[str]:
    """What in this output is more than text."""
    found = [f"character U+{ord(one):04X}" for one in sorted(set(HARMFUL.findall(text.replace("\r\n", "\n"))))]
    match form:
        case "json":
            json.loads(text)
        case "csv":
            rows = list(csv.reader(io.StringIO(text)))
            found += [f"a formula: {cell[:30]!r}" for row in rows for cell in row if _is_formula(cell)]
            found += ["rows of different width"] if len({len(row) for row in rows}) > 1 else []
        case "md":
            found += [f"markup: {one[0]!r}" for one in _MARKDOWN.finditer(text)]
        case "html":
            found += Page(text).faults
    return found


_MARKDOWN = re.compile(
    r"(?<!\\)<(?:script|img|/td|!)|(?<!\\)!\[|(?<!\\)\]\((?!https?://)|@everyone|(?<!\\)\*b\*|(?<!\\)`c"
)


def _is_formula(cell: str) -> bool:
    if re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell.strip()):
        return False
    return cell.strip()[:1] in ("=", "+", "-", "@") or cell[:1] in ("\t", "\r")


def say_in_tables(tx: Connection, said: str) -> None:
    """What the sandbox would not say of items, scopes, sources, runs and writes."""
    for table, names in (
        (t.item, ("status", "resolution", "assignee", "author", "branch", "base", "type")),
        (t.scope, ("name", "error")),
        (t.source, ("error",)),
        (t.run, ("by",)),
        (t.write, ("error", "approved_by")),
    ):
        tx.execute(update(table).values(dict.fromkeys(names, said)))
