"""The nine teams of L’Ormeraie: what each works on, and how far it is."""

from __future__ import annotations

from okrsync.sandbox.company.desk import Desk
from okrsync.sandbox.company.teams import (
    boutique,
    donnees,
    finance,
    logistique,
    marketing,
    mobile,
    paiement,
    plateforme,
    service_client,
)

TEAMS = (boutique, mobile, paiement, plateforme, donnees, marketing, logistique, service_client, finance)


def write(desk: Desk) -> None:
    """Every team's work stands on the desk."""
    for team in TEAMS:
        team.write(desk)
