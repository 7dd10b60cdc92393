"""Team Données: figures for everybody, in the issues and milestones of ormeraie/donnees."""

from __future__ import annotations

from okrsync.sandbox.company.desk import Desk

REPOSITORY = "donnees"
MILESTONE = 4

_WAREHOUSE = (
    "Commandes : une table, une ligne par article",
    "Retours rattachés à leur commande",
    "Prix d’achat historisés",
    "Stock de fin de journée par entrepôt",
    "Devises des fournisseurs converties au jour",
    "Clients dédoublonnés entre le site et l’appli",
    "Transport : coût réel par colis",
    "Campagnes rattachées aux commandes",
    "Reprise de trois ans d’historique",
    "Contrôles de cohérence chaque matin",
    "Dictionnaire des indicateurs",
    "Droits d’accès par direction",
    "Fin des extractions de l’ancien progiciel",
    "Formation des contrôleurs de gestion",
)
_FORECAST = (
    "Ventes par famille et par semaine : jeu d’apprentissage",
    "Effet des promotions séparé de la tendance",
    "Météo et mobilier de jardin",
    "Prévision des pièces détachées",
    "Erreur mesurée chaque lundi",
    "Seuils d’alerte pour les approvisionneurs",
    "Nouveautés : emprunter la courbe d’un produit voisin",
    "Ruptures retirées de l’historique",
    "Intervalle plutôt qu’un seul chiffre",
    "Écran de correction par les acheteurs",
    "Bascule des commandes fournisseurs de canapés",
)
_REPORTS = (
    "Extraction des ventes de tapis pour le comité",
    "Chiffres de la vente privée, par heure",
    "Liste des clients de plus de cinq commandes",
    "Tableau pour la réunion des magasins éphémères",
    "Export des avis à une étoile",
    "Ventes par département pour le transporteur",
    "Part du mobilier d’extérieur, cinq ans",
    "Panier moyen par moyen de paiement",
    "Courbe demandée par le conseil d’administration",
)
_UPKEEP = (
    "Renouveler les identifiants de la régie publicitaire",
    "Mettre à jour l’ordonnanceur",
    "Archiver les tables temporaires",
)


def write(desk: Desk) -> None:
    repository = desk.repository(REPOSITORY, "données", newest=371)
    repository.milestone(MILESTONE, "Entrepôt de ventes unique")
    forecast = repository.tracking("Prévision des ventes par famille de produits", ["okr:KR-PREVISION"])
    warehouse = repository.issues(_WAREHOUSE, milestone=MILESTONE, done=len(_WAREHOUSE))
    steps = repository.issues(_FORECAST, parent=forecast, done=7)
    asked = repository.issues(_REPORTS, labels=["demande"], done=8, planned=False)
    repository.issues(_UPKEEP, labels=["ktlo"], done=3)
    asked += repository.issues(("Saisonnalité des luminaires",), labels=["okr:KR-PREVISON"], done=1)
    repository.fix((*warehouse, *steps, *asked))
