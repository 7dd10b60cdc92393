"""The sentences of a drafted status on the scope, on what stands in the way, and on where the pace leads."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── the scope
    "narrative.scope.added": (
        "{added:One item|^ items} came into the scope this week ({added_keys:list}).",
        "{added:Un élément est entré|^ éléments sont entrés} dans le périmètre cette semaine ({added_keys:list}).",
    ),
    "narrative.scope.removed": (
        "{removed:One item|^ items} left the scope this week ({removed_keys:list}).",
        "{removed:Un élément est sorti|^ éléments sont sortis} du périmètre cette semaine ({removed_keys:list}).",
    ),
    "narrative.scope.cancelled": (
        "{cancelled:One item was|^ items were} cancelled this week ({cancelled_keys:list}).",
        "{cancelled:Un élément a été annulé|^ éléments ont été annulés} cette semaine ({cancelled_keys:list}).",
    ),
    "narrative.scope.added_removed": (
        "{added:One item|^ items} came into the scope this week ({added_keys:list}) and {removed:one|@} left it "
        "({removed_keys:list}).",
        "{added:Un élément est entré|^ éléments sont entrés} dans le périmètre cette semaine ({added_keys:list}), "
        "{removed:un en est sorti|@ en sont sortis} ({removed_keys:list}).",
    ),
    "narrative.scope.added_cancelled": (
        "{added:One item|^ items} came into the scope this week ({added_keys:list}) and {cancelled:one was|@ were} "
        "cancelled ({cancelled_keys:list}).",
        "{added:Un élément est entré|^ éléments sont entrés} dans le périmètre cette semaine ({added_keys:list}), "
        "{cancelled:un a été annulé|@ ont été annulés} ({cancelled_keys:list}).",
    ),
    "narrative.scope.removed_cancelled": (
        "{removed:One item|^ items} left the scope this week ({removed_keys:list}) and {cancelled:one was|@ were} "
        "cancelled ({cancelled_keys:list}).",
        "{removed:Un élément est sorti|^ éléments sont sortis} du périmètre cette semaine ({removed_keys:list}), "
        "{cancelled:un a été annulé|@ ont été annulés} ({cancelled_keys:list}).",
    ),
    "narrative.scope.added_removed_cancelled": (
        "{added:One item|^ items} came into the scope this week ({added_keys:list}), {removed:one|@} left it "
        "({removed_keys:list}) and {cancelled:one was|@ were} cancelled ({cancelled_keys:list}).",
        "{added:Un élément est entré|^ éléments sont entrés} dans le périmètre cette semaine ({added_keys:list}), "
        "{removed:un en est sorti|@ en sont sortis} ({removed_keys:list}) et "
        "{cancelled:un a été annulé|@ ont été annulés} ({cancelled_keys:list}).",
    ),
    "narrative.growth.items": (
        "Since it began the scope has grown from {initial:.10g} to {scope:.10g} items.",
        "Depuis le début, le périmètre est passé de {initial:.10g} à {scope:.10g} éléments.",
    ),
    "narrative.growth.points": (
        "Since it began the scope has grown from {initial:.10g} to {scope:.10g} points.",
        "Depuis le début, le périmètre est passé de {initial:.10g} à {scope:.10g} points.",
    ),
    "narrative.cancelling": (
        "{share}% of the work linked to it was cancelled rather than done ({keys:list}).",
        "{share} % du travail qui y est rattaché a été annulé et non réalisé ({keys:list}).",
    ),
    # ── what stands in the way
    "narrative.blocked.one": (
        "{key} has been blocked since {since:day}; the due date is {due:day}.",
        "{key} est bloqué depuis le {since:day} ; l’échéance est le {due:day}.",
    ),
    "narrative.blocked.many": (
        "{blocked:One|^} of the {open:one|@} open items {blocked:is|are} blocked, {key} since {since:day}; the due "
        "date is {due:day}.",
        "{blocked:Un|^} des {open:un|@} éléments ouverts {blocked:est bloqué|sont bloqués}, {key} depuis le "
        "{since:day} ; l’échéance est le {due:day}.",
    ),
    "narrative.blocked.all": (
        "All {open:one|@} open items are blocked, {key} since {since:day}; the due date is {due:day}.",
        "Les {open:un|@} éléments ouverts sont tous bloqués, {key} depuis le {since:day} ; l’échéance est le "
        "{due:day}.",
    ),
    "narrative.blocked.one.ceiling": (
        "{key} has been blocked since {since:day}, and without it no more than {ceiling}% can be reached by "
        "{due:day}, where {share}% is needed.",
        "{key} est bloqué depuis le {since:day}, et sans lui on ne peut dépasser {ceiling} % d’ici au {due:day}, "
        "alors qu’il faut {share} %.",
    ),
    "narrative.blocked.many.ceiling": (
        "{blocked:One|^} of the {open:one|@} open items {blocked:is|are} blocked, the first of them ({key}) since "
        "{since:day}; without them no more than {ceiling}% can be reached by {due:day}, where {share}% is needed.",
        "{blocked:Un|^} des {open:un|@} éléments ouverts {blocked:est bloqué|sont bloqués}, le premier ({key}) "
        "depuis le {since:day} ; sans eux, on ne peut dépasser {ceiling} % d’ici au {due:day}, alors qu’il faut "
        "{share} %.",
    ),
    "narrative.blocked.all.ceiling": (
        "All {open:one|@} open items are blocked, the first of them ({key}) since {since:day}; without them no more "
        "than {ceiling}% can be reached by {due:day}, where {share}% is needed.",
        "Les {open:un|@} éléments ouverts sont tous bloqués, le premier ({key}) depuis le {since:day} ; sans eux, on "
        "ne peut dépasser {ceiling} % d’ici au {due:day}, alors qu’il faut {share} %.",
    ),
    "narrative.stalled": (
        "Nothing has been finished since {since:day}, {days:length} ago, and nothing is in progress; progress stays "
        "at {progress}%.",
        "Rien n’a été terminé depuis le {since:day}, il y a {days:length}, et rien n’est en cours ; l’avancement reste "
        "à {progress} %.",
    ),
    "narrative.stalled.plain": (
        "Nothing has been finished since {since:day}, {days:length} ago, and nothing is in progress.",
        "Rien n’a été terminé depuis le {since:day}, il y a {days:length}, et rien n’est en cours.",
    ),
    "narrative.stalled.begun": (
        "Nothing has been finished since {since:day}, {days:length} ago, although {begun:one item is|@ items are} in "
        "progress ({keys:list}); progress stays at {progress}%.",
        "Rien n’a été terminé depuis le {since:day}, il y a {days:length}, alors que "
        "{begun:un élément est|@ éléments sont} en cours ({keys:list}) ; l’avancement reste à {progress} %.",
    ),
    "narrative.stalled.plain.begun": (
        "Nothing has been finished since {since:day}, {days:length} ago, although {begun:one item is|@ items are} in "
        "progress ({keys:list}).",
        "Rien n’a été terminé depuis le {since:day}, il y a {days:length}, alors que "
        "{begun:un élément est|@ éléments sont} en cours ({keys:list}).",
    ),
    "narrative.stalled.beside": (
        "On the side of the work nothing has been finished since {since:day}, {days:length} ago, and nothing is in "
        "progress.",
        "Côté travail, rien n’a été terminé depuis le {since:day}, il y a {days:length}, et rien n’est en cours.",
    ),
    "narrative.stalled.beside.begun": (
        "On the side of the work nothing has been finished since {since:day}, {days:length} ago, although "
        "{begun:one item is|@ items are} in progress ({keys:list}).",
        "Côté travail, rien n’a été terminé depuis le {since:day}, il y a {days:length}, alors que "
        "{begun:un élément est|@ éléments sont} en cours ({keys:list}).",
    ),
    "narrative.output_without_outcome": (
        "And yet {work}% of the work is done: what is delivered does not move it.",
        "Pourtant, {work} % du travail est fait : ce qui est livré ne le fait pas bouger.",
    ),
    "narrative.outcome_without_output": (
        "Yet only {work}% of the work is done: something else moves it.",
        "Or seuls {work} % du travail sont faits : autre chose le fait bouger.",
    ),
    # ── where the pace leads
    "narrative.pace.none": (
        "At the current pace no end of the work is in sight.",
        "Au rythme actuel, on ne voit pas la fin du travail.",
    ),
    "narrative.pace.early": (
        "At the current pace the work ends on {end:day}, {spare:length} before the due date.",
        "Au rythme actuel, le travail se termine le {end:day}, {spare:length} avant l’échéance.",
    ),
    "narrative.pace.early.thin": (
        "At the current pace the work ends on {end:day}, {spare:length} before the due date, but the margin is thin: "
        "the chance of {share}% in time is put at {chance}%.",
        "Au rythme actuel, le travail se termine le {end:day}, {spare:length} avant l’échéance, mais la marge est "
        "mince : les chances d’avoir {share} % à temps sont estimées à {chance} %.",
    ),
    "narrative.pace.early.blocked": (
        "At the current pace the work would end on {end:day}, {spare:length} before the due date, but that pace cannot "
        "last while so much is blocked.",
        "Au rythme actuel, le travail se terminerait le {end:day}, {spare:length} avant l’échéance, mais ce rythme ne "
        "peut durer tant que les blocages restent.",
    ),
    "narrative.pace.early.stalled": (
        "The pace so far would end the work on {end:day}, {spare:length} before the due date, if it were taken up "
        "again.",
        "Le rythme tenu jusque-là mènerait à la fin le {end:day}, {spare:length} avant l’échéance, s’il reprenait.",
    ),
    "narrative.pace.just": (
        "At the current pace the work ends on {end:day}, the due date itself.",
        "Au rythme actuel, le travail se termine le {end:day}, le jour même de l’échéance.",
    ),
    "narrative.pace.just.thin": (
        "At the current pace the work ends on {end:day}, the due date itself, which leaves no margin: the chance of "
        "{share}% in time is put at {chance}%.",
        "Au rythme actuel, le travail se termine le {end:day}, le jour même de l’échéance, sans aucune marge : les "
        "chances d’avoir {share} % à temps sont estimées à {chance} %.",
    ),
    "narrative.pace.just.blocked": (
        "At the current pace the work would end on {end:day}, the due date itself, but that pace cannot last while so "
        "much is blocked.",
        "Au rythme actuel, le travail se terminerait le {end:day}, le jour même de l’échéance, mais ce rythme ne peut "
        "durer tant que les blocages restent.",
    ),
    "narrative.pace.just.stalled": (
        "The pace so far would end the work on {end:day}, the due date itself, if it were taken up again.",
        "Le rythme tenu jusque-là mènerait à la fin le {end:day}, le jour même de l’échéance, s’il reprenait.",
    ),
    "narrative.pace.enough": (
        "At the current pace the {share}% that is needed is there on {reach:day}, in time for {due:day}; the rest "
        "follows until {end:day}.",
        "Au rythme actuel, les {share} % nécessaires sont là le {reach:day}, à temps pour le {due:day} ; le reste suit "
        "jusqu’au {end:day}.",
    ),
    "narrative.pace.enough.thin": (
        "At the current pace the {share}% that is needed is there on {reach:day}, just before {due:day}, but the "
        "margin is thin: the chance is put at {chance}%.",
        "Au rythme actuel, les {share} % nécessaires sont là le {reach:day}, tout juste pour le {due:day}, mais la "
        "marge est mince : les chances sont estimées à {chance} %.",
    ),
    "narrative.pace.enough.blocked": (
        "At the current pace the {share}% that is needed would be there on {reach:day}, in time for {due:day}, but "
        "that pace cannot last while so much is blocked.",
        "Au rythme actuel, les {share} % nécessaires seraient là le {reach:day}, à temps pour le {due:day}, mais ce "
        "rythme ne peut durer tant que les blocages restent.",
    ),
    "narrative.pace.enough.stalled": (
        "The pace so far would bring the {share}% that is needed on {reach:day}, in time for {due:day}, if it were "
        "taken up again.",
        "Le rythme tenu jusque-là amènerait les {share} % nécessaires le {reach:day}, à temps pour le {due:day}, s’il "
        "reprenait.",
    ),
    "narrative.pace.late": (
        "At the current pace the {share}% that is needed is there on {reach:day}, {late:length} after the due date, "
        "and all of it on {end:day}.",
        "Au rythme actuel, les {share} % nécessaires sont là le {reach:day}, {late:length} après l’échéance, et le "
        "tout le {end:day}.",
    ),
    "narrative.pace.late.stalled": (
        "Even at the pace held until then, the {share}% that is needed would only be there on {reach:day}, "
        "{late:length} after the due date.",
        "Même au rythme tenu jusque-là, les {share} % nécessaires ne seraient là que le {reach:day}, {late:length} "
        "après l’échéance.",
    ),
    "narrative.pace.late.likely": (
        "At the current pace the {share}% that is needed is there on {reach:day}, {late:length} after the due date; "
        "the chance of making it in time is still put at {chance}%.",
        "Au rythme actuel, les {share} % nécessaires sont là le {reach:day}, {late:length} après l’échéance ; les "
        "chances d’y arriver à temps restent estimées à {chance} %.",
    ),
    "narrative.pace.late.whole": (
        "At the current pace the work ends on {end:day}, {late:length} after the due date.",
        "Au rythme actuel, le travail se termine le {end:day}, {late:length} après l’échéance.",
    ),
    "narrative.pace.late.whole.likely": (
        "At the current pace the work ends on {end:day}, {late:length} after the due date; the chance of making it "
        "in time is still put at {chance}%.",
        "Au rythme actuel, le travail se termine le {end:day}, {late:length} après l’échéance ; les chances d’y "
        "arriver à temps restent estimées à {chance} %.",
    ),
    "narrative.held.off_track": (
        "The status published last is kept for now; the numbers alone already say off track.",
        "Le dernier statut publié est maintenu pour l’instant ; les chiffres seuls disent déjà « hors trajectoire ».",
    ),
    "narrative.held.at_risk": (
        "The status published last is kept for now; the numbers alone say at risk.",
        "Le dernier statut publié est maintenu pour l’instant ; les chiffres seuls disent « à risque ».",
    ),
    "narrative.held.on_track": (
        "The status published last is kept for now; the numbers alone already say on track.",
        "Le dernier statut publié est maintenu pour l’instant ; les chiffres seuls disent déjà « en bonne voie ».",
    ),
}
