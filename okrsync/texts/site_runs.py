"""The pages of the runs: the plan that waits, what was written, and what takes it back."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "site.runs.count": (
        "{count:Nothing was planned or written yet.|One run so far.|# runs so far.} Every write of okrsync in your "
        "tools stands here, and each can be taken back.",
        "{count:Rien n’a encore été planifié ni écrit.|Une exécution à ce jour.|# exécutions à ce jour.} Chaque "
        "écriture d’okrsync dans vos outils figure ici, et chacune peut être annulée.",
    ),
    "site.runs.plan": ("What waits now", "Ce qui attend"),
    "site.runs.whole": ("All of this plan: run {run}", "Tout ce plan : exécution {run}"),
    "site.runs.hidden": ("{count:one more write|# more writes}", "{count:une autre écriture|# autres écritures}"),
    "site.runs.modes": ("What is sent, by source", "Ce qui part, par source"),
    "site.runs.mode.off": ("off: nothing is planned", "off : rien n’est prévu"),
    "site.runs.mode.plan": ("plan: shown, not sent", "plan : montré, pas envoyé"),
    "site.runs.mode.draft": ("draft: sent once approved", "draft : envoyé après approbation"),
    "site.runs.mode.apply": ("apply: sent", "apply : envoyé"),
    "site.runs.drafts": (
        "{count:One draft waits|# drafts wait} for an approval. Once read, type:",
        "{count:Un brouillon attend|# brouillons attendent} une approbation. Après lecture, tapez :",
    ),
    "site.runs.send": ("To send {count:it|all #}, type:", "Pour {count:l’envoyer|envoyer les #}, tapez :"),
    "site.runs.send_then": (
        "Then, to send what is approved or needs no approval, type:",
        "Puis, pour envoyer ce qui est approuvé ou n’a pas à l’être, tapez :",
    ),
    "site.runs.shown": (
        '{count:One write is|# writes are} only shown: mode = "plan" under [writeback].',
        '{count:Une écriture est seulement montrée|# écritures sont seulement montrées} : mode = "plan" sous '
        "[writeback].",
    ),
    "site.runs.all": ("All runs", "Toutes les exécutions"),
    "site.runs.none": (
        "No run yet. To see what okrsync would write, and why, type:",
        "Aucune exécution. Pour voir ce qu’okrsync écrirait, et pourquoi, tapez :",
    ),
    "site.runs.column.run": ("Run", "Exécution"),
    "site.runs.column.at": ("When", "Quand"),
    "site.runs.column.by": ("Who", "Qui"),
    "site.runs.column.kind": ("What", "Quoi"),
    "site.runs.column.writes": ("Writes", "Écritures"),
    "site.runs.column.fate": ("What became of them", "Ce qu’elles sont devenues"),
    # ── one of them ──
    "site.run.back": ("All runs", "Toutes les exécutions"),
    "site.run.at": ("Planned", "Planifiée"),
    "site.run.by": ("By", "Par"),
    "site.run.kind": ("Kind", "Nature"),
    "site.run.undone_by": ("Taken back by", "Annulée par"),
    "site.run.approved": ("Approved by", "Approuvée par"),
    "site.run.undo": (
        "To take back {count:the write that was applied|the # writes that were applied}, type:",
        "Pour annuler {count:l’écriture appliquée|les # écritures appliquées}, tapez :",
    ),
    "site.run.next": ("What can be done", "Ce qui peut être fait"),
    "site.run.writes": ("Writes", "Écritures"),
    "site.run.every": ("all", "toutes"),
    "site.run.states": ("Writes by what became of them", "Écritures selon ce qu’elles sont devenues"),
    "site.run.nothing": ("No write of this run is so.", "Aucune écriture de cette exécution n’est dans ce cas."),
    "site.run.gone": ("removed:", "retiré :"),
    "site.run.come": ("added:", "ajouté :"),
    "site.run.becomes": ("becomes", "devient"),
    "site.run.why": ("Why: {why}", "Pourquoi : {why}"),
    "site.run.failed": ("What went wrong: {why}", "Ce qui n’a pas marché : {why}"),
    "site.run.noted": ("Why not: {why}", "Pourquoi non : {why}"),
    "site.run.on": ("On {count:one object|# objects}", "Sur {count:un objet|# objets}"),
}
