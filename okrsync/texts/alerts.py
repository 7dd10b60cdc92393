"""The words of alerts: what is amiss, and how it ended."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    # ── the listing
    "sheet.title.alerts": ("Alerts", "Alertes"),
    "sheet.alert": ("alert", "alerte"),
    "sheet.alert_kind": ("what", "nature"),
    "sheet.since": ("since", "depuis"),
    "sheet.ended_at": ("over at", "levée le"),
    "sheet.end_told": ("how it ended", "comment"),
    "alert.kind.status": ("status", "statut"),
    "alert.kind.source": ("source", "source"),
    "alert.kind.token": ("token", "jeton"),
    "alert.kind.gate": ("gate", "jalon"),
    "alert.standing": (
        "{count:No alert stands.|One alert stands.|# alerts stand.}",
        "{count:Aucune alerte en cours.|Une alerte en cours.|# alertes en cours.}",
    ),
    "alert.none": ("No alert stands, and none is remembered.", "Aucune alerte en cours, ni en mémoire."),
    "alert.since": ("since {since}", "depuis le {since}"),
    "alert.ended": ("from {since} to {end}", "du {since} au {end}"),
    "alert.waits": (", not posted yet", ", pas encore envoyée"),
    # ── the message
    "alert.message": ("okrsync, {name}", "okrsync, {name}"),
    "alert.more": (
        "{count:one more: okrsync alerts --all|# more: okrsync alerts --all}",
        "{count:une autre : okrsync alerts --all|# autres : okrsync alerts --all}",
    ),
    "alert.details": ("details", "détails"),
    # ── what is amiss
    "alert.because": ("{told}: {why}", "{told} : {why}"),
    "alert.status": ("{goal} got worse, {was} → {now}", "{goal} se dégrade, {was} → {now}"),
    "alert.source.degraded": (
        "Source {source} has been unavailable since {at}",
        "La source {source} est indisponible depuis le {at}",
    ),
    "alert.source.auth_failed": (
        "Source {source} has refused our credentials since {at}",
        "La source {source} refuse nos identifiants depuis le {at}",
    ),
    "alert.source.unreachable": (
        "Source {source} has not let us read anything since {at}",
        "La source {source} n’autorise plus aucune lecture depuis le {at}",
    ),
    "alert.source.needs_confirmation": (
        "Source {source} has been waiting for a confirmation since {at}",
        "La source {source} attend une confirmation depuis le {at}",
    ),
    "alert.token": (
        "The token of source {source} expires on {day:day}; put a new one in its place before",
        "Le jeton de la source {source} expire le {day:day} ; le remplacer avant cette date",
    ),
    "alert.token.ended": (
        "The token of source {source} expired on {day:day}; put a new one in its place",
        "Le jeton de la source {source} a expiré le {day:day} ; le remplacer",
    ),
    "alert.gate": ("Gate {gate} does not hold. {measured}", "Jalon {gate} non franchi. {measured}"),
    # ── its end
    "alert.over.status": ("{goal} got better, {was} → {now}", "{goal} se redresse, {was} → {now}"),
    "alert.over.source": (
        "Source {source} is read again; it could not be since {at}",
        "La source {source} est lue à nouveau ; elle ne l’était plus depuis le {at}",
    ),
    "alert.over.token": (
        "The token of source {source} is good until {day:day}",
        "Le jeton de la source {source} est valable jusqu’au {day:day}",
    ),
    "alert.over.token.plain": (
        "The token of source {subject} is another one, and has no end that is known",
        "Le jeton de la source {subject} a été remplacé ; sa date de fin n’est pas connue",
    ),
    "alert.over.gate.plain": ("Gate {subject} holds again", "Jalon {subject} de nouveau franchi"),
    "alert.closed.status": (
        "{subject} is over, closed or dropped: how it does is no news any more",
        "{subject} est échu, clos ou abandonné : son statut n’est plus suivi",
    ),
    "alert.gone.status": (
        "{subject} is no goal of the configuration any more",
        "{subject} ne figure plus parmi les objectifs de la configuration",
    ),
    "alert.gone.source": (
        "Source {subject} is not configured any more",
        "La source {subject} ne figure plus dans la configuration",
    ),
    "alert.gone.token": (
        "Source {subject} is not configured any more",
        "La source {subject} ne figure plus dans la configuration",
    ),
    "alert.gone.gate": (
        "Gate {subject} is not configured any more",
        "Le jalon {subject} ne figure plus dans la configuration",
    ),
    "alert.muted.status": ("Alerts on statuses were switched off", "Les alertes sur les statuts ont été désactivées"),
    "alert.muted.source": ("Alerts on sources were switched off", "Les alertes sur les sources ont été désactivées"),
    "alert.muted.token": ("Alerts on tokens were switched off", "Les alertes sur les jetons ont été désactivées"),
    "alert.muted.gate": ("Alerts on gates were switched off", "Les alertes sur les jalons ont été désactivées"),
}
