"""What the roll-up says of progress: statuses, and their causes."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── status ──
    "status.dropped": ("dropped", "abandonné"),
    "status.not_started": ("not started", "pas commencé"),
    "status.no_data": ("no data", "aucune donnée"),
    "status.done": ("done", "terminé"),
    "status.achieved": ("achieved", "atteint"),
    "status.partial": ("partly achieved", "partiellement atteint"),
    "status.missed": ("missed", "manqué"),
    "status.no_due_date": ("no due date", "sans échéance"),
    "status.stale": ("out of date", "données périmées"),
    "status.too_early": ("too early to say", "trop tôt pour juger"),
    "status.off_track": ("off track", "hors trajectoire"),
    "status.at_risk": ("at risk", "à risque"),
    "status.on_track": ("on track", "en bonne voie"),
    # ── causes ──
    "progress.not_started": ("Starts on {start}", "Commence le {start}"),
    "progress.no_work": ("No work is linked to it", "Aucun travail n’y est rattaché"),
    "progress.all_cancelled": (
        "All the work linked to it was cancelled",
        "Tout le travail qui y était rattaché a été annulé",
    ),
    "progress.weightless": (
        "All the work linked to it is estimated at 0 points",
        "Tout le travail qui y est rattaché est estimé à 0 point",
    ),
    "progress.no_reading": ("No value has been recorded in its window", "Aucune valeur relevée dans sa période"),
    "progress.no_baseline": (
        "Without a baseline and a target, its value says nothing about progress",
        "Sans valeur de départ ni cible, sa valeur ne dit rien de l’avancement",
    ),
    "progress.missed": (
        "Ended at {progress}%, and {share}% was needed",
        "Terminé à {progress} %, alors qu’il fallait {share} %",
    ),
    "progress.no_due_date": (
        "Without a start and an end, no pace can be judged",
        "Sans début ni fin, impossible de juger du rythme",
    ),
    "progress.stale_source": (
        "A source behind it has not been synced in time: these are the last known values",
        "Une source dont il dépend n’a pas été synchronisée à temps : ce sont les dernières valeurs connues",
    ),
    "progress.stale_reading": (
        "The last value dates from {at} ({days} d ago)",
        "La dernière valeur date du {at} (il y a {days} j)",
    ),
    "progress.too_early": (
        "Only {elapsed}% of the time has gone",
        "Seulement {elapsed} % du temps est écoulé",
    ),
    "progress.too_few": (
        "Too little work to judge a pace by (items: {items})",
        "Trop peu de travail pour juger d’un rythme (éléments : {items})",
    ),
    "progress.no_reading_yet": (
        "No value has been recorded since it began",
        "Aucune valeur relevée depuis son début",
    ),
    "progress.nothing_due": (
        "Its curve expects nothing yet",
        "Sa courbe n’attend encore rien à cette date",
    ),
    "progress.chance": (
        "{chance}% chance to reach {share}% by {due}: {progress}% done, {elapsed}% of the time gone",
        "{chance} % de chances d’atteindre {share} % au {due} : {progress} % réalisés, {elapsed} % du temps écoulé",
    ),
    "progress.held.better.on_track": (
        "The numbers alone say on track; that is published once the chance reaches {border}%",
        "Les chiffres seuls disent « en bonne voie » ; ce sera publié quand les chances atteindront {border} %",
    ),
    "progress.held.better.at_risk": (
        "The numbers alone say at risk; that is published once the chance reaches {border}%",
        "Les chiffres seuls disent « à risque » ; ce sera publié quand les chances atteindront {border} %",
    ),
    "progress.held.worse.at_risk": (
        "The numbers alone say at risk; that is published once the chance falls below {border}%",
        "Les chiffres seuls disent « à risque » ; ce sera publié quand les chances passeront sous {border} %",
    ),
    "progress.held.worse.off_track": (
        "The numbers alone say off track; that is published once the chance falls below {border}%",
        "Les chiffres seuls disent « hors trajectoire » ; ce sera publié quand les chances passeront sous {border} %",
    ),
    "progress.pace_items": (
        "Items finished a week: {pace}; at this pace all is done on {date}",
        "Éléments terminés par semaine : {pace} ; à ce rythme, tout sera fini le {date}",
    ),
    "progress.pace_points": (
        "Points finished a week: {pace}; at this pace all is done on {date}",
        "Points terminés par semaine : {pace} ; à ce rythme, tout sera fini le {date}",
    ),
    "progress.no_pace": (
        "At the current pace the work does not come to an end",
        "Au rythme actuel, le travail n’arrive pas à son terme",
    ),
    "progress.blocked": (
        "Blocked items: {blocked} of {items}, for up to {days} d; due on {due}",
        "Éléments bloqués : {blocked} sur {items}, depuis {days} j au plus ; échéance le {due}",
    ),
    "progress.blocked_out_of_reach": (
        "Blocked items: {blocked} of {items}, for up to {days} d: without them no more than {ceiling}% can be reached "
        "by {due}, and {share}% is needed",
        "Éléments bloqués : {blocked} sur {items}, depuis {days} j au plus : sans eux, pas plus de {ceiling} % "
        "d’ici au {due}, alors qu’il faut {share} %",
    ),
    "progress.stalled": (
        "Nothing has been finished since {since} ({days} d)",
        "Rien n’a été terminé depuis le {since} ({days} j)",
    ),
    "progress.scope_growth_items": (
        "The scope grew from {initial} to {scope} items",
        "Le périmètre est passé de {initial} à {scope} éléments",
    ),
    "progress.scope_growth_points": (
        "The scope grew from {initial} to {scope} points",
        "Le périmètre est passé de {initial} à {scope} points",
    ),
    "progress.scope_fall_items": (
        "Progress fell this week although no work was undone: scope +{added}, −{removed} items since the start",
        "L’avancement a reculé cette semaine sans qu’aucun travail soit défait : périmètre +{added}, −{removed} "
        "éléments depuis le début",
    ),
    "progress.scope_fall_points": (
        "Progress fell this week although no work was undone: scope +{added} points, −{removed} items since the start",
        "L’avancement a reculé cette semaine sans qu’aucun travail soit défait : périmètre +{added} points, "
        "−{removed} éléments depuis le début",
    ),
    "progress.closing_by_cancelling": (
        "{share}% of the work linked to it was cancelled",
        "{share} % du travail qui y est rattaché a été annulé",
    ),
    "progress.metric_pace": (
        "{progress}% of the way, with {expected}% expected by now",
        "{progress} % du chemin parcouru, contre {expected} % attendus à ce jour",
    ),
    "progress.in_band": (
        "{value:.10g}{unit} on {at}: inside the band",
        "{value:.10g}{unit} le {at} : dans la plage",
    ),
    "progress.out_of_band": (
        "{value:.10g}{unit} on {at}: outside the band",
        "{value:.10g}{unit} le {at} : hors de la plage",
    ),
    "progress.output_without_outcome": (
        "{work}% of the work is done and the metric has moved by {metric}% only",
        "{work} % du travail est fait et l’indicateur n’a progressé que de {metric} %",
    ),
    "progress.outcome_without_output": (
        "The metric has moved by {metric}% and only {work}% of the work is done",
        "L’indicateur a progressé de {metric} % alors que seulement {work} % du travail est fait",
    ),
    "progress.decided_by": (
        "Decided by {goals} ({share}% of the weight)",
        "Déterminé par {goals} ({share} % du poids)",
    ),
    "progress.silent": (
        "Not judged yet: {count} of {of} ({goals})",
        "Pas encore jugés : {count} sur {of} ({goals})",
    ),
    "progress.ended_in_part": (
        "That holds of what can be judged. Not judged yet: {count} of {of}, with {share}% of the weight ({goals})",
        "Cela vaut pour ce qui peut être jugé. Pas encore jugés : {count} sur {of}, avec {share} % du poids ({goals})",
    ),
}
