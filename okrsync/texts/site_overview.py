"""The words of the overview."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "site.overview.served": ("What the effort served", "Ce que l’effort a servi"),
    "site.overview.served.traced": ("served an objective", "a servi un objectif"),
    "site.overview.served.exempt": ("needed none", "n’en demandait aucun"),
    "site.overview.served.orphan": ("served none", "n’en a servi aucun"),
    "site.overview.served.unresolvable": ("may not be read", "illisible pour okrsync"),
    "site.overview.mend": ("Where one mend brings most", "Où une seule correction rapporte le plus"),
    "site.overview.running": ("pale: this week so far", "en clair : la semaine en cours"),
    "site.overview.counts": ("How the goals stand", "Où en sont les objectifs"),
    "site.overview.counts.objective": ("{n:1 objective|# objectives}", "{n:1 objectif|# objectifs}"),
    "site.overview.counts.key_result": ("{n:1 key result|# key results}", "{n:1 résultat clé|# résultats clés}"),
    "site.overview.changed": ("What changed since {since:day}", "Ce qui a changé depuis le {since:day}"),
    "site.overview.then": ("then", "puis"),
    "site.overview.more": ("{n:one more|# more}", "{n:un autre|# autres}"),
    "site.overview.moved": (
        "{n:1 goal has|# goals have} the same status, and {n:is|are} five points or more apart",
        "{n:1 objectif a|# objectifs ont} le même statut, mais cinq points d’écart ou plus",
    ),
    "site.overview.picture": ("From the mission to the key results", "De la mission aux résultats clés"),
    "site.overview.only": ("Only what is", "Seulement ce qui est"),
    "site.overview.all": ("show all", "tout afficher"),
    "site.overview.nobody": ("No goal stands so now.", "Aucun objectif n’a ce statut en ce moment."),
    "site.overview.planned": ("{planned} planned", "{planned} prévus"),
    "site.overview.pace": ("done on {date:day} at this pace", "fini le {date:day} à ce rythme"),
    "site.overview.bare": ("No key result yet.", "Pas encore de résultat clé."),
    "site.overview.state.draft": ("draft", "brouillon"),
    "site.overview.state.closed": ("closed", "clos"),
    "site.overview.others.sources": ("{n:1 more tool|# more tools}", "{n:1 autre outil|# autres outils}"),
    "site.overview.others.teams": ("{n:1 more team|# more teams}", "{n:1 autre équipe|# autres équipes}"),
}
