"""The words of ``plan``, ``apply``, ``undo``, ``approve``, ``pause`` and ``runs``."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
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
        'L’écriture dans les outils est désactivée : mode = "off" sous [writeback].',
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
        'Not sent: {count}. They are in mode "plan" (see [writeback] in the configuration).',
        "Non envoyées : {count}. Elles sont en mode « plan » (voir [writeback] dans la configuration).",
    ),
    "report.surface.label": ("label {name}", "étiquette {name}"),
    "report.surface.objective_label": ("label {name}", "étiquette {name}"),
    "report.surface.objective_field": ("objective in field {name}", "objectif dans le champ {name}"),
    "report.surface.number": ("progress in field {name}", "avancement dans le champ {name}"),
    "report.surface.block": ("part of the description", "partie de la description"),
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
    "report.count.objective_label": ("objective labels: {count}", "étiquettes d’objectif : {count}"),
    "report.count.objective_field": ("objective fields: {count}", "champs d’objectif : {count}"),
    "report.count.number": ("progress fields: {count}", "champs d’avancement : {count}"),
    "report.count.block": ("milestone descriptions: {count}", "descriptions de jalon : {count}"),
    "report.count.comment": ("comments: {count}", "commentaires : {count}"),
    "report.count.property": ("properties: {count}", "propriétés : {count}"),
    "report.count.status": ("commit statuses: {count}", "statuts de commit : {count}"),
    "report.count.metric": ("metric values: {count}", "valeurs d’indicateur : {count}"),
    "report.count.update": ("status updates: {count}", "mises à jour de statut : {count}"),
    "report.undo": ("takes back run {run}", "annule l’exécution {run}"),
    "report.undo_all": ("takes back all that okrsync wrote", "annule tout ce qu’okrsync a écrit"),
    "report.take_back": ("To take it back: okrsync undo {run}", "Pour revenir en arrière : okrsync undo {run}"),
    "report.write.planned": ("… waits: {count}", "… en attente : {count}"),
    "report.write.applied": ("✔ applied: {count}", "✔ appliquées : {count}"),
    "report.write.taken_back": ("↶ taken back: {count}", "↶ annulées : {count}"),
    "report.write.skipped": ("– skipped: {count}", "– ignorées : {count}"),
    "report.write.failed": ("✖ failed: {count}", "✖ en échec : {count}"),
    "report.write.unknown": ("? unknown: {count}", "? incertaines : {count}"),
    "report.applied": (
        "Run {run}: {applied} applied, {skipped} skipped, {failed} failed, {unknown} unknown.",
        "Exécution {run} : {applied} appliquées, {skipped} ignorées, {failed} en échec, {unknown} incertaines.",
    ),
    "report.undone": (
        "Run {run}: {applied} taken back, {skipped} skipped, {failed} failed, {unknown} unknown.",
        "Exécution {run} : {applied} annulées, {skipped} ignorées, {failed} en échec, {unknown} incertaines.",
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
    "report.column.fate": ("what became of them", "devenir"),
    "report.column.kind": ("what", "nature"),
    "report.column.run": ("run", "n°"),
    "report.column.at": ("at (UTC)", "date (UTC)"),
    "report.column.by": ("by", "par"),
    "report.column.writes": ("writes", "écritures"),
    # ── what a plan is told with
    "plan.source": ("{source}: {count:one write|# writes}", "{source} : {count:une écriture|# écritures}"),
    "plan.unread": (
        "{source} could not be looked at now, and is planned from what is known: {why}",
        "{source} n’a pas pu être consulté ; le plan suit ce qui en est connu : {why}",
    ),
    "plan.left": ("Left as it stands: {count}", "Laissé en l’état : {count}"),
    "plan.by_source": ("By source: {counts}", "Par source : {counts}"),
    "plan.by_objective": ("By objective: {counts}", "Par objectif : {counts}"),
    "plan.no_objective": ("none", "aucun"),
    "plan.count": ("{name} {count}", "{name} {count}"),
    "plan.drafts": (
        "Drafts that wait for an approval: {count}. Once read: okrsync approve {run}, then okrsync apply {run}",
        "Brouillons à approuver : {count}. Après lecture : okrsync approve {run}, puis okrsync apply {run}",
    ),
    "plan.next_others": (
        "To send {count:the other one|the other #}: okrsync apply {run}",
        "Pour envoyer {count:l’autre|les # autres} : okrsync apply {run}",
    ),
    "plan.next_paused": (
        "Before that the pause has to end: okrsync resume",
        "Auparavant, mettre fin à la pause : okrsync resume",
    ),
    "plan.mode.plan": ("shown only", "pour information"),
    "plan.mode.draft": ("draft", "brouillon"),
    "plan.mode.approved": ("approved", "approuvé"),
    "plan.resting": (
        "New orphans that are left alone until writeback.quiet is over: {count}",
        "Nouveaux tickets orphelins, non marqués avant la fin de writeback.quiet : {count}",
    ),
    "plan.read_only": (
        "Nothing was sent: the tools were only read.",
        "Rien n’a été envoyé : les outils ont seulement été lus.",
    ),
    "plan.paused.until": ("Paused until {until}", "En pause jusqu’au {until}"),
    "plan.paused.open": ("Paused", "En pause"),
    "plan.paused.by": (" by {by}", " à la demande de {by}"),
    "plan.paused.why": (" ({why})", " ({why})"),
    "plan.paused.end": (
        ": nothing is sent. To end it: okrsync resume",
        " : rien n’est envoyé. Pour y mettre fin : okrsync resume",
    ),
    "plan.paused.configured": (
        ", says [[writeback.pauses]]: nothing is sent.",
        " d’après [[writeback.pauses]] : rien n’est envoyé.",
    ),
    # ── undo
    "undo.left.later": (
        "Run {run} wrote there since; to take that back first: okrsync undo {run}",
        "L’exécution {run} y a écrit depuis ; pour l’annuler d’abord : okrsync undo {run}",
    ),
    "undo.left.changed": (
        "Somebody changed or removed it in the tool since, and it stays so",
        "Quelqu’un l’a modifié ou retiré depuis dans l’outil : laissé tel quel",
    ),
    "undo.again": (
        "What should stand there all the same is planned again, and okrsync run writes it again: to prevent that, "
        "change [writeback], or type: okrsync pause",
        "Ce qui devrait malgré tout y figurer sera de nouveau prévu, et okrsync run l’écrira : pour l’éviter, modifiez "
        "[writeback] ou tapez : okrsync pause",
    ),
    "undo.swept": (
        "Labels that nothing bears any more, and that okrsync had made, were deleted: {count}",
        "Étiquettes créées par okrsync et que plus rien ne porte, supprimées : {count}",
    ),
    "undo.unswept": (
        "{source}: its labels could not be swept up: {why}",
        "{source} : ses étiquettes n’ont pas pu être supprimées : {why}",
    ),
    "undo.nothing_at_all": (
        "Nothing to take back: nothing that okrsync wrote stands anywhere.",
        "Rien à annuler : plus rien de ce qu’okrsync a écrit ne subsiste.",
    ),
    "undo.paused": (
        "Nothing is written again before: okrsync resume",
        "Plus rien ne sera écrit avant : okrsync resume",
    ),
    # ── approve
    "approve.approved": (
        "Approved: {count:one write|# writes} ({counts})",
        "Approuvé : {count:une écriture|# écritures} ({counts})",
    ),
    "approve.before": (
        "Approved before, and still waiting: {count:one write|# writes}",
        "Déjà approuvé et encore en attente : {count:une écriture|# écritures}",
    ),
    "approve.on": ("{target}: {surface}", "{target} : {surface}"),
    "approve.released": (
        "Handed back to okrsync: {count:one place|# places} that people had changed",
        "Rendu à okrsync : {count:un endroit modifié|# endroits modifiés} à la main",
    ),
    "approve.retried": (
        "Tried again by the next run: {count:one write|# writes} refused before",
        "Nouvel essai à la prochaine exécution : {count:une écriture refusée|# écritures refusées} auparavant",
    ),
    "approve.speaks": (
        "okrsync may post on the goals of {goals} again, whoever spoke last",
        "okrsync peut de nouveau s’exprimer sur les objectifs de {goals}, quel que soit le dernier à l’avoir fait",
    ),
    "approve.apply": ("To send it: okrsync apply {run}", "Pour l’envoyer : okrsync apply {run}"),
    "approve.plan": (
        "What would be written there now: okrsync plan",
        "Ce qui y serait écrit maintenant : okrsync plan",
    ),
    "approve.nothing.run": (
        "Nothing to approve: no write of run {run} waits as a draft.",
        "Rien à approuver : aucune écriture de l’exécution {run} n’attend en brouillon.",
    ),
    "approve.nothing.place": (
        "Nothing to approve: nothing waits there as a draft, and nobody changed what okrsync wrote. "
        "To plan: okrsync plan",
        "Rien à approuver : rien n’y attend en brouillon, et personne n’a modifié ce qu’okrsync a écrit. "
        "Pour planifier : okrsync plan",
    ),
    # ── pause and resume
    "pause.ended": (
        "Writing goes on; the pause that {by} began on {at} is over.",
        "L’écriture reprend : la pause demandée par {by} le {at} est terminée.",
    ),
    "pause.ended.why": (
        "Writing goes on; the pause that {by} began on {at} ({why}) is over.",
        "L’écriture reprend : la pause demandée par {by} le {at} ({why}) est terminée.",
    ),
    "pause.none": (
        "Nobody had paused it: nothing has changed.",
        "Personne n’avait demandé de pause : rien n’a changé.",
    ),
    # ── runs
    "runs.kind.plan": ("plan", "plan"),
    "runs.kind.undo": ("takes back run {run}", "annule le n° {run}"),
    "runs.kind.undo_all": ("takes back everything", "annule tout"),
    "runs.more": ("Every write of one: okrsync runs RUN", "Chaque écriture de l’une d’elles : okrsync runs RUN"),
    "runs.fate.applied": ("applied: {count}", "appliquées : {count}"),
    "runs.fate.skipped": ("skipped: {count}", "ignorées : {count}"),
    "runs.fate.failed": ("failed: {count}", "échecs : {count}"),
    "runs.fate.undone": ("taken back: {count}", "annulées : {count}"),
    "runs.fate.replaced": ("replaced by a newer plan: {count}", "remplacées par un plan plus récent : {count}"),
    "runs.fate.waiting": ("waiting: {count}", "en attente : {count}"),
    "runs.fate.drafts": ("drafts to approve: {count}", "brouillons à approuver : {count}"),
    "runs.fate.approved": ("approved by {by}", "approuvée par {by}"),
    "runs.title": ("Run {run}", "Exécution {run}"),
    "runs.heading": ("Run {run}, planned on {at} by {by}", "Exécution {run}, planifiée le {at} par {by}"),
    "runs.undone_by": (", taken back by run {runs}", ", annulée par l’exécution {runs}"),
    "runs.approved": ("approved by {by} on {at}", "approuvée par {by} le {at}"),
    "write.state.planned": ("… waits", "… en attente"),
    "write.state.intended": ("? on its way", "? en cours d’envoi"),
    "write.state.applied": ("✔ applied", "✔ appliquée"),
    "write.state.skipped": ("– skipped", "– ignorée"),
    "write.state.failed": ("✖ failed", "✖ en échec"),
    "write.state.unknown": ("? unknown", "? incertaine"),
    "write.state.undone": ("↶ taken back", "↶ annulée"),
    "write.state.replaced": ("– replaced by a newer plan", "– remplacée par un plan plus récent"),
}
