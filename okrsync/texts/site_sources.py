"""The page of the sources: how they are, what they may do, what is left."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "site.sources.none": (
        "No source is configured yet. Add [[sources]] to okrsync.toml, then type: okrsync check-config --online",
        "Aucune source n’est configurée. Ajoutez des [[sources]] à okrsync.toml, puis tapez : "
        "okrsync check-config --online",
    ),
    "site.sources.well": (
        "{count:The source was read in full and in time.|All # sources were read in full and in time.}",
        "{count:La source a été lue en entier et à temps.|Les # sources ont été lues en entier et à temps.}",
    ),
    "site.sources.ill": (
        "{ill:One source needs|# sources need} a look: {names:list}.",
        "{ill:Une source est|# sources sont} à regarder : {names:list}.",
    ),
    "site.sources.items": (
        "{count:no item|one item|# items}",
        "{count:aucun élément|un élément|# éléments}",
    ),
    # ── alerts ──
    "site.sources.alerts": ("Open alerts", "Alertes en cours"),
    "site.sources.alerts.none": ("No alert stands.", "Aucune alerte en cours."),
    "site.sources.alerts.since": ("since {at}", "depuis le {at}"),
    # ── maintenance ──
    "site.sources.rests": (
        "Maintenance until {until}: nothing is read or written.",
        "Maintenance jusqu’au {until} : rien n’est lu ni écrit.",
    ),
    "site.sources.rests.why": (
        "Maintenance until {until} ({why}): nothing is read or written.",
        "Maintenance jusqu’au {until} ({why}) : rien n’est lu ni écrit.",
    ),
    "site.sources.maintenance": ("Planned maintenance", "Maintenances prévues"),
    "site.sources.maintenance.once": ("From {start} to {end}", "Du {start} au {end}"),
    "site.sources.maintenance.cron": (
        "By the timetable {cron}, for {lasts}",
        "Selon l’horaire {cron}, pendant {lasts}",
    ),
    # ── state ──
    "site.sources.state.ok": ("up to date", "à jour"),
    "site.sources.state.late": ("out of date", "pas à jour"),
    "site.sources.state.degraded": ("unavailable", "indisponible"),
    "site.sources.state.auth_failed": ("credentials refused", "identifiants refusés"),
    "site.sources.state.unreachable": ("may not be read", "lecture interdite"),
    "site.sources.state.needs_confirmation": ("waits for confirmation", "attend une confirmation"),
    "site.sources.state.never": ("never read", "jamais lue"),
    "site.sources.state.partial": ("not read in full", "lue en partie"),
    "site.sources.fix.late": (
        "See whether the daemon runs, or type: {command}",
        "Vérifiez que le démon tourne, ou tapez : {command}",
    ),
    "site.sources.fix.degraded": (
        "What was read is stored, and it is tried again by itself. To look into it, type: {command}",
        "Ce qui a été lu est conservé, et un nouvel essai aura lieu de lui-même. Pour en savoir plus, tapez : "
        "{command}",
    ),
    "site.sources.fix.auth_failed": (
        "Put a valid token in its place, then type: {command}",
        "Mettez un jeton valide à sa place, puis tapez : {command}",
    ),
    "site.sources.fix.unreachable": (
        "Correct the configuration of this source, or the rights of its account; to see what is missing, type: "
        "{command}",
        "Corrigez la configuration de cette source ou les droits de son compte ; pour voir ce qui manque, tapez : "
        "{command}",
    ),
    "site.sources.fix.needs_confirmation": (
        "Much of it is gone at once. If that is meant, type: {command}",
        "Une grande partie a disparu d’un coup. Si c’est voulu, tapez : {command}",
    ),
    "site.sources.fix.never": ("To read it now, type: {command}", "Pour la lire maintenant, tapez : {command}"),
    "site.sources.fix.partial": (
        "Give the account the right to read these, then type: {command} · What is gone for good is taken out of "
        "okrsync.toml.",
        "Donnez au compte le droit de les lire, puis tapez : {command} · Ce qui a disparu pour de bon se retire de "
        "okrsync.toml.",
    ),
    "site.sources.unreadable": (
        "{count:One place|# places} cannot be read; what is known of {count:it|them} is kept as it was",
        "{count:Un endroit est illisible|# endroits sont illisibles} ; ce qui en est connu reste tel quel",
    ),
    # ── facts ──
    "site.sources.last": ("Last read in full", "Dernière lecture complète"),
    "site.sources.last.never": ("never", "jamais"),
    "site.sources.ago.now": ("less than a minute ago", "il y a moins d’une minute"),
    "site.sources.ago": ("{lasts} ago", "il y a {lasts}"),
    "site.sources.next": ("Next", "Prochaine lecture"),
    "site.sources.next.unknown": ("not known here", "inconnue ici"),
    "site.sources.every": ("interval: {lasts}", "intervalle : {lasts}"),
    "site.sources.cron": ("by the timetable {cron}", "selon l’horaire {cron}"),
    "site.sources.lasts.seconds": ("{count:a second|# seconds}", "{count:une seconde|# secondes}"),
    "site.sources.lasts.minutes": ("{count:a minute|# minutes}", "{count:une minute|# minutes}"),
    "site.sources.lasts.hours": ("{count:an hour|# hours}", "{count:une heure|# heures}"),
    "site.sources.lasts.days": ("{count:a day|# days}", "{count:un jour|# jours}"),
    "site.sources.held": ("Items", "Éléments"),
    "site.sources.requests": ("Requests", "Requêtes"),
    "site.sources.skipped": ("Reads skipped", "Lectures sautées"),
    "site.sources.since": ("since the daemon began", "depuis le départ du démon"),
    "site.sources.hooks": ("Webhooks", "Webhooks"),
    "site.sources.hooks.none": (
        "None was made. To hear of changes at once, see okrsync hooks",
        "Aucun n’a été créé. Pour être prévenu aussitôt des changements : okrsync hooks",
    ),
    "site.sources.hooks.making": ("is being made", "en cours de création"),
    "site.sources.deliveries.accepted": ("{count} accepted", "{count:une acceptée|# acceptées}"),
    "site.sources.deliveries.repeated": ("{count} repeated", "{count:une répétée|# répétées}"),
    "site.sources.deliveries.refused": ("{count} refused", "{count:une refusée|# refusées}"),
    # ── token ──
    "site.sources.token": ("Token", "Jeton"),
    "site.sources.token.good": ("Good until {at} ({lasts} left)", "Valable jusqu’au {at} (encore {lasts})"),
    "site.sources.token.over": ("Ended at {at}", "Expiré le {at}"),
    "site.sources.token.open": (
        "No end is known: its tool tells none.",
        "Aucune fin connue : son outil n’en indique pas.",
    ),
    "site.sources.token.soon": ("ends soon", "expire bientôt"),
    "site.sources.token.ended": ("expired", "expiré"),
    "site.sources.rights.unasked": (
        "Not asked yet; the daemon asks once a day, or type: okrsync check-config --online",
        "Pas encore demandés ; le démon les demande une fois par jour, ou tapez : okrsync check-config --online",
    ),
    "site.sources.rights.asked": ("asked at {at}", "demandés le {at}"),
    "site.sources.rights.yes": ("granted", "accordé"),
    "site.sources.rights.no": ("not granted", "non accordé"),
    "site.sources.lacks": ("What is missing", "Ce qui manque"),
    "site.sources.lacks.surfaces": ("cannot be written: {names}", "ne peut être écrit : {names}"),
    "site.sources.lacks.none": (
        "Nothing is missing for what is configured.",
        "Rien ne manque pour ce qui est configuré.",
    ),
    # ── limits ──
    "site.sources.limits": ("What is left of its limits", "Ce qui reste de ses limites"),
    "site.sources.limits.none": (
        "Its tool has told of none since the daemon began.",
        "Son outil n’en a indiqué aucune depuis le départ du démon.",
    ),
    "site.sources.limits.left": ("{left} of {limit} left", "reste {left} sur {limit}"),
    "site.sources.limits.resets": ("full again at {at}", "de nouveau entière le {at}"),
}
