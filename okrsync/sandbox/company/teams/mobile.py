"""Team Mobile: the application, in Jira (APP) and in ormeraie/app-mobile."""

from __future__ import annotations

from okrsync.sandbox.company.desk import Desk
from okrsync.sandbox.company.jira_metadata import BUG, TASK

PROJECT, REPOSITORY = "APP", "app-mobile"
LOYALTY, TABLET = "APP-598", "APP-611"

_LOYALTY = (
    "Carte de fidélité dans l’écran d’accueil",
    "Solde de points à jour après chaque commande",
    "Se connecter par empreinte ou visage",
    "Lien magique à la place du mot de passe",
    "Retrouver ses factures de plus d’un an",
    "Suivi de livraison en direct sur la carte",
    "Annuler une commande avant la préparation",
    "Demander un retour en trois touches",
    "Avantages d’anniversaire",
    "Mes meubles : garanties et notices",
    "Adresses partagées avec le site",
    "Cagnotte utilisable au paiement",
    "Préférences de notifications par thème",
    "Portefeuille : ajouter la carte à iOS et Android",
    "Parrainer un proche depuis l’appli",
    "Suppression du compte depuis l’appli",
    "Mode hors ligne pour mes commandes",
    "Contacter le conseiller qui a vendu le canapé",
    "Afficher les points gagnés sur la fiche produit",
    "Migration des anciens comptes sans double inscription",
    "Consentements : reprise de ceux du site",
    "Barre d’onglets : compte à portée de pouce",
)
_LOYALTY_PARTS = (
    (2, "Repli par code à six chiffres"),
    (2, "Appareils sans capteur"),
    (5, "Position du livreur toutes les deux minutes"),
    (5, "Carte illisible en mode sombre"),
    (7, "Photo du produit abîmé"),
    (7, "Étiquette de retour à imprimer ou à scanner"),
)
_RATING = (
    "Demander une note après une livraison réussie seulement",
    "Démarrage à froid en moins de deux secondes",
    "Images adaptées au réseau",
    "Réponses types aux avis sur les magasins d’applications",
    "Taille de police du système respectée",
    "Lecteur d’écran : fiches produit",
    "Défilement saccadé des listes longues",
    "Réduire l’appli de 92 à 55 Mo",
)
_STABILITY = (
    "Plantages regroupés par cause chaque lundi",
    "Mémoire : fermer les images hors de l’écran",
    "Reprise propre après une coupure réseau",
    "Arrêter un déploiement au-delà de 1 % de plantages",
    "Délais d’attente de l’API de stock",
    "Base locale corrompue : reconstruction",
    "Plantage à l’ouverture d’une notification ancienne",
    "Écran blanc au retour de l’appareil photo",
)
_TABLET = (
    "Grille à trois colonnes sur tablette",
    "Fiche produit en paysage",
    "Panier en volet latéral",
    "Multifenêtre iPadOS",
    "Menus au survol du pavé tactile",
    "Glisser-déposer vers la liste d’envies",
    "Catalogue feuilletable",
    "Écran partagé avec le simulateur de pièce",
    "Captures d’écran des magasins d’applications pour tablette",
    "Stylet : annoter son plan",
    "Clavier physique : raccourcis",
    "Zoom sur les matières à deux doigts",
    "Livre d’images des collections",
    "Rotation de l’écran sans perdre la page",
    "Publicité du magasin d’applications : format tablette",
)
_BUGS = (
    "Le clavier masque le bouton Valider",
    "Notification reçue deux fois sur Android 14",
    "Le panier se vide au changement de langue",
    "Code promo collé avec une espace refusé",
    "La carte des relais reste sur Paris",
    "Photo de profil tournée de 90 degrés",
    "Le compteur de points clignote",
    "Déconnexion après chaque mise à jour",
    "Le lien du courriel ouvre le navigateur",
    "Texte coupé en police agrandie",
    "Le bouton d’achat passe sous la barre de gestes",
    "Le mode sombre rend les prix illisibles",
)
_UPKEEP = (
    "Réparer la chaîne de compilation iOS",
    "Stabiliser les tests sur simulateur",
    "Mise à jour du SDK de paiement natif",
    "Renouvellement du certificat de notifications",
    "Passage à la version cible exigée par le magasin Android",
    "Mise à jour de l’outil de rapports de plantage",
    "Renouvellement du compte développeur Apple",
)
_UPKEEP_UNMARKED = (
    "Remplacer la bibliothèque d’images abandonnée",
    "Parc de téléphones de test : deux batteries gonflées",
    "Supprimer le code de l’ancienne appli Pro",
)


def write(desk: Desk) -> None:
    jira, lives = desk.jira, desk.lives("mobile")
    jira.begin(PROJECT, "mobile", lives, points=True)
    loyalty = jira.epic(LOYALTY, "Compte et fidélité dans l’appli")
    tablet = jira.epic(TABLET, "Version tablette")
    work = jira.batch(_LOYALTY, parent=loyalty, done=16, doing=4)
    for number, title in _LOYALTY_PARTS:
        jira.part(title, work[number])
    work += jira.batch(_RATING, labels=["okr:KR-NOTE"], done=5, doing=1)
    work += jira.batch(_STABILITY, labels=["okr:KR-STABILITE"], done=6, doing=1)
    work += jira.batch(_TABLET, parent=tablet, done=10, doing=4)
    work += jira.batch(_BUGS, kind=BUG, done=10, doing=1, planned=False)
    jira.batch(_UPKEEP, kind=TASK, labels=["ktlo"], done=6, doing=1)
    work += jira.batch(_UPKEEP_UNMARKED, kind=TASK, done=3, planned=False)
    repository = desk.repository(REPOSITORY, "mobile", newest=904)
    repository.open_pull(
        "{key} Contacter le conseiller qui a vendu le canapé",
        branch="contacter-conseiller",
        opened=desk.quarter.ago(days=2),
        updated=desk.quarter.ago(hours=26),
        ticket=work[17],
    )
    repository.work_on(work)
