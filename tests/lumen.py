"""A payroll company for the tests: eight weeks into a cycle of thirteen, on one Jira site.

``company(now)`` depends on nothing but ``now``: the same instant gives the same company. It shows what okrsync finds:
work that nobody linked, two labels with a typo, a dropped objective that still costs, fifteen tickets blocked for four
days, a key result whose work is done while its metric stands still, an epic on a board outside the scope, and a parent
that the account may not read.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import lumen_titles as titles
from lumen_metadata import PROJECTS

from okrsync.sandbox.company.jira_metadata import FIELDS, FLAGGED, ISSUE_TYPES, POINTS, STATUSES
from okrsync.sandbox.jira import changes
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.adf import document
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.jira.values import stored
from okrsync.sandbox.world import World

SITE = "lumen"
TRACED_EXAMPLE = "SHOP-11"
"""A sub-task, four hops below the strategy."""

PARIS = ZoneInfo("Europe/Paris")
WEEKS_DONE, WEEKS = 8, 13
_TODO, _DOING, _REVIEW, _DONE = "À faire", "En cours", "En revue", "Terminé"


def cycle(now: datetime) -> tuple[date, date]:
    """First and last day of the current cycle: it began eight weeks before this week's Monday."""
    today = now.astimezone(PARIS).date()
    start = today - timedelta(days=today.weekday(), weeks=WEEKS_DONE)
    return start, start + timedelta(weeks=WEEKS, days=-1)


def company(now: datetime) -> World:
    """The company as its Jira holds it at this instant."""
    author = _Author(now)
    author.write()
    return World([author.site])


class _Author:
    """Writes the tickets with their lives, each change at its own time, through the same code that serves edits."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)
        self.start = datetime.combine(cycle(now)[0], time(9), PARIS).astimezone(UTC)
        self.random = Random("lumen")
        self.site = Site(
            SITE,
            projects=PROJECTS,
            statuses=STATUSES,
            issue_types=ISSUE_TYPES,
            fields=FIELDS,
            account=Account("acc-okrsync", "okrsync", "okrsync@lumen.test", "Europe/Paris"),
        )

    def write(self) -> None:
        ux = self.epic("SHOP", "Refonte de l’UX mobile")
        onboarding = self.epic("SHOP", "Un premier bulletin sans appel au support", ["okr:KR-ONBOARDING"])
        showcase = self.epic("SHOP", titles.SHOWCASE_EPIC)
        dsn = self.epic("PAY", "DSN automatisée de bout en bout")
        k8s = self.epic("PLAT", "Migration vers Kubernetes", ["okr:KR-K8S"])
        tooling = self.epic("PLAT", titles.TOOLING_EPIC)
        data = self.epic("DATA", titles.DATA_EPIC, ["okr:KR-RETENTION"])
        secret = self.epic("SEC", "Audit confidentiel des accès")
        self.mobile(ux)
        self.batch("SHOP", titles.ONBOARDING, parent=onboarding, done=9, doing=1, points=True)
        self.batch("SHOP", titles.RETENTION, labels=["okr:KR-RETENTION"], done=5, doing=2, points=True)
        self.batch("SHOP", titles.DATA_CHILDREN, parent=data, done=3, doing=1, points=True)
        self.declarations(dsn)
        self.batch("PLAT", titles.K8S, parent=k8s, done=3, doing=3)
        self.batch("PLAT", titles.KTLO, kind="Tâche", labels=["ktlo"], done=9, doing=1)
        self.batch("SHOP", titles.SHOWCASE, parent=showcase, done=8, doing=2, points=True)
        self.batch("PLAT", titles.TOOLING, parent=tooling, done=3, doing=1)
        self.batch("SHOP", titles.MARKETPLACE, labels=["okr:KR-MARKETPLACE"], doing=3, points=True)
        self.mistyped()
        self.batch("PAY", ("Revue des habilitations de paie", "Trace des accès aux bulletins"), parent=secret, doing=1)
        self.bugs()
        self.site.hide("SEC")

    # ── the stories ──

    def mobile(self, epic: Issue) -> None:
        stories = self.batch("SHOP", titles.UX_STORIES[:4], parent=epic, done=1, doing=3, points=True)
        for number, title in enumerate(titles.UX_SUBTASKS):
            states = (_DONE, _DONE, _DONE, _DOING)
            self.ticket(
                "SHOP", title, kind="Sous-tâche", parent=stories[number % 4], state=states[number % 4], points=1
            )
        self.batch("SHOP", titles.UX_STORIES[4:16], parent=epic, done=8, doing=2, points=True)
        for title in titles.UX_STORIES[16:]:
            self.ticket("SHOP", title, parent=epic, state=_DONE, resolution="Won't Do", points=2)

    def declarations(self, epic: Issue) -> None:
        """Forty tickets, of which fifteen wait for a test slot of the authority since four days ago."""
        self.batch("PAY", [f"DSN : bloc {block}" for block in titles.DSN_BLOCKS], parent=epic, done=25)
        raised = self.now - timedelta(days=4, hours=2)
        for case in titles.DSN_ACCEPTANCE:
            ticket = self.ticket("PAY", f"Recette net-entreprises : {case}", parent=epic, state=_TODO)
            self.change(ticket, raised, **{FLAGGED: [{"id": "10019", "value": "Impediment"}]})
            ticket.fields["description"] = document("En attente d’un créneau de recette chez net-entreprises.")

    def mistyped(self) -> None:
        self.ticket("SHOP", "Sondage de départ des clients", state=_DONE, labels=["okr:KR-RETENTOIN"], points=3)
        self.ticket("PAY", "Relance automatique des rejets DSN", state=_DOING, labels=["okr:KR-DNS"])

    def bugs(self) -> None:
        for number, (project, title) in enumerate(titles.BUGS):
            state = _DONE if number % 5 < 3 else _DOING if number % 5 == 3 else _TODO
            points = 3 if project == "SHOP" else None
            self.ticket(project, title, kind="Bug", state=state, points=points)
        self.ticket("SHOP", "Icône floue sur le nouvel iPad", kind="Bug", state=_TODO, age=timedelta(hours=3), points=1)

    # ── the hand ──

    def epic(self, project: str, title: str, labels: list[str] | None = None) -> Issue:
        opened = self.start - timedelta(days=self.random.uniform(20, 45))
        epic = self.create(project, "Epic", title, opened)
        if labels:
            self.change(epic, opened + timedelta(hours=3), labels=labels)
        self.change(epic, self.start + timedelta(hours=2), status=_DOING)
        return epic

    def batch(
        self,
        project: str,
        names: tuple[str, ...] | list[str],
        *,
        kind: str = "Histoire",
        parent: Issue | None = None,
        labels: list[str] | None = None,
        done: int = 0,
        doing: int = 0,
        points: bool = False,
    ) -> list[Issue]:
        """Tickets in order: the first ``done`` are finished evenly over the cycle, then ``doing`` are at work."""
        written = []
        for number, name in enumerate(names):
            state = _DONE if number < done else _DOING if number < done + doing else _TODO
            finished = (number + 0.5) / done if number < done else None
            estimate = self.random.choice((1, 2, 3, 3, 5, 8)) if points else None
            written.append(
                self.ticket(
                    project, name, kind=kind, parent=parent, labels=labels, state=state, at=finished, points=estimate
                )
            )
        return written

    def ticket(
        self,
        project: str,
        title: str,
        *,
        kind: str = "Histoire",
        parent: Issue | None = None,
        labels: list[str] | None = None,
        state: str = _TODO,
        at: float | None = None,
        points: float | None = None,
        resolution: str = "Done",
        age: timedelta | None = None,
    ) -> Issue:
        """One ticket with its life: opened, labelled, started, reviewed, finished at this share of the time so far."""
        share = at if at is not None else self.random.uniform(0.15, 0.95)
        finished = self.workday(self.start + (self.now - self.start) * share)
        started = self.workday(finished - timedelta(days=self.random.uniform(2, 9)))
        opened = self.now - age if age else min(started, self.start) - timedelta(days=self.random.uniform(1, 25))
        if state == _DOING:
            started = self.workday(self.now - timedelta(days=self.random.uniform(1, 12)))
        ticket = self.create(project, kind, title, opened, parent, points)
        if labels:
            self.change(ticket, opened + timedelta(hours=self.random.uniform(1, 30)), labels=labels)
        if state == _TODO:
            return ticket
        self.change(ticket, started, status=_DOING)
        if state == _DONE:
            self.change(ticket, finished - timedelta(hours=5), status=_REVIEW)
            self.change(ticket, finished, status=_DONE, resolution=resolution)
        return ticket

    def create(
        self,
        project: str,
        kind: str,
        title: str,
        at: datetime,
        parent: Issue | None = None,
        points: float | None = None,
    ) -> Issue:
        fields: dict[str, Any] = {"project": project, "issuetype": kind, "summary": title, "status": _TODO}
        fields["assignee"] = self.person().user("")
        if parent is not None:
            fields["parent"] = parent.id
        if points is not None:
            fields[POINTS] = float(points)
        return changes.create(self.site, fields, Hand(self.person(), at))

    def change(self, issue: Issue, at: datetime, **fields: Any) -> None:
        wanted = {name: stored(name, value, self.site) for name, value in fields.items()}
        changes.change(self.site, issue, wanted, Hand(self.person(), min(at, self.now - timedelta(minutes=30))))

    def person(self) -> Account:
        name = self.random.choice(titles.PEOPLE)
        return Account(f"acc-{titles.PEOPLE.index(name) + 1:02d}", name, time_zone="Europe/Paris")

    def workday(self, at: datetime) -> datetime:
        """The same moment, or the Friday before a week-end."""
        weekday = at.astimezone(PARIS).weekday()
        return at - timedelta(days=max(0, weekday - 4))


def readings(now: datetime) -> list[tuple[str, datetime, float, str]]:
    """What people measured so far, oldest first: key result, instant, value, and who says so."""
    start = datetime.combine(cycle(now)[0], time(10), PARIS).astimezone(UTC)
    measured = {
        "KR-RETENTION": ((1, 80.6), (4, 81.9), (7, 83.2)),
        "KR-ONBOARDING": ((1, 24.0), (4, 23.5), (7, 23.0)),
        "KR-ERREURS": ((1, 11.2), (4, 9.0), (7, 6.6)),
        "KR-DISPO": ((2, 99.95), (4, 99.93), (6, 99.97), (8, 99.96)),
    }
    return sorted(
        (
            (name, min(start + timedelta(weeks=week), now - timedelta(hours=1)), value, _MEASURED_BY[name])
            for name, values in measured.items()
            for week, value in values
        ),
        key=lambda reading: (reading[1], reading[0]),
    )


_MEASURED_BY = {
    "KR-RETENTION": "Tableau de bord du service client",
    "KR-ONBOARDING": "Médiane mesurée sur les nouveaux comptes",
    "KR-ERREURS": "Régularisations pour 1 000 bulletins",
    "KR-DISPO": "Sonde externe, moyenne de la semaine",
}


def company_config(url: str, database: str, now: datetime | None = None) -> str:
    """The okrsync.toml of the company. ``url`` is the sandbox's; the token stands in a file ``token`` beside it."""
    first, last = cycle(now or datetime.now(UTC))
    year_first = first - timedelta(weeks=26)
    return _CONFIG.format(
        url=f"{url}/jira/{SITE}",
        database=database,
        cycle=f"{first.isocalendar().year}-S{first.isocalendar().week:02d}",
        first=first,
        last=last,
        year=f"CAP-{first.year}",
        year_first=year_first,
        year_last=year_first + timedelta(weeks=52, days=-1),
    )


_CONFIG = """\
[okrsync]
database = "{database}"
timezone = "Europe/Paris"
language = "fr"
instance = "lumen"

[[sources]]
id = "jira"
kind = "jira"
url = "{url}"
auth = {{ email = "okrsync@lumen.test", token = {{ file = "token" }} }}
projects = ["SHOP", "PAY", "PLAT"]

[[cycles]]
id = "{year}"
start = {year_first}
end = {year_last}

[[cycles]]
id = "{cycle}"
start = {first}
end = {last}

[[objectives]]
id = "O-LEADER"
title = "Être la référence RH des PME françaises"
owner = "claire.dumont@lumen.test"
cycle = "{year}"

[[objectives]]
id = "O-RETENTION"
title = "Devenir le SaaS RH que l’on garde"
owner = "julie.moreau@lumen.test"
cycle = "{cycle}"
parent = "O-LEADER"

[[objectives.key_results]]
id = "KR-UX"
title = "Refonte de l’UX mobile livrée"
kind = "work"
owner = "hugo.marchand@lumen.test"
epics = ["jira:SHOP-1"]
weight = 2.0
write_to = ["jira:SHOP-1"]

[[objectives.key_results]]
id = "KR-RETENTION"
title = "Rétention client de 80 % à 85 %"
kind = "metric"
owner = "julie.moreau@lumen.test"
baseline = 80.0
target = 85.0
unit = "%"

[[objectives.key_results]]
id = "KR-ONBOARDING"
title = "Premier bulletin en 10 minutes au lieu de 24"
kind = "mixed"
owner = "nadia.benali@lumen.test"
baseline = 24.0
target = 10.0
unit = "min"
write_to = ["jira:SHOP-2"]

[[objectives]]
id = "O-PAIE"
title = "Une paie juste du premier coup"
owner = "marc.lefevre@lumen.test"
cycle = "{cycle}"
parent = "O-LEADER"

[[objectives.key_results]]
id = "KR-DSN"
title = "DSN automatisée pour tous les clients"
kind = "work"
owner = "ines.fournier@lumen.test"
epics = ["jira:PAY-1"]
write_to = ["jira:PAY-1"]

[[objectives.key_results]]
id = "KR-ERREURS"
title = "De 12 à 4 régularisations pour 1 000 bulletins"
kind = "metric"
owner = "marc.lefevre@lumen.test"
baseline = 12.0
target = 4.0
unit = "‰"

[[objectives]]
id = "O-PLATEFORME"
title = "Une plateforme qui tient la charge"
owner = "yann.legoff@lumen.test"
cycle = "{cycle}"
parent = "O-LEADER"

[[objectives.key_results]]
id = "KR-K8S"
title = "Tous les services sur Kubernetes"
kind = "work"
owner = "karim.haddad@lumen.test"

[[objectives.key_results]]
id = "KR-DISPO"
title = "Disponibilité d’au moins 99,9 %"
kind = "keep"
owner = "yann.legoff@lumen.test"
low = 99.9
high = 100.0
unit = "%"

[[objectives.key_results]]
id = "KR-COUT"
title = "Hébergement de 3,20 € à 2,40 € par client"
kind = "metric"
baseline = 3.2
target = 2.4
unit = "€"

[[objectives]]
id = "O-MARKETPLACE"
title = "Ouvrir une place de marché"
owner = "claire.dumont@lumen.test"
cycle = "{cycle}"
state = "dropped"

[[objectives.key_results]]
id = "KR-MARKETPLACE"
title = "Dix partenaires en ligne"
state = "dropped"

[mapping]
exempt = [{{ labels = ["ktlo"] }}]

[teams]
mobile = {{ projects = ["jira:SHOP"] }}
paie = {{ projects = ["jira:PAY"] }}
plateforme = {{ projects = ["jira:PLAT"] }}

[writeback]
mode = "plan"
jira = "apply"
"""
