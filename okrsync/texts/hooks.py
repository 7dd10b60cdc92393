"""The words of the listing of webhooks."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "sheet.title.hooks": ("Webhooks", "Webhooks"),
    "sheet.place": ("of", "objet"),
    "sheet.condition": ("state", "état"),
    "sheet.condition_word": ("state", "état"),
    "sheet.remote_id": ("id in the tool", "identifiant dans l’outil"),
    "hooks.none": ("No webhook.", "Aucun webhook."),
    "hooks.here": ("in place", "en place"),
    "hooks.failing": ("in place, last delivery failed", "en place, dernier envoi en échec"),
    "hooks.differs": ("to be renewed", "à renouveler"),
    "hooks.missing": ("missing", "absent"),
    "hooks.foreign": ("not made by okrsync", "non créé par okrsync"),
    "hooks.left": ("left behind", "superflu"),
    "hooks.refused": ("refused", "refusé"),
    "hooks.off": ("no webhook_secret", "sans webhook_secret"),
    "hooks.failed": ("failed", "en échec"),
    "hooks.made": ("made", "créé"),
    "hooks.renewed": ("renewed", "renouvelé"),
    "hooks.deleted": ("deleted", "supprimé"),
    "hooks.note.missing": (
        "Missing webhooks are made by: okrsync hooks create",
        "Pour créer les webhooks absents : okrsync hooks create",
    ),
    "hooks.note.differs": (
        "What another address, other events or another secret have is renewed by: okrsync hooks create",
        "Pour renouveler ceux dont l’adresse, les événements ou le secret ont changé : okrsync hooks create",
    ),
    "hooks.note.foreign": (
        "A webhook that sends here and was not made by okrsync is never deleted by it.",
        "Un webhook dirigé vers cette adresse mais non créé par okrsync n’est jamais supprimé par lui.",
    ),
    "hooks.note.left": (
        "What was left behind goes with: okrsync hooks delete",
        "Pour retirer les webhooks superflus : okrsync hooks delete",
    ),
    "hooks.note.off": (
        "A source takes webhooks once it has a webhook_secret.",
        "Une source n’accepte de webhooks qu’une fois dotée d’un webhook_secret.",
    ),
}
