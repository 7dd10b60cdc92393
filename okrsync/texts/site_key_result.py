"""The words of the page of a key result."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── the head
    "site.key_result.path": ("What it serves", "Ce qu’il sert"),
    "site.key_result.kind.work": ("Work", "Travail"),
    "site.key_result.kind.metric": ("Metric", "Indicateur"),
    "site.key_result.kind.keep": ("Metric to hold", "Indicateur à tenir"),
    "site.key_result.kind.mixed": ("Metric and work", "Indicateur et travail"),
    "site.key_result.commitment.committed": ("committed", "engagé"),
    "site.key_result.commitment.aspirational": ("aspirational", "ambitieux"),
    "site.key_result.status": ("Status", "Statut"),
    "site.key_result.progress": ("Progress", "Avancement"),
    "site.key_result.progress.keep": ("Days in the band", "Jours dans la plage"),
    "site.key_result.to_reach": ("{share} to reach", "{share} à atteindre"),
    "site.key_result.chance": ("Chance to get there", "Chances d’aboutir"),
    "site.key_result.chance.at_pace": (
        "at the pace so far the open work ends on {date:day}",
        "au rythme actuel, le travail ouvert s’achève le {date:day}",
    ),
    "site.key_result.chance.no_pace": ("no pace to tell a day by", "pas de rythme d’où tirer une date"),
    "site.key_result.grade": ("Grade", "Note"),
    "site.key_result.grade.of": ("from 0 to 1, at the end of its window", "de 0 à 1, à la fin de sa période"),
    "site.key_result.time": ("Time gone", "Temps écoulé"),
    "site.key_result.window": ("{start:day} to {end:day}", "du {start:day} au {end:day}"),
    "site.key_result.window.from": ("from {start:day}, without an end", "à partir du {start:day}, sans fin"),
    "site.key_result.window.until": ("until {end:day}, without a beginning", "jusqu’au {end:day}, sans début"),
    "site.key_result.window.none": ("no window", "sans période"),
    "site.key_result.left": (
        "{days:the last day is today|# day left|# days left}",
        "{days:le dernier jour est aujourd’hui|encore # jour|encore # jours}",
    ),
    "site.key_result.owner": ("Owner", "Responsable"),
    "site.key_result.nobody": ("nobody is named", "personne n’est désigné"),
    "site.key_result.cycle": ("Window", "Période"),
    "site.key_result.weight": ("Weight", "Poids"),
    "site.key_result.sort": ("Kind", "Nature"),
    "site.key_result.counted": ("Scope", "Périmètre"),
    "site.key_result.counted.points": (
        "{done} of {scope} points; {estimated} of the items are estimated",
        "{done} points sur {scope} ; {estimated} des éléments sont estimés",
    ),
    "site.key_result.counted.items": (
        "{done} of {scope} items, each worth the same; {estimated} are estimated",
        "{done} éléments sur {scope}, tous de même poids ; {estimated} sont estimés",
    ),
    "site.key_result.moved": ("Since it began", "Depuis le début"),
    "site.key_result.moved.told": (
        "{initial} at the beginning, {added} added, {removed:nothing|# item|# items} removed, {cancelled} cancelled",
        "{initial} au départ, {added} en plus, {removed:rien|# élément|# éléments} en moins, annulé : {cancelled}",
    ),
    "site.key_result.status.held": (
        "the numbers alone say “{status}”",
        "les chiffres seuls disent « {status} »",
    ),
    # ── what is to be known first
    "site.key_result.draft": (
        "A draft: it counts like any other, and waits for somebody to approve it (state in okrsync.toml).",
        "Brouillon : il compte comme les autres et attend d’être approuvé (state dans okrsync.toml).",
    ),
    "site.key_result.dropped": (
        "Dropped: it counts for nothing any more. What is below tells how far it had come.",
        "Abandonné : il ne compte plus. La suite dit jusqu’où il était allé.",
    ),
    "site.key_result.closed": ("Closed in the configuration.", "Clos dans la configuration."),
    "site.key_result.published": (
        "Published on {at}: {said}. What was learned since then tells otherwise.",
        "Publié le {at} : {said}. Ce qui est connu depuis dit autre chose.",
    ),
    "site.key_result.over": (
        "Its window is over: all this is told as it stood at its end, whatever came later.",
        "Sa période est terminée : tout est montré tel qu’à sa fin, quoi qu’il soit arrivé depuis.",
    ),
    # ── the drawing
    "site.key_result.course": ("The way", "Le chemin"),
    "site.key_result.course.none.not_started": (
        "It has not begun yet: its way will be drawn from {start:day} on.",
        "Il n’a pas encore commencé : son chemin sera tracé à partir du {start:day}.",
    ),
    "site.key_result.course.none": (
        "Nothing is known yet from which a way could be drawn: link work to it, or record a value.",
        "Rien n’est encore connu d’où tracer un chemin : rattachez-y du travail, ou relevez une valeur.",
    ),
    "site.key_result.course.no_reading": (
        "No value is recorded yet. Type:",
        "Aucune valeur n’est encore relevée. Tapez :",
    ),
    "site.key_result.course.shares": ("Share of the scope that is done", "Part du périmètre réalisée"),
    "site.key_result.course.values": ("Value, in {unit}", "Valeur, en {unit}"),
    "site.key_result.course.value": ("Value", "Valeur"),
    "site.key_result.course.work": ("Scope and done, in {unit}", "Périmètre et réalisé, en {unit}"),
    "site.key_result.legend": ("What the lines mean", "Ce que disent les lignes"),
    "site.key_result.legend.plan": ("the plan", "le plan"),
    "site.key_result.legend.way": ("what was reached", "ce qui a été atteint"),
    "site.key_result.legend.readings": ("readings", "relevés"),
    "site.key_result.legend.band": ("four times out of five, in here", "quatre fois sur cinq, dans cette bande"),
    "site.key_result.legend.even": ("reached every other time", "atteint une fois sur deux"),
    "site.key_result.legend.trend": ("if it goes on like this", "si cela continue ainsi"),
    "site.key_result.legend.corridor": ("the band to hold", "la plage à tenir"),
    "site.key_result.legend.scope": ("the scope", "le périmètre"),
    "site.key_result.legend.changes": (
        "+ added, − removed, ✕ cancelled items",
        "éléments + ajoutés, − retirés, ✕ annulés",
    ),
    "site.key_result.legend.done": ("done", "réalisé"),
    "site.key_result.end.goal": ("{value} to reach", "{value} à atteindre"),
    "site.key_result.end.baseline": ("{value} at first", "{value} au départ"),
    "site.key_result.end.high": ("{value} 1 in 10", "{value} 1 fois sur 10"),
    "site.key_result.end.middle": ("{value} 1 in 2", "{value} 1 fois sur 2"),
    "site.key_result.end.low": ("{value} 9 in 10", "{value} 9 fois sur 10"),
    "site.key_result.end.trend": ("{value} like this", "{value} à ce rythme"),
    "site.key_result.end.most": ("at most {value}", "au plus {value}"),
    "site.key_result.end.least": ("at least {value}", "au moins {value}"),
    "site.key_result.end.scope": ("{value} in scope", "{value} au total"),
    "site.key_result.end.done": ("{value} done", "{value} réalisés"),
    "site.key_result.today": ("today", "aujourd’hui"),
    "site.key_result.date": ("{date:day}", "{date:day}"),
    "site.key_result.reading": ("{value} on {date:day}", "{value} le {date:day}"),
    "site.key_result.alt.work": (
        "{title}: {progress} of the scope is done, where the plan expected {planned}.",
        "{title} : {progress} du périmètre est réalisé, alors que le plan en attendait {planned}.",
    ),
    "site.key_result.alt.metric": (
        "{title}: {value} at the last reading of {count}, where {progress} of the way is gone and the plan expected "
        "{planned}.",
        "{title} : {value} au dernier des {count} relevés ; {progress} du chemin est fait, alors que le plan en "
        "attendait "
        "{planned}.",
    ),
    "site.key_result.alt.keep": (
        "{title}: {value} at the last reading of {count}; {progress} of the days lay in the band.",
        "{title} : {value} au dernier des {count} relevés ; {progress} des jours étaient dans la plage.",
    ),
    "site.key_result.alt.scope": (
        "The scope was {first} at first and is {scope} now, of which {done} are done.",
        "Le périmètre était de {first} au départ et vaut maintenant {scope}, dont {done} réalisés.",
    ),
    "site.key_result.band.told": (
        "By {end:day} it reaches {low} or more nine times out of ten, {middle} every other time and {high} one time "
        "out of "
        "ten; {share} is needed. Work that is still to be added is taken into account.",
        "D’ici le {end:day}, il atteint {low} ou plus neuf fois sur dix, {middle} une fois sur deux et {high} une "
        "fois sur "
        "dix ; il faut {share}. Le travail qui s’ajoutera encore est pris en compte.",
    ),
    "site.key_result.band.full": (
        "By {end:day} it reaches {low} or more nine times out of ten, and {middle} every other time; {share} is "
        "needed. "
        "Work that is still to be added is taken into account.",
        "D’ici le {end:day}, il atteint {low} ou plus neuf fois sur dix, et {middle} une fois sur deux ; il faut "
        "{share}. "
        "Le travail qui s’ajoutera encore est pris en compte.",
    ),
    "site.key_result.band.blocked": (
        "What is blocked is not held against it here: the status does that.",
        "Ce qui est bloqué n’y compte pas : c’est le statut qui le dit.",
    ),
    "site.key_result.band.none": (
        "No forecast is drawn while no chance is published: {status}.",
        "Aucune prévision n’est tracée tant qu’aucune chance n’est publiée : {status}.",
    ),
    "site.key_result.trend.told": (
        "If it goes on as it did, {value} by {end:day}. Of a metric no chance is told: too few readings bear one.",
        "Si cela continue ainsi, {value} d’ici le {end:day}. Pour un indicateur, aucune chance n’est donnée : les "
        "relevés "
        "n’en portent pas.",
    ),
    "site.key_result.changes": (
        "What came into the scope and left it",
        "Ce qui est entré dans le périmètre et en est sorti",
    ),
    "site.key_result.changes.week": ("Until", "Jusqu’au"),
    "site.key_result.added": ("Added", "Ajoutés"),
    "site.key_result.removed": ("Removed", "Retirés"),
    "site.key_result.cancelled": ("Cancelled", "Annulés"),
    "site.key_result.change.added": (
        "{count:# item added|# items added}",
        "{count:# élément ajouté|# éléments ajoutés}",
    ),
    "site.key_result.change.removed": (
        "{count:# item removed|# items removed}",
        "{count:# élément retiré|# éléments retirés}",
    ),
    "site.key_result.change.cancelled": (
        "{count:# item cancelled|# items cancelled}",
        "{count:# élément annulé|# éléments annulés}",
    ),
    "site.key_result.change.until": ("{told}, by {date:day}", "{told}, au {date:day}"),
    "site.key_result.more": ("and {count} more", "et {count} de plus"),
    # ── why
    "site.key_result.causes": ("Why", "Pourquoi"),
    "site.key_result.causes.none": ("Nothing else is to be said.", "Rien d’autre à dire."),
    "site.key_result.items_behind": (
        "{count:# item behind it|# items behind it}",
        "{count:# élément derrière|# éléments derrière}",
    ),
    "site.key_result.narrative": ("In words", "En clair"),
    "site.key_result.narrative.none": ("There is nothing to tell yet.", "Il n’y a encore rien à raconter."),
    "site.key_result.narrative.nowhere": (
        "A draft by okrsync. It is told nowhere: name an object in write_to of this key result.",
        "Brouillon d’okrsync. Il n’est publié nulle part : désignez un objet dans write_to de ce résultat clé.",
    ),
    "site.key_result.narrative.draft": (
        "A draft by okrsync, from facts alone.",
        "Brouillon d’okrsync, tiré des seuls faits.",
    ),
    "site.key_result.narrative.approval": (
        "It waits for your word. To approve it, type:",
        "Il attend votre accord. Pour l’approuver, tapez :",
    ),
    "site.key_result.narrative.approved": (
        "Approved by {by} on {at}; it goes out with the next writes.",
        "Approuvé par {by} le {at} ; il part avec les prochaines écritures.",
    ),
    "site.key_result.narrative.turn": (
        "A new version goes out with the next writes, without further approval.",
        "Une nouvelle version part avec les prochaines écritures, sans autre accord.",
    ),
    "site.key_result.narrative.mode": (
        "Nothing is sent: writing is only planned here (mode in [writeback]).",
        "Rien n’est envoyé : ici, les écritures sont seulement préparées (mode dans [writeback]).",
    ),
    "site.key_result.narrative.told": (
        "Last told in the tools on {at}; nothing new is due.",
        "Dit pour la dernière fois dans les outils le {at} ; rien de nouveau à publier.",
    ),
    # ── obstacles, outcome and output
    "site.key_result.blocked": ("Blocked", "Bloqué"),
    "site.key_result.blocked.none": ("Nothing is blocked.", "Rien n’est bloqué."),
    "site.key_result.blocked.days": (
        "{days:since today|for # day|for # days}",
        "{days:depuis aujourd’hui|depuis # jour|depuis # jours}",
    ),
    "site.key_result.blocked.flag": ("flagged", "signalé comme bloqué"),
    "site.key_result.blocked.by": ("by", "par"),
    "site.key_result.beside": ("Outcome and output", "Effet et travail"),
    "site.key_result.beside.outcome": ("Outcome", "Effet"),
    "site.key_result.beside.output": ("Output", "Travail"),
    "site.key_result.beside.here": ("this key result", "ce résultat clé"),
    "site.key_result.beside.output_without_outcome": (
        "{id}: the work is done and the metric hardly moves. What is delivered does not have its effect.",
        "{id} : le travail est fait et l’indicateur ne bouge guère. Ce qui est livré n’a pas l’effet voulu.",
    ),
    "site.key_result.beside.outcome_without_output": (
        "{id}: the metric moves and hardly any work is done. Something else moves it.",
        "{id} : l’indicateur avance et presque aucun travail n’est fait. Autre chose le fait bouger.",
    ),
    "site.key_result.beside.no_outcome": (
        "No metric stands beside this work: whether it moves anything, nobody will see.",
        "Aucun indicateur à côté de ce travail : nul ne verra s’il change quelque chose.",
    ),
    "site.key_result.beside.no_output": (
        "No work stands beside this metric, neither here nor in its objective.",
        "Aucun travail à côté de cet indicateur, ni ici ni dans son objectif.",
    ),
    # ── the items
    "site.key_result.items": ("The items behind the numbers", "Les éléments derrière les chiffres"),
    "site.key_result.items.weighing": (
        "{count:No item weighs|# item weighs|# items weigh}, in {unit}. An item with children below it weighs by "
        "these.",
        "{count:Aucun élément ne pèse|# élément pèse|# éléments pèsent}, en {unit}. Un élément qui en contient "
        "d’autres "
        "pèse par ceux-ci.",
    ),
    "site.key_result.items.beside": (
        "{count:# item is linked to it; it weighs|# items are linked to it; they weigh} nothing in a metric.",
        "{count:# élément y est rattaché ; il ne pèse|# éléments y sont rattachés ; ils ne pèsent} rien dans un "
        "indicateur.",
    ),
    "site.key_result.items.none": ("No item here.", "Aucun élément ici."),
    "site.key_result.cuts": ("Which items", "Quels éléments"),
    "site.key_result.cut.all": ("all", "tous"),
    "site.key_result.cut.open": ("open", "ouverts"),
    "site.key_result.cut.done": ("done", "terminés"),
    "site.key_result.cut.blocked": ("blocked", "bloqués"),
    "site.key_result.cut.cancelled": ("cancelled", "annulés"),
    "site.key_result.cut.added": ("linked in the last week", "rattachés cette semaine"),
    "site.key_result.column.item": ("Item", "Élément"),
    "site.key_result.column.state": ("State", "État"),
    "site.key_result.column.weight": ("Weight", "Poids"),
    "site.key_result.column.since": ("Linked since", "Rattaché depuis"),
    "site.key_result.column.rule": ("By", "Par"),
    "site.key_result.column.team": ("Team", "Équipe"),
    "site.key_result.sums": ("its children", "ses enfants"),
    "site.key_result.state.cancelled": ("cancelled", "annulé"),
    "site.key_result.state.blocked": ("blocked", "bloqué"),
    "site.key_result.state.on": ("on {date:day}", "le {date:day}"),
    # ── the tools
    "site.key_result.written": ("What the tools say of it", "Ce qu’en disent les outils"),
    "site.key_result.written.nowhere": (
        "It is written nowhere. To tell it in a tool, name an object there:",
        "Il n’est écrit nulle part. Pour le dire dans un outil, désignez-y un objet :",
    ),
    "site.key_result.written.nothing": (
        "Nothing was written yet on {places}.",
        "Rien n’a encore été écrit sur {places}.",
    ),
    "site.key_result.written.where": ("Where", "Où"),
    "site.key_result.written.what": ("What", "Quoi"),
    "site.key_result.written.value": ("Last value", "Dernière valeur"),
    "site.key_result.written.when": ("When", "Quand"),
    "site.key_result.written.run": ("run {run}", "écriture {run}"),
    "site.key_result.written.state.planned": ("waits", "en attente"),
    "site.key_result.written.state.intended": ("on its way", "en cours d’envoi"),
    "site.key_result.written.state.applied": ("written", "écrit"),
    "site.key_result.written.state.skipped": ("skipped", "ignoré"),
    "site.key_result.written.state.failed": ("failed", "en échec"),
    "site.key_result.written.state.unknown": ("outcome unknown", "issue inconnue"),
    "site.key_result.written.state.undone": ("taken back", "annulé"),
    "site.key_result.written.theirs": (
        "Somebody changed it there, and okrsync leaves it so. To hand it back, type:",
        "Quelqu’un l’a modifié sur place ; okrsync n’y touche pas. Pour le lui rendre, tapez :",
    ),
    "site.key_result.written.taken_away": (
        "Somebody took it away there, and okrsync leaves it so. To have it back, type:",
        "Quelqu’un l’a retiré ; okrsync n’y touche pas. Pour le rétablir, tapez :",
    ),
    "site.key_result.said": ("What a person says", "Ce qu’en dit une personne"),
    "site.key_result.suspect": ("Links to look at again", "Liens à revoir"),
    "site.key_result.suspect.told": (
        "{count:# link was|# links were} made when this said “{was}”; since {date:day} it says “{now}”. Does the work "
        "still serve it? If it does, type:",
        "{count:# lien date|# liens datent} du temps où l’on lisait « {was} » ; depuis le {date:day}, on lit « "
        "{now} ». Le "
        "travail le sert-il encore ? Si oui, tapez :",
    ),
}
