"""The sentences of a drafted status on what to decide."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── what to decide
    "narrative.decide.nothing": ("Nothing to decide this week.", "Rien à décider cette semaine."),
    "narrative.decide.wait": ("Nothing to decide yet.", "Rien à décider pour l’instant."),
    "narrative.decide.dropped": (
        "To decide: what becomes of {open:its open item|its @ open items} ({keys:list}), closed or given to another "
        "goal.",
        "À décider : le sort de {open:son élément ouvert|ses @ éléments ouverts} ({keys:list}), à clore ou à "
        "rattacher ailleurs.",
    ),
    "narrative.decide.ready": (
        "Nothing to decide yet: {open:one item is|@ items are} linked and ready.",
        "Rien à décider pour l’instant : {open:un élément est rattaché et prêt|@ éléments sont rattachés et prêts}.",
    ),
    "narrative.decide.link_before": (
        "To decide before then: which work serves it, for nothing is linked to it yet.",
        "À décider d’ici là : quel travail le sert, car rien n’y est encore rattaché.",
    ),
    "narrative.decide.replace_or_drop": (
        "To decide: which work replaces what was cancelled, or that the key result is dropped.",
        "À décider : quel travail remplace ce qui a été annulé, ou l’abandon du résultat clé.",
    ),
    "narrative.decide.estimate": (
        "To decide: what these items really weigh.",
        "À décider : ce que pèsent vraiment ces éléments.",
    ),
    "narrative.decide.baseline": (
        "To decide: the baseline and the target, and who owns them.",
        "À décider : la valeur de départ et la cible, et qui en répond.",
    ),
    "narrative.decide.baseline.owner": (
        "To decide with {owner}: the baseline and the target.",
        "À décider avec {owner} : la valeur de départ et la cible.",
    ),
    "narrative.decide.link": (
        "To decide: who owns it, and which work serves it.",
        "À décider : qui en répond, et quel travail le sert.",
    ),
    "narrative.decide.link.owner": (
        "To decide with {owner}: which work serves it, or whether it is dropped.",
        "À décider avec {owner} : quel travail le sert, ou son abandon.",
    ),
    "narrative.decide.read_first": (
        "To decide: who owns it and gives the first reading.",
        "À décider : qui en répond et fournit le premier relevé.",
    ),
    "narrative.decide.read_first.owner": (
        "To do: {owner} gives the first reading.",
        "À faire : {owner} fournit le premier relevé.",
    ),
    "narrative.decide.read_again": (
        "To decide: who owns it and reads it again.",
        "À décider : qui en répond et fait un nouveau relevé.",
    ),
    "narrative.decide.read_again.owner": (
        "To do: {owner} gives a new reading.",
        "À faire : {owner} fournit un nouveau relevé.",
    ),
    "narrative.decide.mend_source": (
        "To do: mend the access to that tool before anything is decided on these numbers.",
        "À faire : rétablir l’accès à cet outil avant de décider quoi que ce soit sur ces chiffres.",
    ),
    "narrative.decide.due_date": (
        "To decide: the date by which it has to be there.",
        "À décider : la date à laquelle il doit être atteint.",
    ),
    "narrative.decide.carry_over": (
        "To decide: close it with a grade of {grade}, or carry {open:the open item|the @ open items} over to the next "
        "cycle.",
        "À décider : le clore avec la note de {grade}, ou reporter {open:l’élément ouvert|les @ éléments ouverts} au "
        "cycle suivant.",
    ),
    "narrative.decide.close_missed": (
        "To decide: close it with a grade of {grade}, or set it again for the next cycle.",
        "À décider : le clore avec la note de {grade}, ou le reconduire au cycle suivant.",
    ),
    "narrative.decide.leftovers": (
        "It can be closed with a grade of {grade}; to decide: what becomes of {open:the item that is still|the # items "
        "that are still} open ({keys:list}).",
        "On peut le clore avec la note de {grade} ; à décider : le sort "
        "{open:de l’élément encore ouvert|des @ éléments encore ouverts} ({keys:list}).",
    ),
    "narrative.decide.close": (
        "Nothing to decide: it can be closed with a grade of {grade}.",
        "Rien à décider : on peut le clore avec la note de {grade}.",
    ),
    "narrative.decide.close_early": (
        "To decide: close it now, {spare:length} before {due:day}, and what the team turns to next.",
        "À décider : le clore dès maintenant, {spare:length} avant le {due:day}, et ce que l’équipe entreprend "
        "ensuite.",
    ),
    "narrative.decide.close_early_metric": (
        "To decide: close it now, {spare:length} before {due:day}, or raise the target.",
        "À décider : le clore dès maintenant, {spare:length} avant le {due:day}, ou relever la cible.",
    ),
    "narrative.decide.close_now": ("To do: close it.", "À faire : le clore."),
    "narrative.decide.unblock": (
        "To decide: who unblocks {key}{more:| and the other blocked item| and the @ others}.",
        "À décider : qui débloque {key}{more:| et l’autre élément bloqué| et les @ autres}.",
    ),
    "narrative.decide.free": (
        "To decide: how to free at least {enough:one|@} of the {blocked:one|@} blocked items, {key} first, or which "
        "of them leave the scope.",
        "À décider : comment débloquer au moins {enough:un|@} des {blocked:un|@} éléments bloqués, {key} en premier, "
        "ou lesquels sortent du périmètre.",
    ),
    "narrative.decide.free_all": (
        "To decide: how to free all {blocked:one|@} blocked items, {key} first, or which of them leave the scope.",
        "À décider : comment débloquer les {blocked:un|@} éléments bloqués, {key} en premier, ou lesquels sortent du "
        "périmètre.",
    ),
    "narrative.decide.resume_begun": (
        "To decide: what it takes to finish {key}, or whether the key result is paused.",
        "À décider : ce qu’il faut pour terminer {key}, ou la mise en pause du résultat clé.",
    ),
    "narrative.decide.resume_begun.several": (
        "To decide: which of the {begun:one|@} items in progress is finished first, {key} or another, or whether the "
        "key result is paused.",
        "À décider : lequel des {begun:un|@} éléments en cours on termine d’abord, {key} ou un autre, ou la mise en "
        "pause du résultat clé.",
    ),
    "narrative.decide.resume": (
        "To decide: who takes up {open:the open item|the @ open items}, or whether the key result is dropped.",
        "À décider : qui reprend {open:l’élément ouvert|les @ éléments ouverts}, ou l’abandon du résultat clé.",
    ),
    "narrative.decide.no_pace": (
        "To decide: who takes up {open:the open item|the @ open items}, or which of them are given up.",
        "À décider : qui reprend {open:l’élément ouvert|les @ éléments ouverts}, ou ceux auxquels on renonce.",
    ),
    "narrative.decide.guard": (
        "To decide: hold the scope as it is until {due:day}.",
        "À décider : figer le périmètre jusqu’au {due:day}.",
    ),
    "narrative.decide.guard.unblock": (
        "To decide: who unblocks {key}, and hold the scope as it is until {due:day}.",
        "À décider : qui débloque {key}, et figer le périmètre jusqu’au {due:day}.",
    ),
    "narrative.decide.cut.items": (
        "To decide: take {excess:one item|@ items} out of the scope, or move the due date to {reach:day}.",
        "À décider : retirer {excess:un élément|@ éléments} du périmètre, ou reporter l’échéance au {reach:day}.",
    ),
    "narrative.decide.cut.points": (
        "To decide: take {excess:a point|# points} of work out of the scope, or move the due date to {reach:day}.",
        "À décider : retirer {excess:un point|# points} de travail du périmètre, ou reporter l’échéance au "
        "{reach:day}.",
    ),
    "narrative.decide.cut.items.unblock": (
        "To decide: unblock {key} first; then take {excess:one item|@ items} out of the scope, or move the due date to "
        "{reach:day}.",
        "À décider : débloquer d’abord {key} ; ensuite, retirer {excess:un élément|@ éléments} du périmètre ou "
        "reporter l’échéance au {reach:day}.",
    ),
    "narrative.decide.cut.points.unblock": (
        "To decide: unblock {key} first; then take {excess:a point|# points} of work out of the scope, or move the due "
        "date to {reach:day}.",
        "À décider : débloquer d’abord {key} ; ensuite, retirer {excess:un point|# points} de travail du périmètre ou "
        "reporter l’échéance au {reach:day}.",
    ),
    "narrative.decide.carry.items": (
        "To decide: choose the {fits:few|one item|@ items} that can still be done by {due:day} and carry the rest "
        "over, or move the due date to {reach:day}.",
        "À décider : choisir {fits:les rares éléments|l’élément|les @ éléments} encore faisables d’ici au {due:day} et "
        "reporter le reste, ou déplacer l’échéance au {reach:day}.",
    ),
    "narrative.decide.carry.points": (
        "To decide: choose the {fits:few points|point|# points} of work that can still be done by {due:day} and carry "
        "the rest over, or move the due date to {reach:day}.",
        "À décider : choisir {fits:les rares points|le point|les # points} de travail encore faisables d’ici au "
        "{due:day} et reporter le reste, ou déplacer l’échéance au {reach:day}.",
    ),
    "narrative.decide.carry.items.unblock": (
        "To decide: unblock {key}, and choose the {fits:few items|one item|@ items} that can still be done by "
        "{due:day}; or move the due date to {reach:day}.",
        "À décider : débloquer {key} et choisir {fits:les rares éléments|l’élément|les @ éléments} encore faisables "
        "d’ici au {due:day} ; ou déplacer l’échéance au {reach:day}.",
    ),
    "narrative.decide.carry.points.unblock": (
        "To decide: unblock {key}, and choose the {fits:few points|point|# points} of work that can still be done by "
        "{due:day}; or move the due date to {reach:day}.",
        "À décider : débloquer {key} et choisir {fits:les rares points|le point|les # points} de travail encore "
        "faisables d’ici au {due:day} ; ou déplacer l’échéance au {reach:day}.",
    ),
    "narrative.decide.closing.items": (
        "To decide before {due:day}: which of the {open:one|@} open items are carried over to the next cycle and "
        "which are dropped; {excess:one is|@ are} too many, or the date moves to {reach:day}.",
        "À décider avant le {due:day} : lesquels des {open:un|@} éléments ouverts passent au cycle suivant et "
        "lesquels on abandonne ; il y en a {excess:un|@} de trop, sauf à reporter l’échéance au {reach:day}.",
    ),
    "narrative.decide.closing.points": (
        "To decide before {due:day}: which of the {open:one|@} open items are carried over to the next cycle and "
        "which are dropped; {excess:one point is|# points are} too many, or the date moves to {reach:day}.",
        "À décider avant le {due:day} : lesquels des {open:un|@} éléments ouverts passent au cycle suivant et "
        "lesquels on abandonne ; il y a {excess:un point|# points} de trop, sauf à reporter l’échéance au "
        "{reach:day}.",
    ),
    "narrative.decide.review_cancelled": (
        "To decide: whether the {cancelled:cancelled item was|@ cancelled items were} needed for the goal.",
        "À décider : si {cancelled:l’élément annulé était nécessaire|les @ éléments annulés étaient nécessaires} au "
        "but visé.",
    ),
    "narrative.decide.freeze": (
        "To decide: whether the scope stays open, for it still grows while the pace just holds.",
        "À décider : si le périmètre reste ouvert, car il grandit encore alors que le rythme suffit tout juste.",
    ),
    "narrative.decide.back_in_band": (
        "To decide: who owns it, and what brings it back into its band.",
        "À décider : qui en répond, et ce qui le ramène dans sa plage.",
    ),
    "narrative.decide.back_in_band.owner": (
        "To decide with {owner}: what brings it back into its band.",
        "À décider avec {owner} : ce qui le ramène dans sa plage.",
    ),
    "narrative.decide.other_work": (
        "To decide: whether {open:the open item is|the @ open items are} still worth finishing ({keys:list}), or what "
        "else would move the metric.",
        "À décider : s’il vaut encore la peine de finir {open:l’élément ouvert|les @ éléments ouverts} ({keys:list}), "
        "ou quoi d’autre ferait bouger l’indicateur.",
    ),
    "narrative.decide.other_work_none": (
        "To decide: who owns it, and which other work would move the metric.",
        "À décider : qui en répond, et quel autre travail ferait bouger l’indicateur.",
    ),
    "narrative.decide.other_work_none.owner": (
        "To decide with {owner}: which other work would move the metric.",
        "À décider avec {owner} : quel autre travail ferait bouger l’indicateur.",
    ),
    "narrative.decide.still_needed": (
        "To decide: whether {open:the open item is|the @ open items are} still needed.",
        "À décider : si {open:l’élément ouvert est encore nécessaire|les @ éléments ouverts sont encore nécessaires}.",
    ),
    "narrative.decide.turn": (
        "To decide: who owns it, and what turns the metric round.",
        "À décider : qui en répond, et ce qui inverse la tendance.",
    ),
    "narrative.decide.turn.owner": (
        "To decide with {owner}: what turns the metric round.",
        "À décider avec {owner} : ce qui inverse la tendance.",
    ),
    "narrative.decide.close_gap": (
        "To decide: who owns it, and what closes the gap between {end:.10g}{unit:unit} and {target:.10g}{unit:unit} by "
        "{due:day}, or a target that can be kept.",
        "À décider : qui en répond, et ce qui comble l’écart entre {end:.10g} et {target:.10g}{unit:unit} d’ici au "
        "{due:day}, ou bien une cible tenable.",
    ),
    "narrative.decide.close_gap.owner": (
        "To decide with {owner}: what closes the gap between {end:.10g}{unit:unit} and {target:.10g}{unit:unit} by "
        "{due:day}, or a target that can be kept.",
        "À décider avec {owner} : ce qui comble l’écart entre {end:.10g} et {target:.10g}{unit:unit} d’ici au "
        "{due:day}, ou bien une cible tenable.",
    ),
    "narrative.decide.free_one": (
        "To decide: how to free {key}, or whether it leaves the scope.",
        "À décider : comment débloquer {key}, ou s’il sort du périmètre.",
    ),
}
