"""What the roll-up says of the goals themselves: what is broken there, and how to mend it."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "goal.gap.kr_without_work": ("no work is linked to it", "aucun travail n’y est rattaché"),
    "goal.fix.kr_without_work": (
        'put the label okr:{id} on the work, or name its epic in okrsync.toml: epics = ["SOURCE:KEY"] under {id}',
        'posez l’étiquette okr:{id} sur le travail, ou nommez son epic dans okrsync.toml : epics = ["SOURCE:CLÉ"] '
        "sous {id}",
    ),
    "goal.gap.no_live_work": (
        "nothing that weighs is left of its work (cancelled: {cancelled})",
        "il ne reste rien de mesurable de son travail (annulé : {cancelled})",
    ),
    "goal.gap.no_reading": ("no value has been recorded", "aucune valeur relevée"),
    "goal.gap.no_reading_inside": (
        "no value has been recorded in its window",
        "aucune valeur relevée dans sa période",
    ),
    "goal.fix.no_live_work": (
        "link work to {id} that is not cancelled, estimate what is there above 0, or set its state to dropped",
        "rattachez à {id} du travail qui n’est pas annulé, estimez au-dessus de 0 celui qui s’y trouve, ou "
        'abandonnez-le (state = "dropped")',
    ),
    "goal.fix.kr_no_data": (
        "record a value (okrsync metric set {id} VALUE), or set its state to dropped",
        'relevez une valeur (okrsync metric set {id} VALEUR), ou abandonnez-le (state = "dropped")',
    ),
    "goal.gap.objective_without_kr": (
        "it has no key result, and no objective contributes to it",
        "il n’a aucun résultat clé et aucun objectif n’y contribue",
    ),
    "goal.fix.objective_without_kr": (
        'add [[objectives.key_results]] below {id} in okrsync.toml, or name it as parent = "{id}" elsewhere',
        'ajoutez [[objectives.key_results]] sous {id} dans okrsync.toml, ou désignez-le ailleurs par parent = "{id}"',
    ),
    "goal.gap.kr_count": (
        "key results: {count}; between {fewest} and {most} keep an objective readable",
        "résultats clés : {count} ; entre {fewest} et {most}, un objectif reste lisible",
    ),
    "goal.fix.kr_count.few": (
        "add a key result below {id} in okrsync.toml",
        "ajoutez un résultat clé sous {id} dans okrsync.toml",
    ),
    "goal.fix.kr_count.many": (
        "drop or merge key results of {id}; okrsync prune tells which matter least and what dropping them orphans",
        "abandonnez ou fusionnez des résultats clés de {id} ; okrsync prune dit lesquels comptent le moins et ce que "
        "leur abandon laisse sans objectif",
    ),
    "goal.gap.kr_without_owner": (
        "neither it nor {objective} has an owner",
        "ni lui ni {objective} n’a de responsable",
    ),
    "goal.fix.kr_without_owner": (
        'write owner = "NAME" under {id} in okrsync.toml',
        'écrivez owner = "NOM" sous {id} dans okrsync.toml',
    ),
    "goal.gap.kr_without_baseline": (
        "its metric has no baseline to start from",
        "son indicateur n’a pas de valeur de départ",
    ),
    "goal.fix.kr_without_baseline": (
        "write baseline = NUMBER under {id} in okrsync.toml",
        "écrivez baseline = NOMBRE sous {id} dans okrsync.toml",
    ),
    "goal.gap.kr_without_due_date": (
        "it has neither a cycle nor an end of its own",
        "il n’a ni cycle ni date de fin",
    ),
    "goal.fix.kr_without_due_date": (
        'write end = DATE under {id} in okrsync.toml, or cycle = "CYCLE" under {objective}',
        'écrivez end = DATE sous {id} dans okrsync.toml, ou cycle = "CYCLE" sous {objective}',
    ),
    "goal.gap.stale_reading": ("its last value dates from {at}", "sa dernière valeur date du {at}"),
    "goal.fix.stale_reading": (
        "record today’s value: okrsync metric set {id} VALUE",
        "relevez la valeur du jour : okrsync metric set {id} VALEUR",
    ),
    "goal.gap.scope_growth_items": (
        "the scope grew from {initial} to {scope} items",
        "le périmètre est passé de {initial} à {scope} éléments",
    ),
    "goal.gap.scope_growth_points": (
        "the scope grew from {initial} to {scope} points",
        "le périmètre est passé de {initial} à {scope} points",
    ),
    "goal.fix.scope_growth": (
        "decide what of {id} waits, and take it out of its scope; or move its end. The backlog says what it can do "
        "without",
        "décidez ce qui peut attendre dans {id} et retirez-le du périmètre, ou repoussez l’échéance. Le backlog dit ce "
        "dont il peut se passer",
    ),
    "goal.gap.closing_by_cancelling": (
        "{share}% of the work linked to it was cancelled",
        "{share} % du travail qui y est rattaché a été annulé",
    ),
    "goal.fix.closing_by_cancelling": (
        "check that what is left of {id} still reaches what it promises; where it does not, reword it or set its state "
        "to dropped",
        "vérifiez que ce qui reste de {id} suffit à tenir sa promesse ; sinon, reformulez-le ou abandonnez-le",
    ),
    "goal.gap.output_without_outcome": (
        "{work}% of the work is done and the metric has moved by {metric}% only",
        "{work} % du travail est fait et l’indicateur n’a progressé que de {metric} %",
    ),
    "goal.fix.output_without_outcome": (
        "if the metric has moved since, record it; else ask whether the open work of {id} is the work that moves it",
        "si l’indicateur a bougé depuis, relevez-le ; sinon, demandez-vous si le travail encore ouvert de {id} est "
        "bien celui qui le fait progresser",
    ),
    "goal.gap.outcome_without_output": (
        "the metric has moved by {metric}% and only {work}% of the work is done",
        "l’indicateur a progressé de {metric} % alors que seulement {work} % du travail est fait",
    ),
    "goal.fix.outcome_without_output": (
        "link to {id} the work that moved its metric, or drop the work that it does not need",
        "rattachez à {id} le travail qui a fait progresser son indicateur, ou abandonnez celui dont il se passe",
    ),
    "goal.gap.write_to_unknown": (
        "it should be written to {target}, which is not known or not readable",
        "il doit être publié sur {target}, qui est inconnu ou illisible",
    ),
    "goal.fix.write_to_unknown": (
        "correct write_to of {id} in okrsync.toml, or give the token the right to read {target}",
        "corrigez write_to de {id} dans okrsync.toml, ou donnez au jeton le droit de lire {target}",
    ),
    "goal.gap.write_to_nowhere": (
        "it should be written to {target}, where its tool has no place for progress",
        "il doit être publié sur {target}, où son outil n’offre aucune place pour l’avancement",
    ),
    "goal.fix.write_to_nowhere": (
        "name an issue, a milestone of GitHub, or a task or goal of Asana instead of {target} in write_to of {id}",
        "dans write_to de {id}, nommez un ticket, un jalon GitHub, une tâche ou un objectif Asana au lieu de {target}",
    ),
    "goal.gap.write_to_closed_no_metric": (
        "{target} has no metric on which its progress could stand",
        "{target} n’a pas d’indicateur sur lequel publier l’avancement",
    ),
    "goal.gap.write_to_closed_integration": (
        "the progress of {target} comes from another integration, and only the account that set that up may write it",
        "l’avancement de {target} vient d’une autre intégration, et seul le compte qui l’a mise en place peut y écrire",
    ),
    "goal.gap.write_to_closed_computed": (
        "the progress of {target} is computed by its tool and cannot be set",
        "l’avancement de {target} est calculé par son outil et ne peut pas être saisi",
    ),
    "goal.gap.write_to_closed": (
        "the progress of {target} cannot be set by this account",
        "l’avancement de {target} ne peut pas être saisi par ce compte",
    ),
    "goal.fix.write_to_closed": (
        "let the progress of {target} be set by hand in its tool, or leave it out of write_to of {id}",
        "passez l’avancement de {target} en saisie manuelle dans son outil, ou retirez-le de write_to de {id}",
    ),
    "goal.gap.no_goal_value": (
        "its values come from {goal}, which is not known, has no metric, or has no value yet",
        "ses valeurs viennent de {goal}, qui est inconnu, sans indicateur ou encore sans valeur",
    ),
    "goal.fix.no_goal_value": (
        "correct metric of {id} in okrsync.toml, or give the token the right to read {goal}",
        "corrigez metric de {id} dans okrsync.toml, ou donnez au jeton le droit de lire {goal}",
    ),
    "goal.gap.count_refused": (
        "{source} refuses the query that it is counted by: {why}",
        "{source} refuse la requête qui sert à le compter : {why}",
    ),
    "goal.fix.count_refused": (
        "correct the query in metric of {id} in okrsync.toml, then type: okrsync check-config --online",
        "corrigez la requête de metric sous {id} dans okrsync.toml, puis tapez : okrsync check-config --online",
    ),
    "goal.gap.not_counted": (
        "{source} has not counted it yet",
        "{source} ne l’a pas encore compté",
    ),
    "goal.fix.not_counted": (
        "type: okrsync sync --source {source}; okrsync check-config --online says what stands in the way",
        "tapez : okrsync sync --source {source} ; okrsync check-config --online dit ce qui l’empêche",
    ),
    "goal.fix.stale_count": (
        "see why {source} counts no longer: okrsync check-config --online",
        "voyez pourquoi {source} ne compte plus : okrsync check-config --online",
    ),
    "goal.gap.effort_below": (
        "{effort}% of the effort below {above} since {since} went to it ({spent} of {of} units), which has {weight}% "
        "of the weight",
        "il a reçu {effort} % de l’effort fourni sous {above} depuis le {since} ({spent} unités sur {of}), pour "
        "{weight} % du poids",
    ),
    "goal.gap.effort_top": (
        "{effort}% of the effort for objectives since {since} went to it ({spent} of {of} units), which has {weight}% "
        "of the weight",
        "il a reçu {effort} % de l’effort consacré aux objectifs depuis le {since} ({spent} unités sur {of}), pour "
        "{weight} % du poids",
    ),
    "goal.fix.effort_less": (
        "decide: put people on {id}, or say what it weighs by lowering its weight",
        "décidez : affectez du monde à {id}, ou dites ce qu’il pèse vraiment en baissant son poids",
    ),
    "goal.fix.effort_more": (
        "decide: let work of {id} wait, or say what it weighs by raising its weight",
        "décidez : faites attendre du travail de {id}, ou dites ce qu’il pèse vraiment en relevant son poids",
    ),
}
