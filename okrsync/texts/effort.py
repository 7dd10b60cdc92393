"""The words of the effort report: where the effort went, beside what the goals weigh."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "sheet.title.effort": ("Effort against weight", "Effort et poids des objectifs"),
    "sheet.share": ("share of all", "part du total"),
    "sheet.effort_share": ("of what stands beside it", "parmi ses pairs"),
    "sheet.weight_share": ("weight", "poids"),
    "sheet.difference": ("difference", "écart"),
    "sheet.went_to": ("went to", "destination"),
    "effort.column.goal": ("goal", "objectif"),
    "effort.column.status": ("status", "statut"),
    "effort.column.effort": ("effort", "effort"),
    "effort.column.share": ("of all", "du total"),
    "effort.column.beside": ("of its peers", "des pairs"),
    "effort.column.weight": ("weight", "poids"),
    "effort.column.difference": ("difference", "écart"),
    "effort.sentence": (
        "Effort since {since}: {effort} units, of which {coverage} reach an objective or are exempt.",
        "Effort depuis le {since} : {effort} unités, dont {coverage} servent un objectif ou en sont dispensées.",
    ),
    "effort.legend": (
        "Peers are what contributes to the same objective, or the objectives at the top: among them, the share of the "
        "effort beside the share of the weight, and the difference in points.",
        "Les pairs contribuent au même objectif, ou sont les objectifs du sommet : entre eux, la part de l’effort en "
        "regard de la part du poids, et l’écart en points.",
    ),
    "effort.nothing": ("No effort in this period.", "Aucun effort sur cette période."),
    "effort.verdict.orphan": ("serves no objective", "ne sert aucun objectif"),
    "effort.verdict.exempt": ("needs no objective", "dispensé d’objectif"),
    "effort.verdict.unresolvable": ("may not be known", "ne peut être déterminé"),
    "effort.owner": (
        "{effort} units, {share} of all effort, {coverage} of it covered",
        "{effort} unités, {share} de l’effort total, dont {coverage} couvertes",
    ),
    "effort.went": (
        "{effort} for {goal} · {title} (weight {weight}, {difference})",
        "{effort} pour {goal} · {title} (poids {weight}, {difference})",
    ),
    "effort.went.unweighed": (
        "{effort} units for {goal} · {title}, which is not compared",
        "{effort} unités pour {goal} · {title}, hors comparaison",
    ),
    "effort.points": ("{points} points", "{points} points"),
}
