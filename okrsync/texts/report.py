"""The words of the reports: headings, verdicts, and the sentence that opens the orphan report."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── every report
    "report.number": ("{value}", "{value}"),
    "report.percent": ("{percent}%", "{percent} %"),
    "report.as_of": ("As of {as_of}", "Situation au {as_of}"),
    "report.incomplete": (
        "Incomplete, not read in full: {behind}. Numbers as of {as_of}.",
        "Données incomplètes, lecture partielle : {behind}. Chiffres au {as_of}.",
    ),
    "report.never_synced": (
        "Nothing has been read in full yet. Type: okrsync sync",
        "Rien n’a encore été lu en entier. Tapez : okrsync sync",
    ),
    "report.state.degraded": ("unavailable", "indisponible"),
    "report.state.auth_failed": ("credentials refused", "identifiants refusés"),
    "report.state.unreachable": ("may not be read", "lecture interdite"),
    "report.state.needs_confirmation": ("waits for confirmation", "attend une confirmation"),
    "report.state.never": ("never read", "jamais lue"),
    "report.state.late": ("out of date", "pas à jour"),
    "report.no_objectives": (
        "No objective is configured. Add [[objectives]] to okrsync.toml.",
        "Aucun objectif n’est configuré. Ajoutez des [[objectives]] à okrsync.toml.",
    ),
    # ── status
    "report.at": (
        "As it stood on {at}, from all that is known by now.",
        "Situation au {at}, d’après tout ce qui est connu à ce jour.",
    ),
    "report.at_end": (
        "As it stood at the end of {day}, from all that is known by now.",
        "Situation à la fin du {day}, d’après tout ce qui est connu à ce jour.",
    ),
    "report.published": ("published then: {said}", "publié alors : {said}"),
    "report.overridden": (
        "{by} says “{status}” on {where} since {at}, which okrsync leaves as it is. To let it speak there again, type: "
        "okrsync approve {id}",
        "{by} indique « {status} » sur {where} depuis le {at} ; okrsync n’y touche pas. Pour qu’il s’y exprime à "
        "nouveau, tapez : okrsync approve {id}",
    ),
    "report.measured": ("{measured} measured", "{measured} mesurés"),
    "report.chance": ("{probability} likely", "{probability} de chances"),
    "report.band": ("{value} (band {low} to {high})", "{value} (plage de {low} à {high})"),
    "report.unit.points": ("points", "points"),
    "report.unit.items": ("items", "éléments"),
    # ── orphans
    "report.sentence": (
        "{share} of the effort since {since} served no objective ({orphan} of {total} effort units, "
        "{items} items out of {of}).",
        "{share} de l’effort depuis le {since} n’a servi aucun objectif ({orphan} unités d’effort sur {total}, "
        "{items} éléments sur {of}).",
    ),
    "report.sentence_none": (
        "No effort since {since}: nothing was completed or in progress.",
        "Aucun effort depuis le {since} : rien n’a été terminé ni n’est en cours.",
    ),
    "report.totals": (
        "{items} items: {traced} traced, {exempt} exempt, {orphan} orphan, {unresolvable} unresolvable",
        "{items} éléments : {traced} reliés, {exempt} exemptés, {orphan} orphelins, {unresolvable} indéterminables",
    ),
    "report.no_orphans": (
        "Every item reaches an objective or is exempt.",
        "Chaque élément mène à un objectif ou est exempté.",
    ),
    "report.more": (
        "and {count} more; --format json lists them all",
        "et {count} de plus ; --format json les liste tous",
    ),
    "report.no_items": ("No item here.", "Aucun élément ici."),
    "report.trend": ("Orphan effort by week: {trend}", "Effort orphelin par semaine : {trend}"),
    "report.week": ("{week} {share}", "{week} {share}"),
    "report.week.running": ("{week} {share} (so far)", "{week} {share} (en cours)"),
    "report.column.mend": ("mend here", "à corriger ici"),
    "report.column.class": ("why", "pourquoi"),
    "report.column.items": ("items", "éléments"),
    "report.column.effort": ("effort", "effort"),
    "report.column.group": ("group", "groupe"),
    "report.class.dangling": ("dangling", "référence inconnue"),
    "report.class.dead": ("dead goal", "objectif mort"),
    "report.class.ambiguous": ("ambiguous", "ambigu"),
    "report.class.transitive": ("parent unlinked", "parent non relié"),
    "report.class.direct": ("no link", "aucun lien"),
    "report.no_team": ("(no team)", "(sans équipe)"),
    "report.no_value_stream": ("(no value stream)", "(sans chaîne de valeur)"),
    "report.no_source": ("(no source)", "(sans source)"),
    "report.age.week": ("up to a week", "jusqu’à une semaine"),
    "report.age.month": ("a week to a month", "d’une semaine à un mois"),
    "report.age.quarter": ("one to three months", "d’un à trois mois"),
    "report.age.older": ("over three months", "plus de trois mois"),
    "report.nobody": ("(nobody)", "(personne)"),
    "report.unresolvable": (
        "a parent cannot be read",
        "un parent n’est pas lisible",
    ),
    # ── trace
    "report.verdict.traced": ("traced", "relié"),
    "report.verdict.exempt": ("exempt", "exempté"),
    "report.verdict.orphan": ("orphan", "orphelin"),
    "report.verdict.unresolvable": ("unresolvable", "indéterminable"),
    "report.verdict.context": ("outside the configured scope", "hors du périmètre configuré"),
    "report.hop.item": ("item", "élément"),
    "report.hop.parent": ("child of", "enfant de"),
    "report.hop.epic": ("in the epic", "dans l’epic"),
    "report.hop.override": ("linked by hand to", "relié à la main à"),
    "report.hop.label": ("labelled for", "étiqueté pour"),
    "report.hop.field": ("named in a field for", "désigné par un champ pour"),
    "report.hop.container": ("listed under", "rattaché à"),
    "report.hop.trailer": ("names in its text", "désigne dans son texte"),
    "report.hop.reference": ("names", "cite"),
    "report.hop.revert": ("reverts", "annule"),
    "report.hop.contributes": ("contributes to", "contribue à"),
    "report.hop.supports": ("supports", "soutient"),
    # ── gaps
    "report.no_gaps": ("No gap in the chain.", "Aucune rupture dans la chaîne."),
    "report.no_gap_here": (
        "No gap here; in all there are {count}: okrsync gaps",
        "Aucune rupture ici ; en tout, il y en a {count} : okrsync gaps",
    ),
    "report.no_gap_known": ("No gap is known yet.", "Aucune rupture connue pour l’instant."),
    "report.severity.high": ("high", "grave"),
    "report.severity.medium": ("medium", "moyen"),
    "report.severity.low": ("low", "mineur"),
    "report.gap_kind.kr_without_work": ("Key result without work", "Résultat clé sans travail"),
    "report.gap_kind.objective_without_kr": ("Objective without key result", "Objectif sans résultat clé"),
    "report.gap_kind.kr_without_owner": ("Key result without owner", "Résultat clé sans responsable"),
    "report.gap_kind.kr_without_baseline": ("Key result without baseline", "Résultat clé sans valeur de départ"),
    "report.gap_kind.kr_without_due_date": ("Key result without due date", "Résultat clé sans échéance"),
    "report.gap_kind.kr_count": ("Too few or too many key results", "Trop ou trop peu de résultats clés"),
    "report.gap_kind.kr_no_data": ("Key result without data", "Résultat clé sans données"),
    "report.gap_kind.dead_goal": ("Open work on a goal that is over", "Travail ouvert sur un objectif révolu"),
    "report.gap_kind.dangling_label": ("Reference to no goal", "Référence à un objectif inconnu"),
    "report.gap_kind.dangling_key": ("Key of no ticket", "Clé d’aucun ticket"),
    "report.gap_kind.label_twins": ("Label in several spellings", "Étiquette à plusieurs graphies"),
    "report.gap_kind.output_without_outcome": ("Work without effect", "Travail sans effet"),
    "report.gap_kind.outcome_without_output": ("Effect without work", "Effet sans travail"),
    "report.gap_kind.scope_growth": ("Growing scope", "Périmètre en croissance"),
    "report.gap_kind.closing_by_cancelling": ("Closing by cancelling", "Clôture par annulation"),
    "report.gap_kind.parent_cycle": ("Parents in a circle", "Parents en boucle"),
    "report.gap_kind.duplicate_key": ("One key, several items", "Une clé, plusieurs éléments"),
    "report.gap_kind.stale_reading": ("Reading out of date", "Relevé périmé"),
    "report.gap_kind.scope_unreachable": ("Project that may not be read", "Projet dont la lecture est interdite"),
    "report.gap_kind.unknown_status": ("Status without a meaning", "Statut sans signification"),
    "report.gap_kind.effort_against_weight": ("Effort against weight", "Effort sans rapport avec le poids"),
    "report.gap_kind.linked_across_cycles": ("Work linked to two cycles", "Travail relié à deux cycles"),
    "report.gap_kind.write_conflict": ("What okrsync does not write", "Ce qu’okrsync n’écrit pas"),
    "report.gap_kind.nothing_there": ("Epic or container without items", "Epic ou conteneur sans élément"),
    "report.gap.nothing_there.epics": (
        "its epic {name} is not known, or may not be read",
        "son epic {name} est inconnu ou illisible",
    ),
    "report.gap.nothing_there.containers": (
        "no item that can be read belongs to its container {name}",
        "aucun élément lisible n’appartient à son conteneur {name}",
    ),
    "report.fix.nothing_there": (
        "correct {option} of {id} in okrsync.toml, or give the token the right to read {name}",
        "corrigez {option} de {id} dans okrsync.toml, ou donnez au jeton le droit de lire {name}",
    ),
    "report.gap.scope_unreachable": (
        "{scope} cannot be read, and its items are kept as they were: {why}",
        "{scope} n’est pas lisible, et ses éléments restent tels quels : {why}",
    ),
    "report.fix.scope_unreachable": (
        "give the account the right to read it, then type: okrsync check-config --online; if it is gone for good, take "
        "it out of okrsync.toml or, where a pattern named it, type: okrsync sync --source {source} --allow-mass-delete",
        "donnez au compte le droit de le lire, puis tapez : okrsync check-config --online ; s’il a disparu pour de "
        "bon, retirez-le de okrsync.toml ou, si un motif le désignait, tapez : okrsync sync --source {source} "
        "--allow-mass-delete",
    ),
    "report.gap.unknown_status": (
        "the status “{status}” has no category; {count} items stand in it and count as not done",
        "le statut « {status} » n’a pas de catégorie ; {count} éléments s’y trouvent et comptent comme non terminés",
    ),
    "report.fix.unknown_status": (
        "give the status “{status}” a category in the tool’s workflow settings",
        "donnez une catégorie au statut « {status} » dans les réglages de l’outil",
    ),
    # ── how to mend a gap
    "gap.step.configuration": (
        'in {file}, below id = "{id}", write or change:',
        'dans {file}, sous id = "{id}", écrivez ou modifiez :',
    ),
    "gap.step.command": ("type:", "tapez :"),
    "gap.step.status.jira": (
        "as an administrator: Settings (⚙) → Issues → Statuses → {status} → Edit, and choose a category",
        "en tant qu’administrateur : Paramètres (⚙) → Tickets → Statuts → {status} → Modifier, et choisissez une "
        "catégorie",
    ),
    "gap.step.status.github": (
        "open the issue and close it or open it again",
        "ouvrez le ticket, puis fermez-le ou rouvrez-le",
    ),
    "gap.step.status.other": (
        "give the status {status} a category in its tool",
        "donnez une catégorie au statut {status} dans son outil",
    ),
    "gap.step.status.asana": (
        "open the task and complete it or mark it incomplete",
        "ouvrez la tâche, puis marquez-la terminée ou non terminée",
    ),
    # ── the demonstration
    "demo.scene": (
        "L’Ormeraie sells furniture and garden wares online: nine teams on Jira, GitHub and Asana, eight weeks into a "
        "quarter. A sandbox plays the three tools at {url}; okrsync reads and writes them over HTTP, as it would "
        "yours. In French: OKRSYNC_LANGUAGE=fr",
        "L’Ormeraie vend des meubles et du jardin en ligne : neuf équipes sur Jira, GitHub et Asana, huit semaines de "
        "trimestre derrière elles. Un bac à sable joue les trois outils à l’adresse {url} ; okrsync les lit et y écrit "
        "par HTTP, comme il le ferait chez vous. In English: OKRSYNC_LANGUAGE=en",
    ),
    "demo.sync": (
        "Read every ticket, pull request and commit, link it, measure",
        "Lire chaque ticket, demande de fusion et commit, le relier, mesurer",
    ),
    "demo.readings": ("Values that only people know", "Les valeurs que seuls des humains connaissent"),
    "demo.more_readings": (
        "… and {count} more readings since the year began.",
        "… et {count} autres relevés depuis le début de l’année.",
    ),
    "demo.status": ("Where do the objectives of the year stand?", "Où en sont les objectifs de l’année ?"),
    "demo.teams": (
        "And two of the quarter: work without effect, work that is blocked",
        "Et deux du trimestre : du travail sans effet, du travail bloqué",
    ),
    "demo.orphans": ("What did we work on that serves none of them?", "Quel travail n’a servi aucun objectif ?"),
    "demo.trace": ("From one commit up to the strategy, across the tools", "D’un commit jusqu’à la stratégie"),
    "demo.untraced": (
        "About to be merged: approved, green, large, and serving nothing",
        "Une demande sur le point d’être fusionnée : approuvée, au vert, volumineuse, et sans objectif",
    ),
    "demo.backlog": ("What to do next, the worst objective first", "Que faire ensuite, le pire objectif d’abord"),
    "demo.plan": (
        "What okrsync would write in the three tools; nothing is sent yet",
        "Ce qu’okrsync écrirait dans les trois outils ; rien n’est encore envoyé",
    ),
    "demo.apply": ("Write it", "L’envoyer"),
    "demo.again": ("Plan again: nothing is left", "Prévoir de nouveau : il ne reste rien"),
    "demo.end": (
        "The pages of this company in a browser: okrsync demo, without --once. "
        "On your own tools: okrsync init writes a configuration to start from.",
        "Les pages de cette entreprise dans un navigateur : okrsync demo, sans --once. "
        "Sur vos propres outils : okrsync init écrit une configuration de départ.",
    ),
    "demo.serving": (
        "Open {url}/ in a browser: the pages of this company. The daemon reads it until Ctrl-C, and answers programs "
        "at {url}/api/v1/status and {url}/metrics. Try beside it: okrsync --config {config} gaps",
        "Ouvrez {url}/ dans un navigateur : les pages de cette entreprise. Le démon la lit jusqu’à Ctrl-C et répond "
        "aux programmes ({url}/api/v1/status, {url}/metrics). Essayez en parallèle : okrsync --config {config} gaps",
    ),
}
