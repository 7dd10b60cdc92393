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
    "report.week": ("W{week} {share}", "S{week} {share}"),
    "report.week.running": ("W{week} {share} (so far)", "S{week} {share} (en cours)"),
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
    "report.gap_kind.write_conflict": ("Progress that cannot be written", "Publication impossible"),
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
    "report.gap.write_conflict": (
        "{surface} of {name} on {key} was changed by somebody since it was planned (run {run})",
        "{surface} de {name} sur {key} : quelqu’un l’a modifié depuis sa préparation (exécution {run})",
    ),
    "report.fix.write_conflict": (
        "see what stands there and what would: okrsync plan; then okrsync apply writes it, or leave it out of write_to",
        "voyez ce qui s’y trouve et ce qui s’y trouverait : okrsync plan ; puis okrsync apply l’écrit, ou retirez-le "
        "de write_to",
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
    # ── plan and apply
    "report.plan_empty": (
        "Nothing to write: the tools show what they should.",
        "Rien à écrire : les outils sont à jour.",
    ),
    "report.plan_waits": (
        "Nothing to write in what was read; what could not be read waits until it is.",
        "Rien à écrire dans ce qui a été lu ; le reste attend d’avoir pu l’être.",
    ),
    "report.plan_off": (
        'Writing back is off: mode = "off" under [writeback].',
        "L’écriture dans les outils est désactivée : mode = « off » sous [writeback].",
    ),
    "report.plan_count": (
        "Run {run}: {count} writes planned ({counts}).",
        "Exécution {run} : {count} écritures prévues ({counts}).",
    ),
    "report.plan_next": (
        "To send them: okrsync apply {run}",
        "Pour les envoyer : okrsync apply {run}",
    ),
    "report.plan_mode": (
        'Not sent: {count}. Their source is not in mode "apply" (see [writeback] in the configuration).',
        "Non envoyées : {count}. Leur source n’est pas en mode « apply » (voir [writeback] dans la configuration).",
    ),
    "report.surface.label": ("label {name}", "étiquette {name}"),
    "report.surface.comment": ("comment", "commentaire"),
    "report.surface.property": ("property {name}", "propriété {name}"),
    "report.surface.status": ("commit status", "statut du commit"),
    "report.surface.metric": ("metric value", "valeur de l’indicateur"),
    "report.surface.update": ("status update", "mise à jour du statut"),
    "report.check.success": ("passes: {description}", "réussi : {description}"),
    "report.check.failure": ("fails: {description}", "en échec : {description}"),
    "report.check.pending": ("pending: {description}", "en attente : {description}"),
    "report.check.error": ("in error: {description}", "en erreur : {description}"),
    "report.count.label": ("labels: {count}", "étiquettes : {count}"),
    "report.count.comment": ("comments: {count}", "commentaires : {count}"),
    "report.count.property": ("properties: {count}", "propriétés : {count}"),
    "report.count.status": ("commit statuses: {count}", "statuts de commit : {count}"),
    "report.count.metric": ("metric values: {count}", "valeurs d’indicateur : {count}"),
    "report.count.update": ("status updates: {count}", "mises à jour de statut : {count}"),
    "report.undo": ("takes back run {run}", "annule l’exécution {run}"),
    "report.write.applied": ("✔ applied: {count}", "✔ appliquées : {count}"),
    "report.write.skipped": ("– skipped: {count}", "– ignorées : {count}"),
    "report.write.failed": ("✖ failed: {count}", "✖ en échec : {count}"),
    "report.write.unknown": ("? unknown: {count}", "? incertaines : {count}"),
    "report.applied": (
        "Run {run}: {applied} applied, {skipped} skipped, {failed} failed, {unknown} unknown.",
        "Exécution {run} : {applied} appliquées, {skipped} ignorées, {failed} en échec, {unknown} incertaines.",
    ),
    "report.nothing_applied": (
        "Nothing was sent: nothing is left to write.",
        "Rien n’a été envoyé : il ne reste rien à écrire.",
    ),
    "report.nothing_applied_yet": (
        "Nothing was sent: what could not be read waits until it is (okrsync plan names it).",
        "Rien n’a été envoyé : ce qui n’a pas pu être lu attend de l’être (okrsync plan le nomme).",
    ),
    "report.nothing_undone": (
        "Nothing to take back: nothing that this run wrote still stands as it left it.",
        "Rien à annuler : rien de ce que cette exécution a écrit n’est encore tel quel.",
    ),
    "report.no_runs": ("No run yet. Type: okrsync plan", "Aucune exécution. Tapez : okrsync plan"),
    "report.column.run": ("run", "n°"),
    "report.column.at": ("at (UTC)", "date (UTC)"),
    "report.column.by": ("by", "par"),
    "report.column.writes": ("writes", "écritures"),
    "report.column.applied": ("applied", "appliquées"),
    "report.column.skipped": ("skipped", "ignorées"),
    "report.column.failed": ("failed", "échecs"),
    "report.column.undone": ("undone", "annulées"),
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
        "On your own tools: okrsync init writes a configuration to start from.",
        "Sur vos propres outils : okrsync init écrit une configuration de départ.",
    ),
    "demo.serving": (
        "The company stays at work until Ctrl-C. Try: okrsync --config {config} gaps",
        "L’entreprise continue jusqu’à Ctrl-C. Essayez : okrsync --config {config} gaps",
    ),
}
