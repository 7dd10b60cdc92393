"""What people measured so far of the metrics that no tool knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from okrsync.sandbox.company.quarter import Quarter


class Measured(NamedTuple):
    """One value of a key result, and who says so."""

    key_result: str
    at: datetime
    value: float
    why: str


_VALUES: Mapping[str, tuple[str, tuple[tuple[float, float], ...]]] = {
    "KR-REACHAT": ("Cohortes de clients, outil de fidélité", ((-8, 33.4), (6, 35.7))),
    "KR-PART-APPLI": ("Ventes par canal", ((-5, 27.2), (7, 30.9))),
    "KR-DELAI": ("Suivi des transporteurs", ((-6, 3.4), (7, 2.9))),
    "KR-CASSE": ("Réclamations pour 100 colis", ((-4, 2.5), (7, 1.9))),
    "KR-RETOUR": ("Contrôle de gestion", ((6, 8.9),)),
    "KR-MARGE": ("Compte de résultat du mois", ((-7, 24.9), (5, 26.2))),
    "KR-ACQUISITION": ("Régies publicitaires", ((6, 16.1),)),
    "KR-PANIER": ("Ventes du mois", ((-7, 149), (7, 161.5))),
    "KR-DISPO": ("Sonde externe", ((1, 99.95), (4, 99.93), (7, 99.96))),
    "KR-VITESSE": ("Mesure chez les visiteurs, 75e centile", ((-5, 3.4), (7, 3.2))),
    "KR-RECHERCHE": ("Journal du moteur de recherche", ((1, 14.1), (4, 13.8), (7.5, 13.4))),
    "KR-NOTE": ("Magasins d’applications", ((3, 4.1), (7, 4.3))),
    "KR-STABILITE": ("Outil de rapports de plantage", ((2, 99.6), (7, 99.8))),
    "KR-UNE-FOIS": ("Rappels à sept jours", ((3, 62), (7, 66.5))),
    "KR-FRAUDE": ("Impayés de la banque", ((3, 0.36), (7, 0.26))),
    "KR-REMBOURSEMENT": ("Médiane des dossiers du mois", ((3, 4.6), (7, 3.2))),
    "KR-VISITES": ("Mesure d’audience, en milliers", ((3, 331), (7, 367))),
    "KR-CLOTURE": ("Calendrier comptable", ((1, 10), (5, 6.9))),
    "KR-COUT": ("Facture d’hébergement", ((7, 27.2),)),
    "KR-FRAICHEUR": ("Heure de fin du traitement de nuit", ((2, 10), (7, 8.1))),
}
"""Key result → who measures it, and (week of the quarter, value): below 0 in the quarters before."""


def readings(now: datetime) -> list[Measured]:
    """Every reading so far, oldest first."""
    quarter = Quarter(now)
    latest = now - timedelta(hours=1)
    found = [
        Measured(name, min(quarter.week(week), latest), value, why)
        for name, (why, values) in _VALUES.items()
        for week, value in values
    ]
    return sorted(found, key=lambda one: (one.at, one.key_result))
