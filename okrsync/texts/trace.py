"""The words of ``trace``: why each step leads to the next, why a rule lost, and what to click to mend a chain."""

from __future__ import annotations

# One step of a path: the fact that it stands on.
_STEPS: dict[str, tuple[str, str]] = {
    "why.parent": ("{key} lies under {above}", "{key} se trouve sous {above}"),
    "why.named.title": ("{key} names {named} in its title", "{key} cite {named} dans son titre"),
    "why.named.title.as": (
        "{key} names {named} in its title: “{said}”",
        "{key} cite {named} dans son titre : « {said} »",
    ),
    "why.named.body": ("{key} names {named} in its text", "{key} cite {named} dans son texte"),
    "why.named.body.as": (
        "{key} names {named} in its text: “{said}”",
        "{key} cite {named} dans son texte : « {said} »",
    ),
    "why.named.branch": (
        "{key} comes from a branch that names {named}",
        "{key} vient d’une branche qui cite {named}",
    ),
    "why.named.branch.as": (
        "{key} comes from a branch that names {named}: “{said}”",
        "{key} vient d’une branche qui cite {named} : « {said} »",
    ),
    "why.named.message": ("{key} names {named} in its message", "{key} cite {named} dans son message"),
    "why.named.message.as": (
        "{key} names {named} in its message: “{said}”",
        "{key} cite {named} dans son message : « {said} »",
    ),
    "why.closes": ("{key} closes {named}, as its tool says", "{key} ferme {named}, d’après son outil"),
    "why.merged": (
        "{key} is what {named} became when it was merged",
        "{key} est issu de la fusion de {named}",
    ),
    "why.reverts": ("{key} reverts {named}: “{said}”", "{key} annule {named} : « {said} »"),
    "why.override": (
        "{key} was linked by {by} on {day}: {why}",
        "{key} a été relié par {by} le {day} : {why}",
    ),
    "why.label": ("{key} carries the label {label}", "{key} porte l’étiquette {label}"),
    "why.field": (
        "the field {field} of {key} is set to {value}",
        "le champ {field} de {key} contient {value}",
    ),
    "why.container": (
        "{goal} names {container} in its epics",
        "{goal} cite {container} parmi ses epics",
    ),
    "why.container.alias": (
        "{goal} names {container}, the former key of {key}, in its epics",
        "{goal} cite {container}, l’ancienne clé de {key}, parmi ses epics",
    ),
    "why.container.member": (
        "{key} belongs to {container}, which {goal} names in its containers",
        "{key} fait partie de {container}, que {goal} cite parmi ses conteneurs",
    ),
    "why.trailer": ("{key} says it in its text: “{text}”", "{key} le dit dans son texte : « {text} »"),
    "why.belongs": ("{key} belongs to {above}", "{key} relève de {above}"),
    "why.contributes": ("{key} contributes to {above}", "{key} contribue à {above}"),
    "why.supports": ("{key} supports {above}", "{key} soutient {above}"),
}

# Why what a rule found did not decide; what it would have given stands before it.
_LOST: dict[str, tuple[str, str]] = {
    "lost.goal": ("{rule} would give {target} ({because})", "{rule} donnerait {target} ({because})"),
    "lost.exempt": ("{rule} would exempt it ({because})", "{rule} l’exempterait ({because})"),
    "lost.rank": ("{winner} ranks higher", "{winner} passe avant"),
    "lost.first": (
        'of several only the first counts (conflict = "first")',
        'seul le premier compte (conflict = "first")',
    ),
    "lost.link": ("a link beats an exemption", "un lien l’emporte sur une exemption"),
    "rule.override": ("a word given by hand", "un choix fait à la main"),
    "rule.label": ("a label", "une étiquette"),
    "rule.field": ("a field", "un champ"),
    "rule.container": ("the configuration", "la configuration"),
    "rule.trailer": ("a line of the text", "une ligne du texte"),
    "rule.exempt": ("an exemption", "une exemption"),
    "rule.parent": ("the parent", "le parent"),
    "rule.reference": ("what it names", "ce qui est cité"),
    "rule.revert": ("what it reverts", "ce qui est annulé"),
}

# What to open, click and type. GitHub speaks English in every country.
_CLICKS: dict[str, tuple[str, str]] = {
    "click.open": ("open {url}", "ouvrez {url}"),
    "click.label.jira": (
        "in the field Labels (Details, on the right), type {wanted} and press Enter",
        "dans le champ Étiquettes (Détails, à droite), saisissez {wanted} puis Entrée",
    ),
    "click.label.github": (
        "in the right column, click Labels, type {wanted} and choose it; where it does not exist yet, choose “Create "
        "new label”",
        "dans la colonne de droite, cliquez sur « Labels », saisissez {wanted} et choisissez-le ; s’il n’existe pas "
        "encore, choisissez « Create new label »",
    ),
    "click.label.asana": (
        "click ⋯ at the top right, then Add tags (or press Tab+T), type {wanted} and press Enter",
        "cliquez sur ⋯ en haut à droite, puis Ajouter des tags (ou Tab+T), saisissez {wanted} puis Entrée",
    ),
    "click.label.other": ("add the label {wanted}", "ajoutez l’étiquette {wanted}"),
    "click.relabel.jira": (
        "in the field Labels (Details, on the right), remove {goal_text} with its ×, type {wanted} and press Enter",
        "dans le champ Étiquettes (Détails, à droite), retirez {goal_text} par sa croix, saisissez {wanted} puis "
        "Entrée",
    ),
    "click.relabel.github": (
        "in the right column, click Labels, take the tick off {goal_text}, type {wanted} and choose it; where it does "
        "not exist yet, choose “Create new label”",
        "dans la colonne de droite, cliquez sur « Labels », décochez {goal_text}, saisissez {wanted} et choisissez-le "
        "(ou « Create new label », s’il n’existe pas encore)",
    ),
    "click.relabel.asana": (
        "remove the tag {goal_text} with its ×, then click ⋯ at the top right, Add tags (or press Tab+T), type "
        "{wanted} and press Enter",
        "retirez le tag {goal_text} par sa croix, puis cliquez sur ⋯ en haut à droite, Ajouter des tags (ou Tab+T), "
        "saisissez {wanted} puis Entrée",
    ),
    "click.relabel.other": (
        "remove the label {goal_text} and add {wanted}",
        "retirez l’étiquette {goal_text} et ajoutez {wanted}",
    ),
    "click.relabel.same.jira": (
        "in the field Labels (Details, on the right), remove the label with its ×, type {wanted} and press Enter",
        "dans le champ Étiquettes (Détails, à droite), retirez l’étiquette par sa croix, saisissez {wanted} puis "
        "Entrée",
    ),
    "click.relabel.same.github": (
        "in the right column, click Labels, take the tick off the label, type {wanted} and choose “Create new label”",
        "dans la colonne de droite, cliquez sur « Labels », décochez l’étiquette, saisissez {wanted} et choisissez "
        "« Create new label »",
    ),
    "click.relabel.same.asana": (
        "remove the tag with its ×, then click ⋯ at the top right, Add tags (or press Tab+T), type {wanted} and press "
        "Enter",
        "retirez le tag par sa croix, puis cliquez sur ⋯ en haut à droite, Ajouter des tags (ou Tab+T), saisissez "
        "{wanted} puis Entrée",
    ),
    "click.relabel.same.other": (
        "remove the label and type {wanted} anew",
        "retirez l’étiquette et saisissez de nouveau {wanted}",
    ),
    "click.field.jira": (
        "click the field {field} (Details, on the right) and set it to {wanted}",
        "cliquez sur le champ {field} (Détails, à droite) et choisissez {wanted}",
    ),
    "click.field.github": (
        "in the right column, under Projects, set {field} to {wanted}",
        "dans la colonne de droite, sous « Projects », mettez {field} à {wanted}",
    ),
    "click.field.asana": (
        "in the fields of the task, set {field} to {wanted}",
        "dans les champs de la tâche, mettez {field} à {wanted}",
    ),
    "click.field.other": ("set the field {field} to {wanted}", "mettez le champ {field} à {wanted}"),
    "click.text.add": (
        "or, instead of the label: click ⋯ above the description, then Edit, and name the ticket there, or add a line "
        "of its own: OKR: {goal}",
        "ou, au lieu de l’étiquette : cliquez sur ⋯ au-dessus de la description, puis « Edit », et citez-y le ticket, "
        "ou ajoutez une ligne à part : OKR: {goal}",
    ),
    "click.text.replace": (
        "click ⋯ above the description, then Edit, and write {wanted} instead of {goal_text}",
        "cliquez sur ⋯ au-dessus de la description, puis « Edit », et écrivez {wanted} au lieu de {goal_text}",
    ),
    "click.text.key": (
        "click ⋯ above the description, then Edit (for the title: Edit beside it), and write the right key instead "
        "of {goal_text}",
        "cliquez sur ⋯ au-dessus de la description, puis « Edit » (pour le titre : « Edit » à côté), et écrivez la "
        "bonne clé au lieu de {goal_text}",
    ),
    "click.text.address": (
        "click ⋯ above the description, then Edit, and write the address of the item that is meant instead of {parent}",
        "cliquez sur ⋯ au-dessus de la description, puis « Edit », et écrivez l’adresse de l’élément visé au lieu de "
        "{parent}",
    ),
    "click.parent.remove.jira": (
        "to open the circle, empty the field Parent (in Data Center: Epic Link, or More → Convert to issue)",
        "pour ouvrir la boucle, videz le champ Parent (dans Data Center : Lien d’epic, ou Plus → Convertir en demande)",
    ),
    "click.parent.remove.github": (
        "to open the circle, in the right column, under Relationships, remove the parent {parent}",
        "pour ouvrir la boucle, dans la colonne de droite, sous « Relationships », retirez le parent {parent}",
    ),
    "click.parent.remove.asana": (
        "to open the circle, drag it out of the subtasks of {parent} into a project",
        "pour ouvrir la boucle, glissez-la hors des sous-tâches de {parent}, dans un projet",
    ),
    "click.parent.remove.other": (
        "to open the circle, remove its parent {parent}",
        "pour ouvrir la boucle, retirez-lui son parent {parent}",
    ),
    "click.parent.choose.jira": (
        "in the field Parent (in Data Center: Epic Link), choose the parent again; or type the label of a goal in the "
        "field Labels",
        "dans le champ Parent (dans Data Center : Lien d’epic), choisissez de nouveau le parent ; ou saisissez "
        "l’étiquette d’un objectif dans le champ Étiquettes",
    ),
    "click.parent.choose.github": (
        "in the right column, under Relationships, choose the parent again; or add the label of a goal under Labels",
        "dans la colonne de droite, sous « Relationships », choisissez de nouveau le parent ; ou ajoutez l’étiquette "
        "d’un objectif sous « Labels »",
    ),
    "click.parent.choose.asana": (
        "move it under its parent again; or click ⋯ at the top right, Add tags, and type the tag of a goal",
        "replacez-la sous sa tâche parente ; ou cliquez sur ⋯ en haut à droite, Ajouter des tags, et saisissez celui "
        "d’un objectif",
    ),
    "click.parent.choose.other": (
        "choose its parent again, or add the label of a goal",
        "choisissez de nouveau son parent, ou ajoutez l’étiquette d’un objectif",
    ),
    "click.command": (
        'type: okrsync link {key} {wanted} --why "…"',
        'tapez : okrsync link {key} {wanted} --why "…"',
    ),
    "click.rights.jira": (
        "as an administrator of the project: Project settings → Permissions (or Access): give “Browse projects” to the "
        "account of source {account}; where the issue has a security level, add the account to it",
        "en tant qu’administrateur du projet : Paramètres du projet → Autorisations (ou Accès) : donnez « Parcourir "
        "les projets » au compte de la source {account} ; si la demande a un niveau de sécurité, ajoutez-y le compte",
    ),
    "click.rights.github": (
        "Settings → Developer settings → the token (or the app) of source {account}: add the repository, with read "
        "access to Contents, Issues and Pull requests",
        "« Settings » → « Developer settings » → le jeton (ou l’app) de la source {account} : ajoutez le dépôt, en "
        "lecture pour « Contents », « Issues » et « Pull requests »",
    ),
    "click.rights.asana": (
        "as somebody who sees it: open the task or its project, click Share, and invite the account of source "
        "{account}",
        "avec un compte qui la voit : ouvrez la tâche ou son projet, cliquez sur Partager, et invitez le compte de la "
        "source {account}",
    ),
    "click.rights.other": (
        "give the account of source {account} the right to read it",
        "donnez au compte de la source {account} le droit de le lire",
    ),
    "click.configuration.epics": (
        "in okrsync.toml, move {container} from the epics of {goal} to those of a key result that is open",
        "dans okrsync.toml, déplacez {container} des epics de {goal} vers ceux d’un résultat clé ouvert",
    ),
    "click.configuration.containers": (
        "in okrsync.toml, move {container} from the containers of {goal} to those of a key result that is open",
        "dans okrsync.toml, déplacez {container} des conteneurs de {goal} vers ceux d’un résultat clé ouvert",
    ),
    "click.configuration.repositories": (
        "in okrsync.toml, add the repository of {named} to the repositories of source {source}",
        "dans okrsync.toml, ajoutez le dépôt de {named} aux dépôts de la source {source}",
    ),
    "click.configuration.objectives": (
        "add [[objectives]] with an id and a title to okrsync.toml (okrsync init writes an example)",
        "ajoutez à okrsync.toml des [[objectives]] avec un id et un titre (okrsync init en écrit un exemple)",
    ),
}

_PAGE: dict[str, tuple[str, str]] = {
    "trace.serves": ("serves {target} since {day}", "sert {target} depuis le {day}"),
    "trace.step_since": ("{why}, since {day}", "{why}, depuis le {day}"),
    "trace.former": (
        "served {target} from {since} to {until}: {rule} ({via})",
        "a servi {target} du {since} au {until} : {rule} ({via})",
    ),
    "trace.former.plain": (
        "served {target} from {since} to {until}: {rule}",
        "a servi {target} du {since} au {until} : {rule}",
    ),
    "trace.former.day": ("served {target} on {since}: {rule} ({via})", "a servi {target} le {since} : {rule} ({via})"),
    "trace.former.day.plain": ("served {target} on {since}: {rule}", "a servi {target} le {since} : {rule}"),
    "trace.lost": ("did not count: {given}; {because}", "n’a pas compté : {given} ; {because}"),
    "trace.dangling": ("beside that, {why}: {fix}", "par ailleurs, {why} : {fix}"),
    "trace.gain": (
        "This one change links {count} items, this one among them ({kinds}; open: {open})",
        "Ce seul changement relie {count} éléments, dont celui-ci ({kinds} ; ouverts : {open})",
    ),
    "trace.gain.alone": (
        "This one change links this item alone",
        "Ce seul changement ne relie que cet élément",
    ),
    "trace.kind.ticket": ("tickets: {count}", "tickets : {count}"),
    "trace.kind.pull_request": ("pull requests: {count}", "demandes de fusion : {count}"),
    "trace.kind.commit": ("commits: {count}", "commits : {count}"),
    "trace.waiting": ("Items that wait for this: {count}", "Éléments qui attendent cela : {count}"),
    "trace.likely": (
        "Items below it that serve a goal: {count}, always {goal} ({title})",
        "Éléments en dessous qui servent un objectif : {count}, toujours {goal} ({title})",
    ),
    "trace.goals": ("Goals that take work:", "Objectifs à choisir :"),
    "trace.goals.served": (
        "Goals that others of its project serve:",
        "Objectifs que d’autres éléments de son projet servent :",
    ),
    "trace.goals.more": (
        "all {count} that take work: okrsync status",
        "les {count} objectifs ouverts : okrsync status",
    ),
}

CATALOG: dict[str, tuple[str, str]] = {**_STEPS, **_LOST, **_CLICKS, **_PAGE}
