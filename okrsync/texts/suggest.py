"""The words of the suggestions: what speaks for one, how sure it is, and how that was measured."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── what speaks for it
    "suggest.words": ("shares the words {words}", "mots communs : {words}"),
    "suggest.named": ("its text names {keys}", "son texte cite {keys}"),
    "suggest.author": (
        "same author as {same} of the {of} items there",
        "même auteur que {same} des {of} éléments de là",
    ),
    "suggest.team": (
        "same team ({value}) as {same} of the {of} items there",
        "même équipe ({value}) que {same} des {of} éléments de là",
    ),
    "suggest.component": (
        "same component ({value}) as {same} of the {of} items there",
        "même composant ({value}) que {same} des {of} éléments de là",
    ),
    "suggest.near": (
        "created {days} d from another item there",
        "créé à {days} j d’un autre élément de là",
    ),
    "suggest.near_same_day": (
        "created the same day as another item there",
        "créé le même jour qu’un autre élément de là",
    ),
    # ── the listing
    "suggest.sentence": (
        "{found} of the {asked} items to mend have a likely parent, learnt from {known} linked items.",
        "{found} des {asked} éléments à corriger ont un parent probable, d’après {known} éléments reliés.",
    ),
    "suggest.less_sure": (
        "No suggestion is sure enough. Less sure ones: {count}; add --threshold {least} to see them.",
        "Aucune suggestion n’est assez sûre. Moins sûres : {count} ; ajoutez --threshold {least} pour les voir.",
    ),
    "suggest.nothing": (
        "No suggestion is sure enough; --threshold 0 shows the unlikely ones too, if there are any.",
        "Aucune suggestion n’est assez sûre ; --threshold 0 affiche aussi les improbables, s’il y en a.",
    ),
    "suggest.no_orphans": ("Nothing lacks a parent here.", "Rien ne manque de parent ici."),
    "suggest.few": (
        "Too few linked items to measure suggestions by: {known}. Below {least} none is shown unless --threshold asks "
        "for it.",
        "Trop peu d’éléments reliés pour mesurer les suggestions : {known}. En dessous de {least}, aucune n’est "
        "affichée, sauf avec --threshold.",
    ),
    "suggest.unsure": (
        "From no probability on were {right} of the answers right here, so none is shown.",
        "À partir d’aucune probabilité les réponses n’ont été justes à {right} ici : rien n’est affiché.",
    ),
    "suggest.threshold": (
        "Shown from {threshold} on. Of {of} known links that were hidden, what would have been shown covered "
        "{coverage} and was right in {precision} of the cases ({low} to {high}).",
        "Affichées à partir de {threshold}. Sur {of} liens connus puis cachés, ce qui aurait été affiché en couvrait "
        "{coverage} et était juste dans {precision} des cas (de {low} à {high}).",
    ),
    "suggest.new": (
        "Shown from {threshold} on. None of {of} known links that were hidden would have been shown, so how often that "
        "is right is not known yet.",
        "Affichées à partir de {threshold}. Aucun des {of} liens connus puis cachés n’aurait été affiché : leur "
        "justesse n’est pas encore connue.",
    ),
    "suggest.measured": (
        "{probability} likely; of those this sure, {right} of {of} were right here",
        "probable à {probability} ; parmi celles aussi sûres, {right} sur {of} étaient justes ici",
    ),
    "suggest.unmeasured": ("{probability} likely, not measured here", "probable à {probability}, non mesuré ici"),
    "suggest.serves": ("serves {goals}", "sert {goals}"),
    "suggest.alike": ("like {items}", "comme {items}"),
    "suggest.items": ("{items} orphans", "{items} orphelins"),
    "suggest.set_parent": ("or make {key} its parent", "ou en faire un enfant de {key}"),
    "suggest.nobody_decides": (
        "Nothing is linked until somebody types one of these commands.",
        "Rien n’est relié tant que personne ne tape une de ces commandes.",
    ),
    # ── the evaluation
    "suggest.protocol": (
        "In the order of time, {trials} of {known} known links were hidden one by one, and looked for with nothing in "
        "sight but what is older.",
        "Dans l’ordre du temps, {trials} des {known} liens connus ont été cachés un à un, puis cherchés parmi les "
        "seuls éléments plus anciens.",
    ),
    "suggest.orphans": (
        "Of {asked} orphans that were asked for in the same way, {answered} ({share}) would have been given a parent.",
        "Sur {asked} orphelins interrogés de la même façon, {answered} ({share}) auraient reçu un parent.",
    ),
    "suggest.caution": (
        "Right and wrong are known for linked work alone: an orphan may have no parent at all, and only people know.",
        "Le juste et le faux ne sont connus que du travail relié : un orphelin peut n’avoir aucun parent, et seules "
        "les personnes le savent.",
    ),
    "suggest.at.all": ("all answers", "toutes les réponses"),
    "suggest.at.half": ("the surest half", "la moitié la plus sûre"),
    "suggest.at.quarter": ("the surest quarter", "le quart le plus sûr"),
    "suggest.at.shown": (
        "those that are shown (from {threshold} on)",
        "celles qui s’affichent (à partir de {threshold})",
    ),
    "suggest.at.none": ("those that are shown", "celles qui s’affichent"),
    "suggest.candidates.all": ("all", "tous"),
    "suggest.candidates.parent": ("parents", "parents"),
    "suggest.candidates.goal": ("goals", "objectifs et résultats clés"),
    # ── headings
    "sheet.title.suggest": ("Likely parents", "Parents probables"),
    "sheet.title.evaluate": ("How sure suggestions are here", "Fiabilité des suggestions ici"),
    "sheet.candidate": ("likely parent", "parent probable"),
    "sheet.goals": ("goals", "objectifs"),
    "sheet.sure": ("how sure", "fiabilité"),
    "sheet.command": ("to accept", "pour accepter"),
    "sheet.candidates": ("answered with", "réponse"),
    "sheet.candidates_word": ("answered with", "réponse"),
    "sheet.answers": ("which", "lesquelles"),
    "sheet.at_word": ("which", "lesquelles"),
    "sheet.alike": ("alike", "semblables"),
    "sheet.asked": ("asked", "demandés"),
    "sheet.answered": ("answered", "répondus"),
    "sheet.right": ("right", "justes"),
    "sheet.coverage": ("coverage", "couverture"),
    "sheet.precision": ("precision", "précision"),
    "sheet.low": ("at least", "au moins"),
    "sheet.high": ("at most", "au plus"),
}
