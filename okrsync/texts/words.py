"""The words on the words of people: suspect links, and the listing of overrides."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── suspect links
    "gap.suspect_link": (
        "it said “{was}” and says “{now}” now; links made before that: {count} ({keys})",
        "il disait « {was} » et dit maintenant « {now} » ; liens créés avant cela : {count} ({keys})",
    ),
    "fix.suspect_link": (
        "if they still hold, type: okrsync confirm {goal} --why '…' (for one of them, with --item KEY); "
        "take the label, the field or the epic away where they do not",
        "s’ils tiennent toujours, tapez : okrsync confirm {goal} --why '…' (pour un seul, avec --item CLÉ) ; "
        "retirez l’étiquette, le champ ou l’epic là où ils ne tiennent plus",
    ),
    "report.gap_kind.suspect_link": ("Links to a goal that was reworded", "Liens vers un objectif reformulé"),
    "trace.suspect": (
        "Suspect since {day}: when this link was made, {goal} said “{was}”; now it says “{now}”",
        "Lien à confirmer depuis le {day} : à sa création, {goal} disait « {was} » ; il dit maintenant « {now} »",
    ),
    "trace.suspect.fix": (
        "if it still holds, type: okrsync confirm {goal} --item {item} --why '…'",
        "s’il tient toujours, tapez : okrsync confirm {goal} --item {item} --why '…'",
    ),
    # ── what a word changed
    "said.recorded": ("{item} {said}, says {by}: {why}", "{item} {said}, selon {by} : {why}"),
    "said.instead": ("instead of: {told}", "au lieu de : {told}"),
    "said.taken": ("{item}: the word is taken back: {told}", "{item} : choix retiré : {told}"),
    "said.taken.older": ("and an older one: {told}", "et un plus ancien : {told}"),
    "said.uncounted": (
        "it is not counted itself, for it stands outside what is configured; what hangs below it is",
        "lui-même n’est pas décompté, car il est hors du périmètre configuré ; ce qui en dépend l’est",
    ),
    "said.same": ("{now}, as before", "{now}, comme avant"),
    "said.changed": ("{then} → {now}", "{then} → {now}"),
    "said.unjudged": ("not judged", "non jugé"),
    "said.verdict": ("{verdict}: {goals}", "{verdict} : {goals}"),
    "said.follow.one": ("1 below it or naming it follows", "1 élément qui en dépend ou le cite suit"),
    "said.follow.many": (
        "{count} below it or naming it follow",
        "{count} éléments qui en dépendent ou le citent suivent",
    ),
    "said.moved": ("{goal}: {moved}", "{goal} : {moved}"),
    "said.measured": (
        "{goal}: unchanged, for it is measured by its value and not by work",
        "{goal} : inchangé, car mesuré par sa valeur et non par le travail",
    ),
    "said.unmoved": ("no key result moves", "aucun résultat clé ne change"),
    "said.confirmed.one": ("{goal}: 1 link confirmed, says {by}: {why}", "{goal} : 1 lien confirmé par {by} : {why}"),
    "said.confirmed.many": (
        "{goal}: {count} links confirmed, says {by}: {why}",
        "{goal} : {count} liens confirmés par {by} : {why}",
    ),
    "said.wording": (
        "it said “{was}” and says “{now}” since {day}",
        "il disait « {was} » et dit « {now} » depuis le {day}",
    ),
    "said.still": (
        "still suspect: {count}; okrsync gaps lists them",
        "encore à confirmer : {count} ; okrsync gaps les liste",
    ),
    # ── overrides
    "sheet.title.overrides": ("What people said of items", "Ce que des personnes ont dit des éléments"),
    "sheet.said": ("said", "dit"),
    "sheet.state_word": ("state", "état"),
    "sheet.effect_word": ("effect", "effet"),
    "override.none": (
        "Nobody linked or exempted an item by hand.",
        "Personne n’a relié ni exempté d’élément à la main.",
    ),
    "override.link": ("serves {targets}", "sert {targets}"),
    "override.exempt": ("needs no objective", "n’a pas besoin d’objectif"),
    "override.line": ("{said}, said {by} on {day}: {why}", "{said}, selon {by} le {day} : {why}"),
    "override.removed": ("taken back by {by} on {day}", "retiré par {by} le {day}"),
    "override.state.valid": ("holds", "en vigueur"),
    "override.state.taken_back": ("taken back", "retiré"),
    "override.state.gone": ("the item is gone", "l’élément a disparu"),
    "override.state.replaced": ("replaced by a newer word", "remplacé par un choix plus récent"),
    "override.state.unknown_goal": ("no goal is called {unknown}", "aucun objectif ne s’appelle {unknown}"),
    "override.state.overruled": (
        "overruled: [mapping] rules puts another rule first, or leaves overrides out",
        "sans effet : [mapping] rules place une autre règle avant, ou omet les overrides",
    ),
    "override.amount": ("{done} of {scope} {unit}", "{done} sur {scope} {unit}"),
    "override.share": ("{amount} ({share})", "{amount} ({share})"),
    "override.effect": ("{goal}: {now}; without this word {before}", "{goal} : {now} ; sans ce choix : {before}"),
    "override.effect.same": ("{goal}: {now}, with or without this word", "{goal} : {now}, avec ou sans ce choix"),
    "override.effect.measured": (
        "{goal}: measured by its value, which no work moves",
        "{goal} : mesuré par sa valeur, qu’aucun travail ne change",
    ),
    "override.unmeasured": (
        "The effect of {count} older words is not worked out; okrsync overrides --effects N does so for the newest N.",
        "L’effet de {count} choix plus anciens n’est pas calculé ; okrsync overrides --effects N le fait pour les N "
        "plus récents.",
    ),
    "fix.override.gone": (
        "it changes nothing any more; to tidy up, type: okrsync {command} {item} --remove",
        "il ne change plus rien ; pour faire le ménage, tapez : okrsync {command} {item} --remove",
    ),
    "fix.override.unknown_goal": (
        "name a goal that exists: okrsync link {item} KR --why '…'; or take the word back: "
        "okrsync link {item} --remove",
        "nommez un objectif qui existe : okrsync link {item} KR --why '…' ; ou retirez ce choix : "
        "okrsync link {item} --remove",
    ),
}
