"""The words of the dashboard's backlog."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "site.backlog.count": (
        "Open items: {count}. Those that the worst objective waits for come first, each with the reason of its place.",
        "Éléments ouverts : {count}. D’abord ceux qu’attend l’objectif le plus mal en point, chacun avec la raison de "
        "sa place.",
    ),
    "site.backlog.unlinked": (
        "Of these, {count} serve no objective.",
        "Parmi eux, {count} ne servent aucun objectif.",
    ),
    "site.backlog.objective": ("Objective", "Objectif"),
    "site.backlog.objective.all": ("all objectives", "tous les objectifs"),
    "site.backlog.team": ("Team", "Équipe"),
    "site.backlog.team.all": ("all teams", "toutes les équipes"),
    "site.backlog.source": ("Source", "Source"),
    "site.backlog.source.all": ("all sources", "toutes les sources"),
    "site.backlog.show": ("Show", "Afficher"),
    "site.backlog.whole": ("The whole backlog", "Tout le backlog"),
    "site.backlog.nothing": ("No open work here.", "Aucun travail ouvert ici."),
    "site.backlog.nothing.at_all": (
        "Nothing is open. What the tools hold as open work will stand here after the next sync.",
        "Rien n’est ouvert. Le travail ouvert dans les outils apparaîtra ici après la prochaine synchronisation.",
    ),
    "site.backlog.column.rank": ("Rank", "Rang"),
    "site.backlog.column.item": ("Item", "Élément"),
    "site.backlog.column.why": ("Why here", "Pourquoi ici"),
    "site.backlog.column.state": ("State", "État"),
    "site.backlog.column.team": ("Team, source", "Équipe, source"),
    "site.backlog.column.age": ("Age", "Âge"),
}
