"""The words of the dashboard's gaps."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "site.gaps.count": (
        "{count} gaps between the work and the goals, the gravest first, each with what to open, click and type.",
        "{count} ruptures entre le travail et les objectifs, les plus graves d’abord, chacune avec ce qu’il faut "
        "ouvrir, cliquer et taper.",
    ),
    "site.gaps.count.one": (
        "One gap between the work and the goals, with what to open, click and type.",
        "Une rupture entre le travail et les objectifs, avec ce qu’il faut ouvrir, cliquer et taper.",
    ),
    "site.gaps.every": ("All", "Toutes"),
    "site.gaps.by_severity": ("Gaps by severity", "Ruptures par gravité"),
    "site.gaps.by_kind": ("Gaps by kind", "Ruptures par nature"),
    "site.gaps.team": ("Team", "Équipe"),
    "site.gaps.team.all": ("all teams", "toutes les équipes"),
    "site.gaps.source": ("Source", "Source"),
    "site.gaps.source.all": ("all sources", "toutes les sources"),
    "site.gaps.since": ("Not older than", "Apparues depuis le"),
    "site.gaps.show": ("Show", "Afficher"),
    "site.gaps.whole": ("All gaps", "Toutes les ruptures"),
    "site.gaps.nothing": (
        "The chain holds: no gap between the work and the goals. Nothing to mend today.",
        "La chaîne tient : aucune rupture entre le travail et les objectifs. Rien à réparer aujourd’hui.",
    ),
    "site.gaps.nothing.here": ("No gap here.", "Aucune rupture ici."),
    "site.gaps.nothing.known": (
        "No gap is known yet: the tools have not been read in full.",
        "Aucune rupture connue pour l’instant : les outils n’ont pas encore été lus en entier.",
    ),
    "site.gaps.from": ("since {since}", "depuis le {since}"),
    "site.gaps.items": ("Items:", "Éléments :"),
    "site.gaps.more": ("and {count} more", "et {count} de plus"),
}
