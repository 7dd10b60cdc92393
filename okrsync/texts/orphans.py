"""The words of the orphan report beside its sentence: where the effort went, its cuts, and why work is exempt."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── where the rest went
    "orphans.rest": (
        "{traced} served an objective, {exempt} needed none.",
        "{traced} a servi un objectif, {exempt} n’en demandait aucun.",
    ),
    "orphans.rest.unresolvable": (
        "{traced} served an objective, {exempt} needed none, {unresolvable} hangs on what may not be read.",
        "{traced} a servi un objectif, {exempt} n’en demandait aucun, "
        "{unresolvable} dépend de ce qui n’est pas lisible.",
    ),
    "orphans.code": (
        "Orphans in the code: pull requests {pull_requests}, commits {commits}.",
        "Orphelins dans le code : demandes de fusion {pull_requests}, commits {commits}.",
    ),
    # ── what to do, in few words
    "orphans.fix.top": (
        "put {label} on {key}: that links all {items}",
        "mettez {label} sur {key} : les {items} seront reliés",
    ),
    "orphans.fix.top.one": ("put {label} on {key}", "mettez {label} sur {key}"),
    "orphans.fix.direct": (
        'put {label} on {key}; if it serves none: okrsync exempt {key} --why "…"',
        'mettez {label} sur {key} ; s’il n’en sert aucun : okrsync exempt {key} --why "…"',
    ),
    # ── the cuts
    "orphans.by.team": ("By team", "Par équipe"),
    "orphans.by.source": ("By source", "Par source"),
    "orphans.by.project": ("By project", "Par projet"),
    "orphans.by.age": ("By age", "Par âge"),
    "orphans.by.assignee": ("By assignee", "Par personne"),
    "orphans.by.class": ("By cause", "Par cause"),
    "orphans.by.value_stream": ("By value stream", "Par chaîne de valeur"),
    "orphans.about.team": (
        "orphan effort, its share of the team’s own; orphan share of the code",
        "effort orphelin, sa part de l’effort de l’équipe ; code orphelin",
    ),
    "orphans.about.cut": (
        "orphan effort, its share of all effort there, and the exempt share",
        "effort orphelin, sa part de tout l’effort, et la part exemptée",
    ),
    "orphans.column.effort": ("effort", "effort"),
    "orphans.column.share": ("share", "part"),
    "orphans.column.items": ("items", "éléments"),
    "orphans.column.exempt": ("exempt", "exempté"),
    "orphans.column.pull_requests": ("PRs", "PR"),
    "orphans.column.commits": ("commits", "commits"),
    "orphans.column.mend_first": ("mend first", "à corriger d’abord"),
    "orphans.rate": ("{share} of {count}", "{share} de {count}"),
    "orphans.more": (
        "and {count} more: okrsync orphans --group-by {name}",
        "et {count} de plus : okrsync orphans --group-by {name}",
    ),
    # ── exempt work
    "orphans.exempt": ("Exempt", "Exempté"),
    "orphans.about.exempt": (
        "needs no objective, by its reason; share of all effort",
        "sans objectif à servir, par motif ; part de tout l’effort",
    ),
    "orphans.exempt.change": (
        "decided under [mapping] in okrsync.toml, or by hand: okrsync overrides",
        "décidé sous [mapping] dans okrsync.toml, ou à la main : okrsync overrides",
    ),
    "report.exempt.none": ("not exempt", "non exempté"),
    "report.exempt.label": ("label {value}", "étiquette {value}"),
    "report.exempt.type": ("type {value}", "type {value}"),
    "report.exempt.project": ("project {value}", "projet {value}"),
    "report.exempt.author": ("authors", "auteurs"),
    "report.exempt.bot": ("bots", "automates"),
    "report.exempt.merge": ("merge commits", "commits de fusion"),
    "report.exempt.release": ("release commits", "commits de publication"),
    "report.exempt.override": ("exempted by hand", "exempté à la main"),
    "report.exempt.above": ("by what they name or hang on", "par ce qu’ils citent ou ce dont ils dépendent"),
    # ── headings of the flat forms
    "sheet.reason": ("reason", "motif"),
    "sheet.of_items": ("of so many", "sur"),
    "sheet.of_effort": ("of all its effort", "sur tout l’effort"),
    "sheet.effort_share_orphan": ("orphan share of its effort", "part orpheline de l’effort"),
    "sheet.effort_share_exempt": ("exempt share of its effort", "part exemptée de l’effort"),
    "sheet.share_of_orphans": ("share of all orphan effort", "part de tout l’effort orphelin"),
    "sheet.pull_requests": ("orphan pull requests", "demandes de fusion orphelines"),
    "sheet.commits": ("orphan commits", "commits orphelins"),
    "sheet.mend_first": ("mend first", "à corriger d’abord"),
    "sheet.title.mends": ("Where to mend, the most effort first", "Où corriger, le plus d’effort d’abord"),
    "sheet.title.trend": ("Orphan effort by week", "Effort orphelin par semaine"),
    "sheet.title.exempt": ("Exempt work, by its reason", "Travail exempté, par motif"),
    "sheet.title.items": ("Item by item", "Élément par élément"),
}
