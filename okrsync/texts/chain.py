"""The words of linking: why an item is linked or exempt, where a chain breaks, and how to mend it."""

from __future__ import annotations

_EVIDENCE: dict[str, tuple[str, str]] = {
    "link.override": (
        "linked by {by} on {day}: {why}",
        "relié par {by} le {day} : {why}",
    ),
    "link.label": ("label {label}", "étiquette {label}"),
    "link.field": ("field {field} = {value}", "champ {field} = {value}"),
    "link.container": (
        "the key result names {container} in its epics",
        "le résultat clé cite {container} parmi ses epics",
    ),
    "link.container.alias": (
        "the key result names {container}, the former key of {key}, in its epics",
        "le résultat clé cite {container}, l’ancienne clé de {key}, parmi ses epics",
    ),
    "link.container.member": (
        "belongs to {container}, which the key result names in its containers",
        "fait partie de {container}, que le résultat clé cite parmi ses conteneurs",
    ),
    "link.trailer": ("trailer {text}", "ligne {text}"),
    "exempt.override": (
        "exempted by {by} on {day}: {why}",
        "exempté par {by} le {day} : {why}",
    ),
    "exempt.label": (
        "exempt by the configuration: label {value}",
        "exempté par la configuration : étiquette {value}",
    ),
    "exempt.label.why": (
        "exempt by the configuration: {why} (label {value})",
        "exempté par la configuration : {why} (étiquette {value})",
    ),
    "exempt.author": (
        "exempt by the configuration: author {value}",
        "exempté par la configuration : auteur {value}",
    ),
    "exempt.author.why": (
        "exempt by the configuration: {why} (author {value})",
        "exempté par la configuration : {why} (auteur {value})",
    ),
    "exempt.type": (
        "exempt by the configuration: type {value}",
        "exempté par la configuration : type {value}",
    ),
    "exempt.type.why": (
        "exempt by the configuration: {why} (type {value})",
        "exempté par la configuration : {why} (type {value})",
    ),
    "exempt.project": (
        "exempt by the configuration: project {value}",
        "exempté par la configuration : projet {value}",
    ),
    "exempt.project.why": (
        "exempt by the configuration: {why} (project {value})",
        "exempté par la configuration : {why} (projet {value})",
    ),
    "exempt.bot": (
        "exempt by default: {author} is a machine",
        "exempté par défaut : {author} est un automate",
    ),
    "exempt.merge": ("exempt by default: a merge commit", "exempté par défaut : commit de fusion"),
    "exempt.release": (
        "exempt by default: a release commit ({title})",
        "exempté par défaut : commit de publication ({title})",
    ),
}

# How one item came to inherit from another; what it inherits, and from where, follows.
_THROUGH: dict[str, tuple[str, str]] = {
    "inherited": ("", ""),
    "named.title": ("names {named} in its title (“{said}”); ", "cite {named} dans son titre (« {said} ») ; "),
    "named.body": ("names {named} in its text (“{said}”); ", "cite {named} dans son texte (« {said} ») ; "),
    "named.branch": (
        "comes from a branch that names {named} (“{said}”); ",
        "vient d’une branche qui cite {named} (« {said} ») ; ",
    ),
    "closes": ("closes {named}, as its tool says; ", "ferme {named}, d’après son outil ; "),
    "merged": ("is what {named} became when it was merged; ", "est issu de la fusion de {named} ; "),
    "reverts": ("reverts {named} (“{said}”); ", "annule {named} (« {said} ») ; "),
}

_OF_TEXTS = frozenset({"link.trailer", "exempt.merge", "exempt.release"})
"""What stands on pull requests and commits alone: nothing has these as its parent."""

_INHERITED = {
    f"{code}.{how}": (
        f"{by_english}inherited from {{ancestor}}: {english}",
        f"{by_french}hérité de {{ancestor}} : {french}",
    )
    for code, (english, french) in _EVIDENCE.items()
    for how, (by_english, by_french) in _THROUGH.items()
    if how != "inherited" or code not in _OF_TEXTS
}

_BREAKS: dict[str, tuple[str, str]] = {
    "break.direct": (
        "nothing in {key} points to a goal, and nothing stands above it",
        "rien dans {key} ne mène à un objectif, et rien ne se trouve au-dessus",
    ),
    "fix.direct": (
        "add to {key} the label of the goal that it serves ({label}); if it serves none, type: "
        'okrsync exempt {key} --why "…"',
        "ajoutez à {key} l’étiquette de l’objectif servi ({label}) ; s’il n’en sert aucun, tapez : "
        'okrsync exempt {key} --why "…"',
    ),
    "break.direct.text": (
        "nothing in {key} points to a goal: no label, no trailer, and no ticket that it names",
        "rien dans {key} ne mène à un objectif : ni étiquette, ni ligne « OKR: », ni ticket cité",
    ),
    "fix.direct.pull_request": (
        "name in the title or the text of {key} the ticket that it serves, or add the label of a goal ({label}); if "
        'it serves none, type: okrsync exempt {key} --why "…"',
        "citez dans le titre ou le texte de {key} le ticket servi, ou ajoutez l’étiquette d’un objectif ({label}) ; "
        's’il n’en sert aucun, tapez : okrsync exempt {key} --why "…"',
    ),
    "fix.direct.commit": (
        'type: okrsync link {key} {example} --why "…", with the goal that it serves; if it serves none: '
        'okrsync exempt {key} --why "…"; and name the ticket in the next commit message',
        'tapez : okrsync link {key} {example} --why "…", avec l’objectif servi ; s’il n’en sert aucun : '
        'okrsync exempt {key} --why "…" ; et citez le ticket dans le prochain message de commit',
    ),
    "break.top": (
        "{key} stands at the top of the chain and leads to no goal",
        "{key} est au sommet de la chaîne et ne mène à aucun objectif",
    ),
    "fix.top": (
        "add to {key} the label of the goal that it serves ({label}): that links everything below it",
        "ajoutez à {key} l’étiquette de l’objectif servi ({label}) : tout ce qui se trouve en dessous sera relié",
    ),
    "fix.top.pull_request": (
        "name in the title or the text of {key} the ticket that it serves, or add the label of a goal ({label}): that "
        "links its commits too",
        "citez dans le titre ou le texte de {key} le ticket servi, ou ajoutez l’étiquette d’un objectif ({label}) : "
        "ses commits seront reliés aussi",
    ),
    "fix.top.commit": (
        'type: okrsync link {key} {example} --why "…", with the goal that it serves: that links what reverts it too',
        'tapez : okrsync link {key} {example} --why "…", avec l’objectif servi : ce qui l’annule sera relié aussi',
    ),
    "break.cycle.reverts": (
        "{key} is reverted in a circle of {count}, and nothing in it leads to a goal: {circle}",
        "{key} est annulé en boucle (de {count}), et rien n’y mène à un objectif : {circle}",
    ),
    "break.cycle": (
        "the parents run in a circle of {count}: {circle}",
        "les parents tournent en rond (boucle de {count}) : {circle}",
    ),
    "fix.cycle.link": (
        "add to {key} the label of the goal that it serves ({label}): that links the whole circle; and remove its "
        "parent {parent}, which opens it",
        "ajoutez à {key} l’étiquette de l’objectif servi ({label}) : toute la boucle sera reliée ; et retirez-lui son "
        "parent {parent}, ce qui l’ouvre",
    ),
    "fix.cycle": (
        "remove the parent {parent} from {key}: that opens the circle",
        "retirez à {key} son parent {parent} : cela ouvre la boucle",
    ),
    "break.ambiguous": (
        "the parent of {key} is given as {parent}, which fits several items: {items}",
        "le parent de {key} est noté {parent}, ce qui désigne plusieurs éléments : {items}",
    ),
    "fix.ambiguous": (
        "choose the parent of {key} again in its tool, or add to {key} the label of a goal",
        "choisissez de nouveau le parent de {key} dans son outil, ou ajoutez à {key} l’étiquette d’un objectif",
    ),
    "break.ambiguous.text": (
        "{key} names {parent}, which fits several items: {items}",
        "{key} cite {parent}, ce qui désigne plusieurs éléments : {items}",
    ),
    "fix.ambiguous.text": (
        "write in {key} the address of the item that is meant by {parent}, or add the label of a goal",
        "écrivez dans {key} l’adresse de l’élément visé par {parent}, ou ajoutez l’étiquette d’un objectif",
    ),
    "fix.ambiguous.commit": (
        'say which goal {key} serves: okrsync link {key} GOAL --why "…"; in messages to come, write the address of '
        "what is meant by {parent}",
        'dites quel objectif {key} sert : okrsync link {key} OBJECTIF --why "…" ; dans les prochains messages, écrivez '
        "l’adresse de l’élément visé par {parent}",
    ),
    "break.unreadable": (
        "{key} exists, but okrsync may not read it",
        "{key} existe, mais okrsync n’a pas le droit de le lire",
    ),
    "fix.unreadable": (
        "give the account of source {source} the right to browse {key}, or name {source}:{key} in the epics of a "
        "key result",
        "donnez au compte de la source {source} le droit de voir {key}, ou citez {source}:{key} parmi les epics "
        "d’un résultat clé",
    ),
    "break.missing": (
        "{key} names {parent} as its parent, which is deleted or hidden from okrsync",
        "{key} a pour parent {parent}, qui est supprimé ou invisible pour okrsync",
    ),
    "fix.missing": (
        "give the account of source {source} the right to browse {parent}; if it was deleted, choose another parent",
        "donnez au compte de la source {source} le droit de voir {parent} ; s’il a été supprimé, choisissez un autre "
        "parent",
    ),
    "break.missing.closes": (
        "{key} closes {named}, as its tool says, and okrsync does not see {named}",
        "{key} ferme {named}, d’après son outil, et okrsync ne voit pas {named}",
    ),
    "fix.missing.closes": (
        "add the repository of {named} to source {source}, and give its account the right to read it",
        "ajoutez le dépôt de {named} à la source {source}, et donnez à son compte le droit de le lire",
    ),
    "break.dangling.label": (
        "the label {text} of {key} names no goal",
        "l’étiquette {text} de {key} ne désigne aucun objectif",
    ),
    "fix.dangling.label": (
        "replace the label {text} of {key} by {right}",
        "remplacez l’étiquette {text} de {key} par {right}",
    ),
    "fix.dangling.label.invisible": (
        "type the label of {key} anew as {right}: the one that it has holds a character that cannot be seen, or a "
        "letter of another alphabet",
        "saisissez de nouveau l’étiquette de {key} sous la forme {right} : l’actuelle contient un caractère invisible, "
        "ou une lettre d’un autre alphabet",
    ),
    "fix.dangling.label.unknown": (
        "replace the label {text} of {key} by that of a configured goal ({example}), or remove it",
        "remplacez l’étiquette {text} de {key} par celle d’un objectif configuré ({example}), ou retirez-la",
    ),
    "break.dangling.field": (
        "the field {field} of {key} holds {text}, which names no goal",
        "le champ {field} de {key} contient {text}, qui ne désigne aucun objectif",
    ),
    "fix.dangling.field": (
        "set the field {field} of {key} to {right} instead of {text}",
        "mettez le champ {field} de {key} à {right} au lieu de {text}",
    ),
    "fix.dangling.field.unknown": (
        "set the field {field} of {key} to the id of a configured goal ({example}), or empty it",
        "mettez dans le champ {field} de {key} l’identifiant d’un objectif configuré ({example}), ou videz-le",
    ),
    "break.dangling.trailer": (
        "{key} says it serves {text}, which names no goal",
        "{key} dit servir {text}, qui ne désigne aucun objectif",
    ),
    "fix.dangling.trailer": (
        "in the text of {key}, write {right} instead of {text}",
        "dans le texte de {key}, écrivez {right} au lieu de {text}",
    ),
    "fix.dangling.trailer.unknown": (
        "in the text of {key}, write the id of a configured goal ({example}) instead of {text}, or remove the line",
        "dans le texte de {key}, remplacez {text} par l’identifiant d’un objectif configuré ({example}), ou retirez la "
        "ligne",
    ),
    "break.dangling.key": (
        "{key} names {text}, and there is no such item",
        "{key} cite {text}, qui n’existe pas",
    ),
    "fix.dangling.key": (
        "in the title or the text of {key}, write the key of the ticket that is meant instead of {text}",
        "dans le titre ou le texte de {key}, écrivez la clé du ticket voulu au lieu de {text}",
    ),
    "break.dangling.override": (
        "{key} was linked by hand to {text}, which is no goal any more",
        "{key} a été relié à la main à {text}, qui n’est plus un objectif",
    ),
    "fix.dangling.override": (
        'type: okrsync link {key} {right} --why "…"',
        'tapez : okrsync link {key} {right} --why "…"',
    ),
    "fix.dangling.override.unknown": (
        'link {key} to a configured goal: okrsync link {key} {example} --why "…"',
        'reliez {key} à un objectif configuré : okrsync link {key} {example} --why "…"',
    ),
    "dead.over": (
        "{goal} ({title}) ended on {day}",
        "{goal} ({title}) a pris fin le {day}",
    ),
    "dead.dropped": ("{goal} ({title}) was dropped", "{goal} ({title}) a été abandonné"),
    "dead.closed": ("{goal} ({title}) is closed", "{goal} ({title}) est clos"),
    "fix.dead.label": (
        "on {key}, replace the label {text} by that of a goal that is open ({example}); or close the work",
        "sur {key}, remplacez l’étiquette {text} par celle d’un objectif ouvert ({example}) ; ou fermez le travail",
    ),
    "fix.dead.field": (
        "on {key}, set the field {field} to a goal that is open ({example}); or close the work",
        "sur {key}, mettez dans le champ {field} un objectif ouvert ({example}) ; ou fermez le travail",
    ),
    "fix.dead.container": (
        "in the configuration, move {container} from the epics of {goal} to those of a key result that is open; or "
        "close the work of {key}",
        "dans la configuration, déplacez {container} des epics de {goal} vers ceux d’un résultat clé ouvert ; ou "
        "fermez le travail de {key}",
    ),
    "fix.dead.member": (
        "in the configuration, move {container} from the containers of {goal} to those of a key result that is open; "
        "or close the work of {key}",
        "dans la configuration, déplacez {container} des conteneurs de {goal} vers ceux d’un résultat clé ouvert ; ou "
        "fermez le travail de {key}",
    ),
    "fix.dead.trailer": (
        "in the text of {key}, name a goal that is open ({example}) instead of {goal}; or close the work",
        "dans le texte de {key}, citez au lieu de {goal} un objectif ouvert ({example}) ; ou fermez le travail",
    ),
    "fix.dead.override": (
        'type: okrsync link {key} {example} --why "…", with a goal that is open; or close the work',
        'tapez : okrsync link {key} {example} --why "…", avec un objectif ouvert ; ou fermez le travail',
    ),
    "fix.no_goal": (
        "no configured goal is open: add [[objectives]] to okrsync.toml, then link {key} to one of them",
        "aucun objectif configuré n’est ouvert : ajoutez des [[objectives]] à okrsync.toml, puis reliez-y {key}",
    ),
}

_GAPS: dict[str, tuple[str, str]] = {
    "gap.linked_across_cycles": (
        "open items that serve {early} and {late} at once, of which one ends before the other begins: {count} ({keys})",
        "éléments ouverts qui servent à la fois {early} et {late}, dont l’un finit avant que l’autre commence : "
        "{count} ({keys})",
    ),
    "fix.linked_across_cycles": (
        "take the label, the field or the epic of {wrong} away, so that they count for {kept} alone",
        "retirez l’étiquette, le champ ou l’epic de {wrong}, pour qu’ils ne comptent que pour {kept}",
    ),
    "gap.dead_goal.over": (
        "open items that lead to {subject}: {count}, though {goal} ({title}) ended on {day}",
        "éléments ouverts qui mènent à {subject} : {count}, alors que {goal} ({title}) a pris fin le {day}",
    ),
    "gap.dead_goal.dropped": (
        "open items that lead to {subject}: {count}, though {goal} ({title}) was dropped",
        "éléments ouverts qui mènent à {subject} : {count}, alors que {goal} ({title}) a été abandonné",
    ),
    "gap.dead_goal.closed": (
        "open items that lead to {subject}: {count}, though {goal} ({title}) is closed",
        "éléments ouverts qui mènent à {subject} : {count}, alors que {goal} ({title}) est clos",
    ),
    "fix.dead_goal": (
        "close this work, or link it to a goal that is open; if {goal} goes on, give it a new state or end date in the "
        "configuration",
        "fermez ce travail ou reliez-le à un objectif ouvert ; si {goal} continue, changez son état ou sa date de fin "
        "dans la configuration",
    ),
    "gap.dangling.label": (
        "the label {text} names no goal; it stands on {keys}",
        "l’étiquette {text} ne désigne aucun objectif ; elle figure sur {keys}",
    ),
    "gap.dangling.field": (
        "the field {field} holds {text}, which names no goal, on {keys}",
        "le champ {field} contient {text}, qui ne désigne aucun objectif, sur {keys}",
    ),
    "gap.dangling.override": (
        "linked by hand to {text}, which is no goal any more: {keys}",
        "reliés à la main à {text}, qui n’est plus un objectif : {keys}",
    ),
    "gap.dangling.trailer": (
        "the text says that it serves {text}, which names no goal: {keys}",
        "le texte dit servir {text}, qui ne désigne aucun objectif : {keys}",
    ),
    "gap.dangling.key": (
        "keys of {project} that no item has: {count} ({keys}); pull requests and commits that name them: {naming}",
        "clés de {project} qui ne désignent aucun élément : {count} ({keys}) ; demandes de fusion et commits qui les "
        "citent : {naming}",
    ),
    "fix.dangling_key": (
        "correct them where a text can still be edited (pull requests); if items of {project} were deleted, or if "
        "okrsync may not read all of them, nothing is wrong in the texts",
        "corrigez-les là où un texte peut encore l’être (demandes de fusion) ; si des éléments de {project} ont été "
        "supprimés ou ne sont pas tous visibles pour okrsync, les textes n’ont rien de faux",
    ),
    "gap.label_twins": (
        "one label in several spellings: {labels}; on {keys}",
        "une même étiquette sous plusieurs graphies : {labels} ; sur {keys}",
    ),
    "fix.label_twins": (
        "keep one spelling, such as {label}: in the tool these are different labels, which filters do not join",
        "gardez une seule graphie, par exemple {label} : pour l’outil, ce sont des étiquettes différentes, "
        "que les filtres ne réunissent pas",
    ),
    "gap.parent_cycle": (
        "the parents run in a circle of {count}: {circle}",
        "les parents tournent en rond (boucle de {count}) : {circle}",
    ),
    "gap.duplicate_key": (
        "the key {key} stands for different items in {sources}",
        "la clé {key} désigne des éléments différents dans {sources}",
    ),
    "fix.duplicate_key": (
        "nothing is wrong in the tools: write the source before the key, such as {example}, in the configuration and "
        "in commands",
        "rien n’est faux dans les outils : écrivez la source devant la clé, par exemple {example}, dans la "
        "configuration et les commandes",
    ),
}

CATALOG: dict[str, tuple[str, str]] = {**_EVIDENCE, **_INHERITED, **_BREAKS, **_GAPS}
