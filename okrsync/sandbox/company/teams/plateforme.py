"""Team Plateforme: what the shop runs on, in Jira (PLAT) and in the issues of ormeraie/plateforme."""

from __future__ import annotations

from okrsync.sandbox.company.desk import Desk
from okrsync.sandbox.company.jira_metadata import TASK

PROJECT, REPOSITORY = "PLAT", "plateforme"
CLOUD, LOAD, TOOLING, HOUSEKEEPING = "PLAT-233", "PLAT-240", "PLAT-247", "PLAT-251"

_CLOUD = (
    "Grappe de production sur trois zones",
    "Migration du service de panier",
    "Migration du service de comptes",
    "Gestion des secrets hors des dépôts",
    "Journalisation centralisée",
    "Migration du moteur de recherche",
    "Migration du service d’images",
    "Migration des traitements de nuit",
    "Migration du service de prix",
    "Migration de l’API de l’appli",
    "Limites de mémoire par service",
    "Sauvegarde des volumes persistants",
    "Exercice de bascule entre zones",
    "Déploiement progressif par pays",
    "Montée en charge automatique des API",
    "Réseau privé vers l’entrepôt d’Angers",
    "Migration du service de stock",
    "Migration du back-office",
    "Extinction des anciennes machines virtuelles",
    "Documentation d’astreinte",
)
_LOAD = (
    "Scénario : vente privée à 20 h",
    "Scénario : passage au journal télévisé",
    "Jeu de données de 400 000 clients fictifs",
    "Tir à trois fois la charge",
    "File d’attente devant le paiement",
    "Tir à cinq fois la charge",
    "Cache des fiches produit",
    "Lecture seule du catalogue en secours",
    "Index manquants de la base de commandes",
    "Mode dégradé sans recommandations",
    "Tir à dix fois la charge",
    "Répétition générale avec le service client",
)
_TOOLING = (
    "Robot de discussion pour les déploiements",
    "Générateur de squelettes de service",
    "Tableau des coûts de compilation",
    "Raccourcis de ligne de commande de l’équipe",
    "Portail interne des services",
    "Environnements éphémères par branche",
    "Notes de version écrites toutes seules",
)
_UPKEEP = (
    "Montée de version de PostgreSQL",
    "Correctif de sécurité OpenSSL",
    "Rotation des clés d’accès au stockage",
    "Mise à jour des images de base",
    "Renouvellement des noms de domaine",
    "Purge des journaux de plus d’un an",
    "Extension du disque de la base de commandes",
    "Mise à jour des règles de pare-feu",
    "Test trimestriel de restauration",
    "Renouvellement du contrat d’hébergement de secours",
)
_HOUSEKEEPING = (
    "Fuite de mémoire du service d’images",
    "Alerte à tort sur la file des courriels",
    "Astreinte : base de rapports saturée",
    "Tâche planifiée exécutée deux fois au changement d’heure",
    "Comptes d’anciens prestataires à fermer",
    "Déménagement du serveur d’impression d’Angers",
    "Délai dépassé sur l’export des commandes",
    "Nettoyer les règles de supervision",
    "Quota de stockage des photos dépassé",
    "Ordre de redémarrage des services du soir",
    "Horloge décalée sur un serveur d’impression",
    "Droits de l’équipe de nuit",
)
_INCIDENTS = (
    "Suites de l’incident : panier indisponible 14 minutes",
    "Suites de l’incident : courriels en retard de deux heures",
    "Suites de l’incident : certificat expiré du site belge",
    "Suites de l’incident : stock à zéro après l’inventaire",
    "Sonde depuis la Belgique et le Luxembourg",
    "Budget d’erreur affiché par service",
    "Seuils d’alerte revus avec l’astreinte",
)
_REQUESTS = (
    "Accès en lecture aux journaux pour le service client",
    "Compte de recette pour le transporteur",
    "Augmenter la taille des pièces jointes du back-office",
    "Liste blanche d’adresses pour la banque",
    "Copie anonymisée de la base pour les données",
    "Environnement de démonstration pour les achats",
    "Nouveau sous-domaine pour les ateliers",
)


def write(desk: Desk) -> None:
    jira, lives = desk.jira, desk.lives("plateforme")
    jira.begin(PROJECT, "plateforme", lives, points=False)
    cloud = jira.epic(CLOUD, "Migration vers Kubernetes", ["okr:KR-CLOUD"])
    load = jira.epic(LOAD, "Tirs de charge")
    tooling = jira.epic(TOOLING, "Outillage interne")
    housekeeping = jira.epic(HOUSEKEEPING, "Entretien courant")
    work = jira.batch(_CLOUD, parent=cloud, done=5, doing=4)
    work += jira.batch(_LOAD, parent=load, done=8, doing=2)
    work += jira.batch(_TOOLING, parent=tooling, done=5, doing=1)
    jira.batch(_UPKEEP, kind=TASK, labels=["ktlo"], done=8, doing=1)
    work += jira.batch(_HOUSEKEEPING, kind=TASK, parent=housekeeping, done=10, doing=2, planned=False)

    repository = desk.repository(REPOSITORY, "plateforme", newest=655)
    repository.issues(_INCIDENTS, labels=["okr/KR-DISPO"], done=5, planned=False)
    requests = repository.issues(_REQUESTS, labels=["demande"], done=7, planned=False)
    repository.work_on(work)
    repository.fix(requests)
