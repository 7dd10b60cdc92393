"""Why something is written or left as it is, and what is written into the tools."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── why something is written ──
    "write.orphan.ambiguous": (
        "What it refers to fits two things equally",
        "Sa référence convient aussi bien à deux éléments",
    ),
    "write.orphan.transitive": (
        "What stands above it is linked to no objective",
        "Ce dont il dépend n’est rattaché à aucun objectif",
    ),
    "write.orphan.direct": ("It is linked to no objective", "Il n’est rattaché à aucun objectif"),
    "write.orphan.dead": (
        "It is open, and its objective is dropped, closed or over",
        "Il est ouvert alors que son objectif est abandonné, clos ou échu",
    ),
    "write.dangling": ("“{text}” names no objective", "« {text} » ne désigne aucun objectif"),
    "write.traced": ("It serves an objective", "Elle sert un objectif"),
    "write.exempt": ("It needs no objective", "Elle n’a pas besoin d’objectif"),
    "write.unresolvable": (
        "It leads to something that cannot be read",
        "Elle mène à un élément illisible",
    ),
    "write.waiting": (
        "A source that may know its objective was not read in time",
        "Une source qui connaît peut-être son objectif n’a pas été lue à temps",
    ),
    "write.mended": ("It is mended", "C’est réparé"),
    "write.finished": ("It is finished", "Il est terminé"),
    "write.first": ("First progress of {id}", "Premier avancement de {id}"),
    "write.status": ("The status of {id} changed", "Le statut de {id} a changé"),
    "write.progress": (
        "{id} moved by {points:a point|# points} or more",
        "{id} a bougé d’au moins {points:un point|# points}",
    ),
    "write.moved": (
        "The status of {id} changed, or it moved by {points:a point|# points} or more",
        "Le statut de {id} a changé, ou il a bougé d’au moins {points:un point|# points}",
    ),
    "write.weekly": ("A week has passed since the last word", "Une semaine est passée depuis la dernière publication"),
    "write.withdrawn": (
        "A key result is no longer published here",
        "Un résultat clé n’est plus publié ici",
    ),
    "write.told": ("There is news of {id}, told beside it", "Il y a du nouveau sur {id}, dit à côté"),
    "write.number.objective": (
        "The progress of {id}, whose key results all stand here",
        "L’avancement de {id}, dont tous les résultats clés figurent ici",
    ),
    "write.number.mean": (
        "The weighted mean of the key results that stand here: {ids}",
        "La moyenne pondérée des résultats clés qui figurent ici : {ids}",
    ),
    "write.objective": ("It serves {id} by {goal}", "Il sert {id} par {goal}"),
    "write.objective_itself": ("It serves {id}", "Il sert {id}"),
    "write.objective_gone": (
        "It no longer serves this objective, or no longer an open one",
        "Il ne sert plus cet objectif, ou plus aucun qui soit ouvert",
    ),
    "write.restored": (
        "Somebody changed or removed it; okrsync puts it back this once",
        "Quelqu’un l’a modifié ou retiré ; okrsync le rétablit cette seule fois",
    ),
    "write.address": (
        "The address of the page that it leads to changed",
        "L’adresse de la page à laquelle il mène a changé",
    ),
    "write.unchanged": ("Nothing to change", "Rien à changer"),
    # ── why something is left as it is ──
    "write.left.changed": (
        "Somebody changed it in the tool, and it stays as it is",
        "Quelqu’un l’a modifié dans l’outil : laissé tel quel",
    ),
    "write.left.filled": (
        "Somebody had filled it in before okrsync came, and it stays as it is",
        "Quelqu’un l’avait rempli avant okrsync : laissé tel quel",
    ),
    "write.left.deleted": (
        "Somebody removed it in the tool, and it stays away",
        "Quelqu’un l’a retiré dans l’outil : il n’est pas remis",
    ),
    "write.left.pending": (
        "The outcome of the last write is not known yet; it is read back first",
        "L’issue de la dernière écriture n’est pas encore connue : elle est d’abord relue",
    ),
    "write.left.daily": (
        "{daily:Another run|# runs} wrote to this object within a day already: it waits",
        "{daily:Une exécution a|# exécutions ont} déjà écrit sur cet objet en un jour : cela attend",
    ),
    "write.left.refused": (
        "Its tool refused it on {at:day}: “{note}”. It is tried again after a day; once that is mended, approve it",
        "Son outil l’a refusé le {at:day} : « {note} ». Nouvel essai au bout d’un jour ; une fois le problème réglé, "
        "approuvez-le",
    ),
    "write.left.said.on_track": (
        "{by} said “on track” there since, and that stays the last word",
        "{by} y a dit « en bonne voie » depuis, et garde le dernier mot",
    ),
    "write.left.said.at_risk": (
        "{by} said “at risk” there since, and that stays the last word",
        "{by} y a dit « à risque » depuis, et garde le dernier mot",
    ),
    "write.left.said.off_track": (
        "{by} said “off track” there since, and that stays the last word",
        "{by} y a dit « hors trajectoire » depuis, et garde le dernier mot",
    ),
    "write.left.said.ended": (
        "{by} closed the goal there since, and that stays the last word",
        "{by} y a clos l’objectif depuis, et garde le dernier mot",
    ),
    "write.left.said.other": (
        "{by} gave a status there since, and that stays the last word",
        "{by} y a donné un statut depuis, et garde le dernier mot",
    ),
    # ── what people changed and okrsync leaves, as gaps ──
    "write.gap.changed.number": (
        "somebody set its number to {stands}; okrsync had written {ours}, and writes it no more",
        "quelqu’un a mis {stands} dans son champ numérique ; okrsync y avait écrit {ours} et n’y touche plus",
    ),
    "write.gap.changed.objective_field": (
        "somebody set its objective to “{stands}”; okrsync had written “{ours}”, and writes it no more",
        "quelqu’un a choisi « {stands} » comme objectif ; okrsync y avait écrit « {ours} » et n’y touche plus",
    ),
    "write.gap.changed.metric": (
        "somebody set its metric to {stands}; okrsync had written {ours}, and writes it no more",
        "quelqu’un a mis son indicateur à {stands} ; okrsync y avait écrit {ours} et n’y touche plus",
    ),
    "write.gap.changed.metric.share": (
        "somebody set its metric to {stands}%; okrsync had written {ours}%, and writes it no more",
        "quelqu’un a mis son indicateur à {stands} % ; okrsync y avait écrit {ours} % et n’y touche plus",
    ),
    "write.gap.changed.comment": (
        "somebody changed okrsync’s comment again after it was put back once; it is updated no more",
        "quelqu’un a de nouveau modifié le commentaire d’okrsync, déjà rétabli une fois ; il n’est plus mis à jour",
    ),
    "write.gap.changed.block": (
        "somebody changed okrsync’s part of the description again after it was put back once; it is updated no more",
        "quelqu’un a de nouveau modifié la partie d’okrsync dans la description, déjà rétablie une fois ; elle n’est "
        "plus mise à jour",
    ),
    "write.gap.changed.property": (
        "another program changed okrsync’s property again after it was put back once; it is updated no more",
        "un autre programme a de nouveau modifié la propriété d’okrsync, déjà rétablie une fois ; elle n’est plus "
        "mise à jour",
    ),
    "write.gap.changed.status": (
        "another program sets the same commit status; okrsync put its own back once, and leaves it now",
        "un autre programme pose le même statut de commit ; okrsync a rétabli le sien une fois et n’y touche plus",
    ),
    "write.gap.deleted.number": (
        "somebody emptied the number that okrsync keeps on it; it stays empty",
        "quelqu’un a vidé le champ numérique qu’okrsync y tient ; il reste vide",
    ),
    "write.gap.deleted.objective_field": (
        "somebody emptied the field in which okrsync had put its objective; it stays empty",
        "quelqu’un a vidé le champ où okrsync avait mis son objectif ; il reste vide",
    ),
    "write.gap.deleted.metric": (
        "somebody took away the metric that okrsync keeps on it",
        "quelqu’un a retiré l’indicateur qu’okrsync y tient",
    ),
    "write.gap.deleted.comment": (
        "somebody deleted okrsync’s comment on it; it stays deleted",
        "quelqu’un y a supprimé le commentaire d’okrsync ; il n’est pas remis",
    ),
    "write.gap.deleted.block": (
        "somebody deleted okrsync’s part of its description; it stays deleted",
        "quelqu’un a supprimé la partie d’okrsync dans sa description ; elle n’est pas remise",
    ),
    "write.gap.deleted.property": (
        "another program deleted okrsync’s property on it; it stays deleted",
        "un autre programme y a supprimé la propriété d’okrsync ; elle n’est pas remise",
    ),
    "write.gap.deleted.status": (
        "another program withdrew okrsync’s commit status; it stays withdrawn",
        "un autre programme a retiré le statut de commit d’okrsync ; il n’est pas remis",
    ),
    "write.gap.deleted.update": (
        "somebody deleted okrsync’s status update on it; none is posted there any more",
        "quelqu’un y a supprimé la mise à jour de statut d’okrsync ; il n’en est plus publié",
    ),
    "write.gap.unlabelled": (
        "somebody took this label off {items:an item|@ items} on which okrsync had put it; it stays off",
        "quelqu’un a retiré cette étiquette {items:d’un élément|de @ éléments} où okrsync l’avait mise ; elle n’est "
        "pas remise",
    ),
    "write.gap.daily": (
        "okrsync wrote to it in {runs:a run|@ runs} within a day, and waits before it writes again",
        "okrsync y a écrit au cours {runs:d’une exécution|de @ exécutions} en un jour et attend avant d’y revenir",
    ),
    "write.gap.refused": (
        "its tool refused what okrsync wanted to write {items:there|on @ items}: “{note}”; it is tried again after a "
        "day",
        "son outil a refusé ce qu’okrsync voulait écrire {items:là|sur @ éléments} : « {note} » ; nouvel essai au bout "
        "d’un jour",
    ),
    "write.fix.refused": (
        "give okrsync the right, the field or the option that is missing, then approve it, so that it is tried at "
        "once; or take the surface or the object out of writeback",
        "donnez à okrsync le droit, le champ ou l’option qui manque, puis approuvez, pour un nouvel essai immédiat ; "
        "ou retirez ce support ou cet objet de writeback",
    ),
    "write.fix.taken": (
        "to let okrsync write there again, approve it; or take the object out of write_to, so that this stays",
        "pour qu’okrsync y écrive de nouveau, approuvez-le ; ou retirez l’objet de write_to, pour en rester là",
    ),
    "write.fix.marked": (
        "to let okrsync write there again, approve it; or take the surface out of writeback.surfaces",
        "pour qu’okrsync y écrive de nouveau, approuvez-le ; ou retirez ce support de writeback.surfaces",
    ),
    "write.fix.unlabelled": (
        "to let okrsync put it on again, approve the item; or take labels out of writeback.surfaces",
        "pour qu’okrsync la remette, approuvez l’élément ; ou retirez les étiquettes de writeback.surfaces",
    ),
    "write.fix.daily": (
        "see what moves so often: okrsync runs; or allow more with writeback.daily",
        "voyez ce qui bouge si souvent : okrsync runs ; ou autorisez davantage avec writeback.daily",
    ),
    # ── the managed comment ──
    "comment.state": ("Status: {status}", "Statut : {status}"),
    "comment.state_progress": ("Status: {status}, {progress}%", "Statut : {status}, {progress} %"),
    "comment.done_items": ("Done: {done} of {scope} items", "Fait : {done} sur {scope} éléments"),
    "comment.done_points": ("Done: {done} of {scope} points", "Fait : {done} sur {scope} points"),
    "comment.value": ("Latest value: {value:.10g}{unit}", "Dernière valeur : {value:.10g}{unit}"),
    "comment.value_of": (
        "Latest value: {value:.10g}{unit} (target {target:.10g}{unit})",
        "Dernière valeur : {value:.10g}{unit} (cible : {target:.10g}{unit})",
    ),
    "comment.chance": (
        "Forecast: {chance}% chance to make it by {due:day}",
        "Prévision : {chance} % de chances d’y arriver d’ici au {due:day}",
    ),
    "comment.pace": (
        "At the current pace all is done on {date:day}",
        "Au rythme actuel, tout sera fini le {date:day}",
    ),
    "comment.objective": ("Objective: {title} ({id}), {status}", "Objectif : {title} ({id}), {status}"),
    "comment.objective_progress": (
        "Objective: {title} ({id}), {status}, {progress}%",
        "Objectif : {title} ({id}), {status}, {progress} %",
    ),
    "comment.footer": (
        "Written on {at:day} by okrsync ({instance}), which keeps it up to date. "
        "A change made here by hand is put back once, then left alone.",
        "Écrit le {at:day} par okrsync ({instance}), qui le tient à jour. Une modification faite ici à la main est "
        "annulée une fois, puis respectée.",
    ),
    "comment.explain": ("To see why: {commands}", "Pour comprendre : {commands}"),
    # ── the commit status of a pull request: 140 characters ──
    "check.direct": (
        "No objective. Name the ticket that it serves, or add a line such as “OKR: {example}”",
        "Aucun objectif. Citez le ticket concerné ou ajoutez une ligne « OKR: {example} »",
    ),
    "check.transitive": (
        "{key} leads to no objective. Give it a label such as okr:{example}",
        "{key} ne mène à aucun objectif. Ajoutez-lui une étiquette, par exemple okr:{example}",
    ),
    "check.dangling": (
        "“{text}” names no objective. Did you mean {right}?",
        "« {text} » ne désigne aucun objectif. Vouliez-vous dire {right} ?",
    ),
    "check.dangling_unknown": (
        "“{text}” names no objective. Choose one that is open, such as {example}",
        "« {text} » ne désigne aucun objectif. Choisissez-en un qui soit ouvert, par exemple {example}",
    ),
    "check.dangling_key": (
        "{text} names no ticket that okrsync knows. Correct it, or name another one",
        "{text} ne désigne aucun ticket connu d’okrsync. Corrigez la clé ou citez un autre ticket",
    ),
    "check.dead": (
        "{goal} is dropped, closed or over. Choose a goal that is open, such as {example}",
        "{goal} est abandonné, clos ou échu. Choisissez un objectif ouvert, par exemple {example}",
    ),
    "check.ambiguous": (
        "A key in it fits several tickets. Give the full address of the one that it serves",
        "Une clé citée désigne plusieurs tickets. Donnez l’adresse complète du bon",
    ),
    "check.no_goal": (
        "No objective: none of those that are configured is open",
        "Aucun objectif : parmi ceux qui sont configurés, aucun n’est ouvert",
    ),
    "check.unresolvable": (
        "It leads to {key}, which okrsync may not read",
        "Mène à {key}, qu’okrsync n’a pas le droit de lire",
    ),
    "check.waiting": (
        "To be confirmed as soon as these sources can be read again: {sources}",
        "À confirmer dès que ces sources seront de nouveau lisibles : {sources}",
    ),
    # ── the status update of a goal ──
    "update.first": (
        "First status, on {at:day}: {status}",
        "Premier statut, au {at:day} : {status}",
    ),
    "update.moved": (
        "Since {at:day}: {status} (before: {before})",
        "Depuis le {at:day} : {status} (auparavant : {before})",
    ),
    "update.still": (
        "The week to {at:day}: {status}, as before",
        "Semaine au {at:day} : {status}, comme auparavant",
    ),
    "update.state_progress": ("{status}, {progress}%", "{status}, {progress} %"),
}
