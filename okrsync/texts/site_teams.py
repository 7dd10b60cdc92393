"""The words of the dashboard's teams."""

from __future__ import annotations

_TEAMS = """[teams]
{shop} = {{ projects = ["jira:SHOP"], repositories = ["github:acme/shop"] }}"""

_GATE = """[[gates]]
id = "pilot"
measure = "coverage"
at_least = 0.8
team = "{team}"
window = "28d\""""

CATALOG: dict[str, tuple[str, str]] = {
    "site.teams.none": (
        "No team is configured yet. Write which projects and repositories are whose in okrsync.toml, and this page "
        "tells what the effort of each team served:",
        "Aucune équipe n’est encore configurée. Écrivez dans okrsync.toml quels projets et dépôts sont à qui, et cette "
        "page dira ce qu’a servi l’effort de chaque équipe :",
    ),
    "site.teams.example": (_TEAMS.replace("{shop}", "shop"), _TEAMS.replace("{shop}", "boutique")),
    "site.teams.by": ("Effort of", "Effort par"),
    "site.teams.by.team": ("each team", "équipe"),
    "site.teams.by.value_stream": ("each value stream", "chaîne de valeur"),
    "site.teams.since": ("Since", "Depuis le"),
    "site.teams.show": ("Show", "Afficher"),
    "site.teams.idle": ("No work in this period.", "Aucun travail sur cette période."),
    "site.teams.trend": (
        "Covered: {begin}\u00a0in\u00a0{first}, {end}\u00a0in\u00a0{last}",
        "Couverture : {begin}\u00a0en\u00a0{first}, {end}\u00a0en\u00a0{last}",
    ),
    "site.teams.week": ("Covered: {end} in {last}", "Couverture : {end} en {last}"),
    "site.teams.note": (
        "Teams stand in the order of okrsync.toml. A unit is an item of average size. Covered is the share of effort "
        "that reaches an objective or needs none; the small chart goes from 0 to 100%, over the weeks that ended.",
        "Les équipes suivent l’ordre d’okrsync.toml. Une unité est un élément de taille moyenne. La couverture est la "
        "part de l’effort qui mène à un objectif ou en est dispensée ; le petit graphique va de 0 à 100 %, sur les "
        "semaines terminées.",
    ),
    "site.teams.pilot": ("The pilot against the rest", "Le pilote face au reste"),
    "site.teams.pilot.none": (
        "No pilot is named: choose its teams here, or name them in the gates of okrsync.toml.",
        "Aucun pilote n’est désigné : choisissez ses équipes ici, ou nommez-les dans les jalons d’okrsync.toml.",
    ),
    "site.teams.pilot.choose": ("Teams of the pilot", "Équipes du pilote"),
    "site.teams.compare": ("Compare", "Comparer"),
    "site.teams.weeks": ("The numbers, week by week", "Les chiffres, semaine par semaine"),
    "site.teams.points": ("difference, in points", "écart, en points"),
    "site.teams.gates": ("Gates of the roll-out", "Jalons du déploiement"),
    "site.teams.gates.none": (
        "No gate is configured. A gate is a condition for the next wave; write for example in okrsync.toml:",
        "Aucun jalon n’est configuré. Un jalon est une condition pour la vague suivante ; écrivez par exemple dans "
        "okrsync.toml :",
    ),
    "site.teams.gates.example": (_GATE, _GATE),
}
