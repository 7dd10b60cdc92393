"""The words of a roll-out: gates, waves, plan against actual, and pruning."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── gates
    "sheet.title.gate": ("Gates of the roll-out", "Jalons du déploiement"),
    "sheet.value_word": ("measured", "mesuré"),
    "sheet.bound_word": ("asked for", "exigé"),
    "sheet.n": ("n", "n"),
    "sheet.told": ("on what", "sur quoi"),
    "gate.verdict.passed": ("passed", "franchi"),
    "gate.verdict.failed": ("failed", "non franchi"),
    "gate.verdict.no_data": ("no data: failed", "sans données : non franchi"),
    "gate.all_passed": ("Passed: {count} of {count}.", "Franchis : {count} sur {count}."),
    "gate.some_failed": (
        "Not passed: {failed} of {count} ({names}). The next wave waits.",
        "Non franchis : {failed} sur {count} ({names}). La vague suivante attend.",
    ),
    "gate.measure.coverage.effort": ("coverage of effort", "couverture de l’effort"),
    "gate.measure.coverage.items": ("coverage of items", "couverture des éléments"),
    "gate.measure.sync_success": ("syncs that succeed", "synchronisations réussies"),
    "gate.measure.false_links": ("false links", "liens faux"),
    "gate.measure.reverted_writes": ("reverted writes", "écritures annulées"),
    "gate.of_team": ("team {name}", "équipe {name}"),
    "gate.of_source": ("source {name}", "source {name}"),
    "gate.of_sample": ("sample {name}", "échantillon {name}"),
    "gate.window": ("last {days} d", "{days} derniers jours"),
    "gate.at_least": ("at least {threshold}", "au moins {threshold}"),
    "gate.at_most": ("at most {threshold}", "au plus {threshold}"),
    "gate.measured": ("{value}, asked for: {bound}. {told}", "{value}, exigé : {bound}. {told}"),
    "gate.sampled": (
        "{value} (95% interval: {low} to {high}), asked for: {bound}. {told}",
        "{value} (intervalle à 95 % : de {low} à {high}), exigé : {bound}. {told}",
    ),
    "gate.unmeasured": ("Asked for: {bound}. {told}", "Exigé : {bound}. {told}"),
    "gate.told.coverage.effort": (
        "Effort units that reach an objective or are exempt: {part} of {whole} (tickets: {count}).",
        "Unités d’effort qui mènent à un objectif ou sont exemptées : {part} sur {whole} (tickets : {count}).",
    ),
    "gate.told.coverage.items": (
        "Items that reach an objective or are exempt: {part} of {whole}.",
        "Éléments qui mènent à un objectif ou sont exemptés : {part} sur {whole}.",
    ),
    "gate.told.sync_success": (
        "Cycles that ended well: {part} of {whole}.",
        "Cycles bien terminés : {part} sur {whole}.",
    ),
    "gate.told.false_links": (
        "Wrong links: {part} of {whole}; items of the sample that were judged: {items} of {of}; links that are missing "
        "beside: {missed}.",
        "Liens faux : {part} sur {whole} ; éléments de l’échantillon jugés : {items} sur {of} ; liens manquants par "
        "ailleurs : {missed}.",
    ),
    "gate.told.reverted_writes": (
        "Writes that did not stay: {part} of {whole}.",
        "Écritures non maintenues : {part} sur {whole}.",
    ),
    "gate.nothing.coverage": (
        "No work in this window: nothing was completed or is in progress.",
        "Aucun travail dans cette période : rien n’a été terminé ni n’est en cours.",
    ),
    "gate.nothing.sync_success": (
        "No cycle in this window.",
        "Aucun cycle dans cette période.",
    ),
    "gate.nothing.false_links": (
        "okrsync links none of the items of the sample.",
        "okrsync ne relie aucun des éléments de l’échantillon.",
    ),
    "gate.nothing.reverted_writes": (
        "Nothing was written in this window.",
        "Rien n’a été écrit dans cette période.",
    ),
    "gate.too_few": (
        "Too few observations to tell: {count} of at least {fewest}.",
        "Trop peu d’observations pour conclure : {count} sur {fewest} au moins.",
    ),
    "gate.cycles": (
        "{source}: cycles that did not end well: {part} of {whole}",
        "{source} : cycles mal terminés : {part} sur {whole}",
    ),
    "gate.wrong": (
        "wrong ({count}; expected in brackets): {names}",
        "faux ({count} ; attendu entre parenthèses) : {names}",
    ),
    "gate.missed": ("missing ({count}): {names}", "manquants ({count}) : {names}"),
    "gate.left_out": ("left out ({count}): {names}", "laissés de côté ({count}) : {names}"),
    "gate.reversals": ("not kept ({count}): {names}", "non maintenues ({count}) : {names}"),
    "gate.none": ("none", "aucun"),
    "gate.how.undone": ("undone", "annulée par undo"),
    "gate.how.changed": ("changed in the tool", "modifiée dans l’outil"),
    "gate.left_out.not_found": ("not stored", "non enregistré"),
    "gate.left_out.ambiguous": ("names several items", "désigne plusieurs éléments"),
    "gate.left_out.not_judged": ("outside the configured scope", "hors du périmètre configuré"),
    # ── waves
    "sheet.title.waves": ("Coverage: the pilot against the rest", "Couverture : le pilote face au reste"),
    "sheet.week": ("week", "semaine"),
    "sheet.week_word": ("week", "semaine"),
    "waves.running": ("{week} (so far)", "{week} (en cours)"),
    "sheet.difference_word": ("difference", "écart"),
    "sheet.pilot_word": ("pilot", "pilote"),
    "sheet.rest_word": ("the rest", "le reste"),
    "waves.sentence": (
        "Pilot ({pilot}): {begin} of effort reached an objective or was exempt in {first}, {end} in {last}; "
        "the rest went from {rest_begin} to {rest_end}.",
        "Pilote ({pilot}) : {begin} de l’effort menait à un objectif ou était exempté en {first}, {end} en {last} ; "
        "le reste est passé de {rest_begin} à {rest_end}.",
    ),
    "waves.alone": (
        "Pilot ({pilot}): {begin} of effort reached an objective or was exempt in {first}, {end} in {last}; "
        "nobody else worked.",
        "Pilote ({pilot}) : {begin} de l’effort menait à un objectif ou était exempté en {first}, {end} en {last} ; "
        "aucun autre travail.",
    ),
    "waves.no_effort": (
        "Pilot ({pilot}): nothing was completed or in progress in these weeks.",
        "Pilote ({pilot}) : rien n’a été terminé ni n’était en cours pendant ces semaines.",
    ),
    "waves.note": (
        "Coverage: the share of effort that reached an objective or was exempt, with the links of the week's end. "
        "The difference is in percent points.",
        "Couverture : la part de l’effort qui menait à un objectif ou était exemptée, avec les liens de la fin de la "
        "semaine. L’écart est en points de pourcentage.",
    ),
    # ── planned against actual
    "sheet.title.planned": ("Planned against actual", "Prévu et réalisé"),
    "sheet.planned_word": ("planned", "prévu"),
    "sheet.actual_word": ("actual", "réalisé"),
    "sheet.before_word": ("4 weeks ago", "il y a 4 semaines"),
    "planned.nothing": (
        "No key result has begun.",
        "Aucun résultat clé n’a commencé.",
    ),
    "planned.note": (
        "The difference is in percent points: what was reached less what the plan expects by now.",
        "L’écart est en points de pourcentage : le réalisé moins ce que le plan prévoit à ce jour.",
    ),
    # ── pruning
    "sheet.title.prune": ("Key results to keep", "Résultats clés à garder"),
    "sheet.keep": ("keep", "garder"),
    "sheet.score": ("points", "points"),
    "prune.ranked": (
        "Drafts: {count}, ranked beside {standing} approved key results.",
        "Brouillons : {count}, classés face à {standing} résultats clés approuvés.",
    ),
    "prune.ranked_all": ("Key results, drafts or not: {count}.", "Résultats clés, brouillons ou non : {count}."),
    "prune.proposal": (
        "Proposed to keep: the first {keep}, which hold {share} of the effort that is linked to all of them.",
        "Proposition : garder les {keep} premiers, qui portent {share} de l’effort relié à l’ensemble.",
    ),
    "prune.line": ("── proposed to drop: {count} ──", "── à abandonner, selon cette proposition : {count} ──"),
    "prune.next": (
        "What dropping the rest ({count}) would orphan, item by item:",
        "Ce que l’abandon des autres ({count}) rendrait orphelin, élément par élément :",
    ),
    "prune.nothing": (
        'No key result is a draft (state = "draft"); --all ranks the approved ones.',
        'Aucun résultat clé n’est un brouillon (state = "draft") ; --all classe ceux qui sont approuvés.',
    ),
    "prune.points": ("{score} points", "{score} points"),
    "prune.between": ("; ", " ; "),
    "prune.sentence": ("{told}.", "{told}."),
    "prune.effort": (
        "{effort} effort units are linked to it, more than to {ahead} of the others",
        "{effort} unités d’effort lui sont reliées, plus qu’à {ahead} des autres",
    ),
    "prune.effort.most": (
        "{effort} effort units are linked to it, more than to any other",
        "{effort} unités d’effort lui sont reliées, plus qu’à tout autre",
    ),
    "prune.effort.least": (
        "{effort} effort units are linked to it, and to none fewer",
        "{effort} unités d’effort lui sont reliées, et à aucun autre moins",
    ),
    "prune.value": (
        "it is measured by its value, and no work is linked to it",
        "il est mesuré par sa valeur, sans travail relié",
    ),
    "prune.no_work": (
        "no work is linked to it, so nothing measures it",
        "aucun travail ne lui est relié, donc rien ne le mesure",
    ),
    "prune.shared": (
        "{shared} of its {items} items serve others already, most of them {other}",
        "{shared} de ses {items} éléments en servent déjà d’autres, surtout {other}",
    ),
    "prune.all_shared": (
        "all of its {items} items serve others already, most of them {other}",
        "ses {items} éléments en servent tous déjà d’autres, surtout {other}",
    ),
    "prune.twin": ("it says nearly what {other} says", "son énoncé est presque celui de {other}"),
    "prune.lacks": ("missing: {what}", "il manque : {what}"),
    "prune.whole": ("owner, measure and due date are there", "responsable, mesure et échéance sont renseignés"),
    "prune.lack.owner": ("an owner", "un responsable"),
    "prune.lack.baseline": ("a baseline", "une valeur de départ"),
    "prune.lack.due_date": ("a due date", "une échéance"),
    # ── dropping
    "sheet.title.drop": ("What dropping would do", "Ce que l’abandon ferait"),
    "sheet.open": ("open", "ouverts"),
    "sheet.points": ("points", "points"),
    "sheet.elsewhere": ("keep other goals", "gardent d’autres objectifs"),
    "sheet.keys": ("items that it orphans", "éléments rendus orphelins"),
    "sheet.file": ("file", "fichier"),
    "drop.orphans.none": (
        "No item would become an orphan.",
        "Aucun élément ne deviendrait orphelin.",
    ),
    "drop.orphans.one": (
        "1 item would become an orphan (open: {open}).",
        "1 élément deviendrait orphelin (ouvert : {open}).",
    ),
    "drop.orphans.many": (
        "{items} items would become orphans (open: {open}).",
        "{items} éléments deviendraient orphelins (ouverts : {open}).",
    ),
    "drop.left_out": ("Not tried alone.", "Non essayé seul."),
    "drop.moved": (
        "Items that serve other goals too, and stay linked: {items}.",
        "Éléments qui servent aussi d’autres objectifs et restent reliés : {items}.",
    ),
    "drop.write": (
        'To drop it, write in {file}, below id = "{id}":',
        'Pour l’abandonner, écrire dans {file}, sous id = "{id}" :',
    ),
    "drop.together": ("All together: {told}", "Tous ensemble : {told}"),
    "drop.nothing_written": (
        "Nothing was written: the link job was run without them and undone.",
        "Rien n’a été écrit : la liaison a été calculée sans eux, puis annulée.",
    ),
}
