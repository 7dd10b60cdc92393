"""The sentences of the drafted status of an objective."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "narrative.objective.dropped": ("This objective was dropped.", "Cet objectif a été abandonné."),
    "narrative.objective.empty": (
        "No key result and no objective contributes to it, so nothing tells how far it is.",
        "Aucun résultat clé ni objectif n’y contribue : rien ne dit où il en est.",
    ),
    "narrative.objective.stands": (
        "Progress stands at {progress}%.",
        "L’avancement est de {progress} %.",
    ),
    "narrative.objective.stands.part": (
        "Progress stands at {progress}% ({measured} of {of} goals measured).",
        "L’avancement est de {progress} % ({measured:# but mesuré|# buts mesurés} sur {of}).",
    ),
    "narrative.objective.level": (
        "Progress stands at {progress}%, as a week ago.",
        "L’avancement est de {progress} %, comme il y a une semaine.",
    ),
    "narrative.objective.level.part": (
        "Progress stands at {progress}%, as a week ago ({measured} of {of} goals measured).",
        "L’avancement est de {progress} %, comme il y a une semaine ({measured:# but mesuré|# buts mesurés} sur {of}).",
    ),
    "narrative.objective.rose": (
        "Progress rose from {before}% to {progress}% this week.",
        "L’avancement est passé de {before} à {progress} % cette semaine.",
    ),
    "narrative.objective.rose.part": (
        "Progress rose from {before}% to {progress}% this week ({measured} of {of} goals measured).",
        "L’avancement est passé de {before} à {progress} % cette semaine ({measured:# but mesuré|# buts mesurés} sur "
        "{of}).",
    ),
    "narrative.objective.fell": (
        "Progress fell back from {before}% to {progress}% this week.",
        "L’avancement a reculé de {before} à {progress} % cette semaine.",
    ),
    "narrative.objective.fell.part": (
        "Progress fell back from {before}% to {progress}% this week ({measured} of {of} goals measured).",
        "L’avancement a reculé de {before} à {progress} % cette semaine ({measured:# but mesuré|# buts mesurés} sur "
        "{of}).",
    ),
    "narrative.objective.driver.off_track": (
        "{goals} (“{title}”) puts the objective off track.",
        "{goals} (« {title} ») met l’objectif hors trajectoire.",
    ),
    "narrative.objective.driver.off_track.several": (
        "{goals:list} put the objective off track.",
        "{goals:list} mettent l’objectif hors trajectoire.",
    ),
    "narrative.objective.driver.at_risk": (
        "{goals} (“{title}”) puts the objective at risk.",
        "{goals} (« {title} ») met l’objectif à risque.",
    ),
    "narrative.objective.driver.at_risk.several": (
        "{goals:list} put the objective at risk.",
        "{goals:list} mettent l’objectif à risque.",
    ),
    "narrative.objective.driver.missed": (
        "{goals} (“{title}”) was missed, and the objective with it.",
        "{goals} (« {title} ») est manqué, et l’objectif avec lui.",
    ),
    "narrative.objective.driver.missed.several": (
        "{goals:list} were missed, and the objective with them.",
        "{goals:list} sont manqués, et l’objectif avec eux.",
    ),
    "narrative.objective.driver.stale": (
        "{goals} (“{title}”) rests on figures that are out of date, so the status cannot be trusted.",
        "{goals} (« {title} ») repose sur des chiffres périmés : on ne peut se fier au statut.",
    ),
    "narrative.objective.driver.stale.several": (
        "{goals:list} rest on figures that are out of date, so the status cannot be trusted.",
        "{goals:list} reposent sur des chiffres périmés : on ne peut se fier au statut.",
    ),
    "narrative.objective.fine": (
        "The rest is where it should be: {goals:list}.",
        "Le reste est là où il faut : {goals:list}.",
    ),
    "narrative.objective.fine.some": (
        "{goals:list} {count:is|are} where {count:it|they} should be.",
        "{count:De son côté|De leur côté}, {goals:list} {count:est là où il faut|sont là où il faut}.",
    ),
    "narrative.objective.well": (
        "It rests on {goals} alone, which is where it should be.",
        "Il repose sur le seul {goals}, qui est là où il faut.",
    ),
    "narrative.objective.well.several": (
        "All that counts in it is where it should be: {goals:list}.",
        "Tout ce qui y compte est là où il faut : {goals:list}.",
    ),
    "narrative.objective.ended": (
        "{goals} is reached, and the objective with it.",
        "{goals} est atteint, et l’objectif avec lui.",
    ),
    "narrative.objective.ended.several": (
        "All that counts in it is reached: {goals:list}.",
        "Tout ce qui y compte est atteint : {goals:list}.",
    ),
    "narrative.objective.reached": ("{goals} is reached.", "{goals} est atteint."),
    "narrative.objective.reached.several": ("{goals:list} are reached.", "{goals:list} sont atteints."),
    "narrative.objective.unjudged": (
        "Of {goals:list} nothing can be said yet.",
        "De {goals:list}, on ne peut encore rien dire.",
    ),
    "narrative.objective.silent.no_data": (
        "None of the goals below it has been measured: {goals:list}.",
        "Aucun des buts qui y contribuent n’est mesuré : {goals:list}.",
    ),
    "narrative.objective.silent.too_early": (
        "It is too early to judge {goals:list}.",
        "Il est trop tôt pour juger {goals:list}.",
    ),
    "narrative.objective.silent.not_started": (
        "{goals:list} {count:has|have} not begun.",
        "{goals:list} {count:n’a pas commencé|n’ont pas commencé}.",
    ),
    "narrative.objective.mover.up": (
        "{goal} made the most headway this week, from {before}% to {progress}%.",
        "{goal} a le plus avancé cette semaine, de {before} à {progress} %.",
    ),
    "narrative.objective.mover.down": (
        "{goal} went back this week, from {before}% to {progress}%.",
        "{goal} a reculé cette semaine, de {before} à {progress} %.",
    ),
    "narrative.objective.first": (
        "The decision lies with {goal} ({share}% of the weight of {objective}).",
        "La décision porte sur {goal} ({share} % du poids de {objective}).",
    ),
    "narrative.objective.first.only": (
        "The decision lies with {goal}.",
        "La décision porte sur {goal}.",
    ),
    "narrative.objective.first.several": (
        "{goal} comes first ({share}% of the weight of {objective}).",
        "{goal} passe en premier ({share} % du poids de {objective}).",
    ),
    "narrative.objective.decide.data": (
        "To decide: what measures it, before anything else.",
        "À décider : ce qui le mesure, avant toute chose.",
    ),
    "narrative.objective.decide.key_results": (
        "To decide: the key results by which it is measured, or that it is dropped.",
        "À décider : les résultats clés qui le mesurent, ou son abandon.",
    ),
    "narrative.objective.decide.measure": (
        "To decide: what measures {goals:list}.",
        "À décider : ce qui mesure {goals:list}.",
    ),
    "narrative.objective.decide.wait": ("Nothing to decide yet.", "Rien à décider pour l’instant."),
    "narrative.objective.decide.nothing": ("Nothing to decide this week.", "Rien à décider cette semaine."),
    "narrative.objective.decide.close": (
        "To decide: close it, and what the teams turn to next.",
        "À décider : le clore, et ce que les équipes entreprennent ensuite.",
    ),
}
