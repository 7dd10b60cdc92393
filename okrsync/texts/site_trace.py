"""The words of the page that follows one item to the goals."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── what names no item
    "site.trace.about": (
        "Paste a ticket, a pull request or a commit, and see the thread that leads from it to the strategy: every hop, "
        "why it holds, and since when. Where the thread breaks, see where, and what mends it.",
        "Collez un ticket, une demande de fusion ou un commit, et voyez le fil qui mène de là à la stratégie : chaque "
        "maille, pourquoi elle tient, et depuis quand. Là où le fil se rompt, voyez où, et ce qui le répare.",
    ),
    "site.trace.field": ("A key, an address or a commit", "Une clé, une adresse ou un commit"),
    "site.trace.examples": ("For example", "Par exemple"),
    "site.trace.several": (
        "“{text}” is the name of {count} items. Which one is meant?",
        "« {text} » désigne {count} éléments. Lequel est visé ?",
    ),
    "site.trace.goal": (
        "“{text}” is a goal and no item. What serves it stands on its page:",
        "« {text} » est un objectif, et non un élément. Ce qui le sert figure sur sa page :",
    ),
    "site.trace.nothing": (
        "“{text}” is not known, for nothing was read yet.",
        "« {text} » n’est pas connu, car rien n’a encore été lu.",
    ),
    "site.trace.unknown": ("No item “{text}” is known here.", "Aucun élément « {text} » n’est connu ici."),
    "site.trace.unknown.meant": (
        "No item “{text}” is known here. Did you mean one of these?",
        "Aucun élément « {text} » n’est connu ici. Vouliez-vous dire l’un de ceux-ci ?",
    ),
    "site.trace.forms": (
        "An item goes by its key (SHOP-12, acme/shop#7, the id of an Asana task), by SOURCE:KEY, by its address, or by "
        "the first seven digits or more of a commit’s sha.",
        "Un élément se désigne par sa clé (SHOP-12, acme/shop#7, l’id d’une tâche Asana), par SOURCE:CLÉ, par son "
        "adresse, ou par au moins les sept premiers caractères du sha d’un commit.",
    ),
    # ── an item
    "site.trace.kind.ticket": ("ticket", "ticket"),
    "site.trace.kind.pull_request": ("pull request", "demande de fusion"),
    "site.trace.kind.commit": ("commit", "commit"),
    "site.trace.kind.key_result": ("key result", "résultat clé"),
    "site.trace.kind.objective": ("objective", "objectif"),
    "site.trace.context": (
        "outside the configured scope: it leads others upwards, and is not judged itself",
        "hors du périmètre configuré : il en relie d’autres vers le haut, et n’est pas jugé lui-même",
    ),
    "site.trace.open": ("Open in {source}", "Ouvrir dans {source}"),
    "site.trace.by": ("by {rule}: {evidence}", "par {rule} : {evidence}"),
    "site.trace.exempt": ("It needs no objective", "Il ne demande aucun objectif"),
    "site.trace.nowhere": ("No link is known.", "Aucun lien n’est connu."),
    # ── a break
    "site.trace.break": ("Here the thread breaks", "Ici, le fil se rompt"),
    "site.trace.breaks": ("Where the thread breaks", "Où le fil se rompt"),
    "site.trace.doubt": ("What is unsettled", "Ce qui reste à régler"),
    "site.trace.mend": ("The cheapest mend", "La réparation la moins coûteuse"),
    "site.trace.type": ("Or type:", "Ou tapez :"),
    "site.trace.choice": ("Goals that take work", "Objectifs ouverts"),
    "site.trace.choice.served": (
        "Goals that others of its project serve",
        "Objectifs que d’autres éléments de son projet servent",
    ),
    "site.trace.serving": ("{count:# item|# items}", "{count:# élément|# éléments}"),
    "site.trace.likely": ("Likely parent: {candidate}", "Parent probable : {candidate}"),
    "site.trace.likely.none": (
        "No parent is sure enough to be named.",
        "Aucun parent n’est assez sûr pour être cité.",
    ),
    # ── beside it
    "site.trace.beside": ("What did not decide", "Ce qui n’a pas décidé"),
    "site.trace.written": ("What okrsync wrote on it", "Ce qu’okrsync y a écrit"),
    "site.trace.where": ("where", "où"),
    "site.trace.state": ("outcome", "issue"),
    "site.trace.at": ("when", "quand"),
    "site.trace.run": ("run", "exécution"),
    "site.trace.why": ("why", "pourquoi"),
}
