"""The sentences of a drafted status on where a goal stands; ``grammar`` reads what follows the name of a fact."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── where no pace is judged
    "narrative.state.dropped": ("This key result was dropped.", "Ce résultat clé a été abandonné."),
    "narrative.state.not_started": ("It starts on {start:day}.", "Il commence le {start:day}."),
    "narrative.state.all_cancelled": (
        "Everything that was linked to it has been cancelled: {keys:list}.",
        "Tout ce qui y était rattaché a été annulé : {keys:list}.",
    ),
    "narrative.state.weightless": (
        "All the work linked to it is estimated at 0 points, so nothing tells how far it is.",
        "Tout le travail qui y est rattaché est estimé à 0 point : rien ne dit où il en est.",
    ),
    "narrative.state.no_baseline": (
        "Its value is read, but with no baseline or no target it says nothing of progress.",
        "Sa valeur est relevée, mais sans valeur de départ ou sans cible elle ne dit rien de l’avancement.",
    ),
    "narrative.state.no_reading": (
        "Nobody has recorded a value yet, so nothing tells how far it is.",
        "Aucune valeur n’a encore été relevée : rien ne dit où il en est.",
    ),
    "narrative.state.no_work": (
        "No work is linked to it, so nothing tells how far it is.",
        "Aucun travail n’y est rattaché : rien ne dit où il en est.",
    ),
    "narrative.state.missed": (
        "It ended on {end:day} at {progress}%, short of the {share}% that was needed.",
        "Il s’est terminé le {end:day} à {progress} %, en deçà des {share} % qu’il fallait.",
    ),
    "narrative.state.missed_work": (
        "It ended on {end:day} at {progress}%, short of the {share}% that was needed; "
        "{open:one item was|@ items were} left open ({keys:list}).",
        "Il s’est terminé le {end:day} à {progress} %, en deçà des {share} % qu’il fallait ; "
        "{open:un élément est resté ouvert|@ éléments sont restés ouverts} ({keys:list}).",
    ),
    "narrative.state.achieved": (
        "It ended on {end:day} at {progress}%, and {share}% was needed: the goal is met.",
        "Il s’est terminé le {end:day} à {progress} %, alors qu’il en fallait {share} : le but est atteint.",
    ),
    "narrative.state.done": (
        "{items:The one item that is linked to it is|All # items are} done.",
        "{items:Le seul élément rattaché est terminé|Les # éléments sont tous terminés}.",
    ),
    "narrative.state.done_now": (
        "The last {finished:item was|@ items were} finished this week ({keys:list}): all the work is done.",
        "{finished:Le dernier élément a été terminé|Les @ derniers éléments ont été terminés} cette semaine "
        "({keys:list}) : tout le travail est fait.",
    ),
    "narrative.state.stale_reading": (
        "The last reading dates from {at:day}, {days:length} ago; what it says, {progress}%, can no longer be trusted.",
        "Le dernier relevé date du {at:day}, il y a {days:length} ; on ne peut plus se fier aux {progress} % "
        "qu’il indique.",
    ),
    "narrative.state.stale_source": (
        "A tool that feeds it has not been read in time: {progress}% is the last that is known.",
        "Un outil qui l’alimente n’a pas été lu à temps : {progress} % est la dernière valeur connue.",
    ),
    "narrative.state.no_due_date": (
        "Without an end date nothing tells whether that is fast enough.",
        "Sans date de fin, rien ne dit si c’est assez rapide.",
    ),
    "narrative.state.too_few": (
        "With {items:one item|@ items} in all it is too early to read a pace from it.",
        "Avec {items:un seul élément|@ éléments} en tout, il est trop tôt pour en tirer un rythme.",
    ),
    "narrative.state.no_reading_yet": (
        "No value has been read since its window began, so its pace cannot be told yet.",
        "Aucune valeur n’a été relevée depuis le début de sa période : son rythme n’est pas encore connu.",
    ),
    "narrative.state.nothing_due": (
        "Its plan expects nothing yet, so there is nothing to judge.",
        "Son plan n’attend encore rien : il n’y a rien à juger.",
    ),
    "narrative.state.too_early": (
        "Only {elapsed}% of the time has gone: too early to judge the pace.",
        "Seuls {elapsed} % du temps sont écoulés : il est trop tôt pour juger du rythme.",
    ),
    # ── what moved
    "narrative.move.first_days": (
        "It began on {start:day}, and {finished:a first item is|^ items are} finished already ({keys:list}): "
        "{progress}% is done.",
        "Il a commencé le {start:day} et {finished:un premier élément est déjà terminé|@ éléments sont déjà terminés} "
        "({keys:list}) : {progress} % sont faits.",
    ),
    "narrative.move.first_days_idle": (
        "It began on {start:day}, with {items:one item|# items} to do; nothing has been finished since, "
        "and progress stands at {progress}%.",
        "Il a commencé le {start:day}, avec {items:un élément|# éléments} au programme ; rien n’a été terminé depuis, "
        "et l’avancement est de {progress} %.",
    ),
    "narrative.move.rose": (
        "Progress rose from {before}% to {progress}% this week, with {finished:one item|@ items} finished "
        "({keys:list}).",
        "L’avancement est passé de {before} à {progress} % cette semaine, avec "
        "{finished:un élément terminé|@ éléments terminés} ({keys:list}).",
    ),
    "narrative.move.rose_cut": (
        "Progress reads {progress}% after {before}% a week ago, but only {finished:one item was|@ items were} "
        "finished ({keys:list}): most of it comes from a smaller scope.",
        "L’avancement affiche {progress} %, contre {before} % il y a une semaine, mais "
        "{finished:un seul élément a été terminé|seuls @ éléments ont été terminés} ({keys:list}) : l’essentiel "
        "vient d’un périmètre réduit.",
    ),
    "narrative.move.rose_reopened": (
        "Progress rose from {before}% to {progress}% this week: {finished:one item was|@ items were} finished "
        "({keys:list}), while {reopened:one|@} came back ({back:list}).",
        "L’avancement est passé de {before} à {progress} % cette semaine : "
        "{finished:un élément a été terminé|@ éléments ont été terminés} ({keys:list}), "
        "{reopened:un autre a été rouvert|@ autres ont été rouverts} ({back:list}).",
    ),
    "narrative.move.rose_by_scope": (
        "Progress reads {progress}% after {before}% a week ago, yet nothing was finished: only the scope changed.",
        "L’avancement affiche {progress} %, contre {before} % il y a une semaine, mais rien n’a été terminé : "
        "seul le périmètre a changé.",
    ),
    "narrative.move.level": (
        "{finished:One item was|^ items were} finished this week ({keys:list}); progress stays at {progress}%.",
        "{finished:Un élément a été terminé|^ éléments ont été terminés} cette semaine ({keys:list}) ; "
        "l’avancement reste à {progress} %.",
    ),
    "narrative.move.swapped": (
        "{finished:One item was|^ items were} finished this week ({keys:list}) and {reopened:one|@} came back "
        "({back:list}), so progress stays at {progress}%.",
        "{finished:Un élément a été terminé|^ éléments ont été terminés} cette semaine ({keys:list}), mais "
        "{reopened:un autre a été rouvert|@ autres ont été rouverts} ({back:list}) : "
        "l’avancement reste à {progress} %.",
    ),
    "narrative.move.reopened_level": (
        "Nothing was finished this week and {reopened:one item|@ items} came back ({back:list}); "
        "progress stays at {progress}%.",
        "Rien n’a été terminé cette semaine et {reopened:un élément a été rouvert|@ éléments ont été rouverts} "
        "({back:list}) ; l’avancement reste à {progress} %.",
    ),
    "narrative.move.nothing": (
        "Nothing was finished this week; progress stays at {progress}%.",
        "Rien n’a été terminé cette semaine ; l’avancement reste à {progress} %.",
    ),
    "narrative.move.fell_reopened": (
        "Progress fell back from {before}% to {progress}% this week: {reopened:an item that was|@ items that were} "
        "done came back ({back:list}).",
        "L’avancement a reculé de {before} à {progress} % cette semaine : "
        "{reopened:un élément terminé a été rouvert|@ éléments terminés ont été rouverts} ({back:list}).",
    ),
    "narrative.move.fell_although": (
        "{finished:One item was|^ items were} finished this week ({keys:list}), and still progress slipped from "
        "{before}% to {progress}%: the scope moved faster than the work.",
        "{finished:Un élément a été terminé|^ éléments ont été terminés} cette semaine ({keys:list}), et pourtant "
        "l’avancement a glissé de {before} à {progress} % : le périmètre a bougé plus vite que le travail.",
    ),
    "narrative.move.fell_by_scope": (
        "Progress slipped from {before}% to {progress}% this week although no work was undone: the scope changed, "
        "and nothing was finished.",
        "L’avancement a glissé de {before} à {progress} % cette semaine sans qu’aucun travail soit défait : "
        "le périmètre a changé et rien n’a été terminé.",
    ),
    "narrative.move.beside": (
        "On the side of the work, {finished:one item was|@ items were} finished this week ({keys:list})"
        "{open:; none is left| and one is still open| and @ are still open}.",
        "Côté travail, {finished:un élément a été terminé|@ éléments ont été terminés} cette semaine ({keys:list})"
        "{open: ; il n’en reste aucun| et un reste ouvert| et @ restent ouverts}.",
    ),
    # ── a metric, and a band
    "narrative.metric.closer": (
        "The metric moved from {before:.10g}{unit:unit} to {value:.10g}{unit:unit} this week, towards its target of "
        "{target:.10g}{unit:unit}.",
        "L’indicateur est passé de {before:.10g} à {value:.10g}{unit:unit} cette semaine, vers sa cible de "
        "{target:.10g}{unit:unit}.",
    ),
    "narrative.metric.farther": (
        "The metric moved the wrong way this week, from {before:.10g}{unit:unit} to {value:.10g}{unit:unit}, "
        "with a target of {target:.10g}{unit:unit}.",
        "L’indicateur est allé dans le mauvais sens cette semaine, de {before:.10g} à {value:.10g}{unit:unit}, "
        "pour une cible de {target:.10g}{unit:unit}.",
    ),
    "narrative.metric.level": (
        "The metric was read again on {at:day} and has not moved: {value:.10g}{unit:unit}, with a target of "
        "{target:.10g}{unit:unit}.",
        "Relevé de nouveau le {at:day}, l’indicateur n’a pas bougé : {value:.10g}{unit:unit}, pour une cible de "
        "{target:.10g}{unit:unit}.",
    ),
    "narrative.metric.unread": (
        "The metric was not read this week; on {at:day} it stood at {value:.10g}{unit:unit}, with a target of "
        "{target:.10g}{unit:unit}.",
        "L’indicateur n’a pas été relevé cette semaine ; au {at:day}, il était à {value:.10g}{unit:unit}, pour une "
        "cible de {target:.10g}{unit:unit}.",
    ),
    "narrative.metric.first": (
        "The first reading, on {at:day}, says {value:.10g}{unit:unit}; the target is {target:.10g}{unit:unit}.",
        "Le premier relevé, le {at:day}, indique {value:.10g}{unit:unit} ; la cible est de {target:.10g}{unit:unit}.",
    ),
    "narrative.metric.reached": (
        "The metric was at its target of {target:.10g}{unit:unit} on {at:day}.",
        "L’indicateur était à sa cible de {target:.10g}{unit:unit} le {at:day}.",
    ),
    "narrative.metric.beyond": (
        "The metric stood at {value:.10g}{unit:unit} on {at:day}, beyond its target of {target:.10g}{unit:unit}.",
        "L’indicateur était à {value:.10g}{unit:unit} le {at:day}, au-delà de sa cible de {target:.10g}{unit:unit}.",
    ),
    "narrative.metric.regressed": (
        "That is worse than the {baseline:.10g}{unit:unit} from which it started.",
        "C’est moins bien que le point de départ, {baseline:.10g}{unit:unit}.",
    ),
    "narrative.way.ahead": (
        "That is {progress}% of the way, with {expected}% due by now: it is ahead of its plan.",
        "C’est {progress} % du chemin, pour {expected} % attendus à ce jour : il est en avance sur son plan.",
    ),
    "narrative.way.behind": (
        "That is {progress}% of the way, with {expected}% due by now: at the current pace it ends near "
        "{end:.10g}{unit:unit} on {due:day}, instead of {target:.10g}{unit:unit}.",
        "C’est {progress} % du chemin, pour {expected} % attendus à ce jour : au rythme actuel, il finira près de "
        "{end:.10g}{unit:unit} le {due:day}, au lieu de {target:.10g}{unit:unit}.",
    ),
    "narrative.way.none": (
        "None of the way has been covered, with {expected}% due by now: at the current pace it never gets to "
        "{target:.10g}{unit:unit}.",
        "Rien du chemin n’est parcouru, pour {expected} % attendus à ce jour : au rythme actuel, il n’arrivera "
        "jamais à {target:.10g}{unit:unit}.",
    ),
    "narrative.way.ahead.linear": (
        "That is {progress}% of the way, with {expected}% due by now: at the current pace the target is reached "
        "around {reach:day}, {due:day} being the due date.",
        "C’est {progress} % du chemin, pour {expected} % attendus à ce jour : au rythme actuel, la cible est "
        "atteinte vers le {reach:day}, pour une échéance au {due:day}.",
    ),
    "narrative.way.behind.near": (
        "That is {progress}% of the way, with {expected}% due by now: at the current pace it ends near "
        "{end:.10g}{unit:unit} on {due:day}, close to its target.",
        "C’est {progress} % du chemin, pour {expected} % attendus à ce jour : au rythme actuel, il finira près de "
        "{end:.10g}{unit:unit} le {due:day}, à peu de chose de sa cible.",
    ),
    "narrative.band.in": (
        "It is inside its band, at {value:.10g}{unit:unit} on {at:day}, as it was on {progress}% of the days so far.",
        "Il est dans sa plage, à {value:.10g}{unit:unit} le {at:day}, comme {progress} % des jours jusqu’ici.",
    ),
    "narrative.band.out": (
        "It has been outside its band since {since:day}, at {value:.10g}{unit:unit} on {at:day}; "
        "it was inside on {progress}% of the days.",
        "Il est hors de sa plage depuis le {since:day}, à {value:.10g}{unit:unit} le {at:day} ; "
        "il y a été {progress} % des jours.",
    ),
}
