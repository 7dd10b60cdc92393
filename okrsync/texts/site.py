"""What stands around every page of the dashboard."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "site.skip": ("Skip to the content", "Aller au contenu"),
    "site.navigation": ("Pages", "Pages"),
    "site.overview": ("Overview", "Vue d’ensemble"),
    "site.orphans": ("Orphans", "Orphelins"),
    "site.backlog": ("Backlog", "Backlog"),
    "site.teams": ("Teams", "Équipes"),
    "site.gaps": ("Gaps", "Ruptures"),
    "site.sources": ("Sources", "Sources"),
    "site.runs": ("Runs", "Écritures"),
    "site.trace": ("Trace", "Fil"),
    "site.find": ("Trace a ticket, a pull request or a commit", "Suivre un ticket, une demande de fusion ou un commit"),
    "site.find.hint": ("SHOP-12, web address, sha", "SHOP-12, adresse web, sha"),
    "site.find.go": ("Trace", "Suivre"),
    "site.open": ("{key} in its tool", "{key} dans son outil"),
    "site.pages": ("Pages of this list", "Pages de cette liste"),
    "site.previous": ("Previous", "Précédents"),
    "site.next": ("Next", "Suivants"),
    "site.shown": ("{first} to {last} of {count}", "{first} à {last} sur {count}"),
    "site.exports": ("Take along:", "Emporter :"),
    "site.older": (
        "Newer figures are being worked out; these are a little older.",
        "De nouveaux chiffres sont en cours de calcul ; ceux-ci sont un peu plus anciens.",
    ),
    "site.older.now": ("Show the newer ones", "Afficher les nouveaux"),
    "site.first": ("What to do first", "Pour commencer"),
    "site.first.goals": (
        "No objective is configured yet. Add [[objectives]] and [[objectives.key_results]] to {file}, then type:",
        "Aucun objectif n’est encore configuré. Ajoutez des [[objectives]] et des [[objectives.key_results]] à {file}, "
        "puis tapez :",
    ),
    "site.first.sync": (
        "No tool has been read in full yet. The daemon does it by itself; to watch it, type where it does not run:",
        "Aucun outil n’a encore été lu en entier. Le démon s’en charge ; pour suivre la lecture, tapez, là où il ne "
        "tourne pas :",
    ),
    "site.fault.404": ("This is not here", "Introuvable"),
    "site.fault.422": ("This address cannot be read", "Cette adresse ne peut pas être lue"),
    "site.fault.503": (
        "okrsync cannot answer at the moment",
        "okrsync ne peut pas répondre pour le moment",
    ),
    "site.fault.other": ("This page cannot be shown", "Cette page ne peut pas être affichée"),
    "site.fault.status": ("HTTP {status}", "HTTP {status}"),
    "site.fault.home": ("To the overview", "Vers la vue d’ensemble"),
    "site.fault.page": ("The page as it is by itself", "La page sans ces paramètres"),
    "site.bare.401": (
        "This okrsync asks for its token: give any user name, and the token as the password. Whoever runs okrsync "
        "knows it ([server] token).",
        "Cet okrsync demande son jeton : donnez un nom d’utilisateur quelconque, et le jeton comme mot de passe. La "
        "personne qui exploite okrsync le connaît ([server] token).",
    ),
    "site.bare.405": ("Pages are only read here.", "Ici, les pages se consultent seulement."),
    "site.bare.421": (
        "okrsync does not answer to this name. Whoever runs it adds the name to [server] hosts.",
        "okrsync ne répond pas à ce nom. La personne qui l’exploite ajoute ce nom à [server] hosts.",
    ),
    "site.bare.other": ("This request cannot be answered.", "Cette requête ne peut pas recevoir de réponse."),
    "site.unfit.unknown": (
        "“{name}” is nothing that this page can be asked. It takes: {known}.",
        "« {name} » n’est pas un paramètre de cette page. Elle accepte : {known}.",
    ),
    "site.unfit.nothing": (
        "“{name}” is nothing that this page can be asked. It takes nothing.",
        "« {name} » n’est pas un paramètre de cette page. Elle n’en accepte aucun.",
    ),
    "site.unfit.whole": (
        "{name} is a whole number; “{given}” is none. Type for example: {name}=50.",
        "{name} est un nombre entier, ce que « {given} » n’est pas. Tapez par exemple : {name}=50.",
    ),
    "site.unfit.number": (
        "{name} is a number; “{given}” is none. Type for example: {name}=2.5.",
        "{name} est un nombre, ce que « {given} » n’est pas. Tapez par exemple : {name}=2.5.",
    ),
    "site.unfit.bool": (
        "{name} is yes or no; “{given}” is neither. Type {name}=true or {name}=false.",
        "{name} vaut oui ou non, ce que « {given} » n’est pas. Tapez {name}=true ou {name}=false.",
    ),
    "site.unfit.day": (
        "{name} is a day; “{given}” is none. Type for example: {name}=2026-11-02.",
        "{name} est un jour, ce que « {given} » n’est pas. Tapez par exemple : {name}=2026-11-02.",
    ),
    "site.unfit.least": (
        "{name} is {limit} at least, not {given}.",
        "{name} vaut {limit} au moins, et non {given}.",
    ),
    "site.unfit.most": (
        "{name} is {limit} at most, not {given}.",
        "{name} vaut {limit} au plus, et non {given}.",
    ),
    "site.unfit.long": (
        "{name} has {limit} characters at most; this one is longer: “{given}”.",
        "{name} compte {limit} caractères au plus ; celui-ci est plus long : « {given} ».",
    ),
    "site.unfit.one_of": (
        "{name} is one of {known}, not “{given}”.",
        "{name} vaut {known}, et non « {given} ».",
    ),
    "site.unfit.missing": (
        "{name} is missing. Type it behind the address: ?{name}=…",
        "Il manque {name}. Ajoutez-le à l’adresse : ?{name}=…",
    ),
    "site.unfit.other": (
        "{name} cannot be read: “{given}” ({why}).",
        "{name} ne peut pas être lu : « {given} » ({why}).",
    ),
}
