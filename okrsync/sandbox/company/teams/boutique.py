"""Team Boutique: the web shop, in Jira (BOUT) and in ormeraie/boutique."""

from __future__ import annotations

from okrsync.sandbox.company.desk import Desk
from okrsync.sandbox.company.jira_metadata import BUG, TASK

PROJECT, REPOSITORY = "BOUT", "boutique"
TUNNEL, SEARCH, PRODUCT_PAGE, BRAND_PAGES = "BOUT-1187", "BOUT-1192", "BOUT-1204", "BOUT-1219"
CATALOGUE = "CAT-77"

_FIRST_STORY = "Afficher les frais de port dès le panier"
_TUNNEL = (
    _FIRST_STORY,
    "Adresse de livraison proposée pendant la frappe",
    "Une seule page du panier à la confirmation",
    "Commander sans créer de compte",
    "Reprendre un panier abandonné depuis le courriel",
    "Choix du créneau de livraison avant le paiement",
    "Livraison en relais : carte et horaires",
    "Code promotionnel vérifié sans recharger la page",
    "Message clair quand un article n’est plus en stock",
    "Garder le panier entre le téléphone et l’ordinateur",
    "Montée à l’étage proposée pour les gros meubles",
    "Reprise de l’ancien canapé : case et tarif",
    "Récapitulatif toujours visible sur grand écran",
    "Récapitulatif replié sur téléphone",
    "Date de livraison estimée par article",
    "Livraison en plusieurs colis expliquée avant de payer",
    "Carte cadeau utilisable en plusieurs fois",
    "Clavier numérique pour le code postal",
    "Erreurs de saisie signalées au bon champ",
    "Adresse de facturation d’entreprise avec SIRET",
    "Page de confirmation : suivre ma commande",
    "Courriel de confirmation lisible sans images",
    "Mesurer chaque étape du tunnel sans cookie tiers",
    "Retour arrière du navigateur sans perdre la saisie",
    "Accessibilité : parcours complet au clavier",
    "Accessibilité : contrastes et libellés des champs",
    "Livraison en Belgique et au Luxembourg",
    "Corse et îles : délais et suppléments",
    "Assurance casse proposée une seule fois",
    "Déploiement progressif : 10 % puis la moitié des visiteurs",
    "Commande par téléphone : lien de paiement envoyé au client",
    "Retirer l’ancien tunnel en quatre étapes",
)
_TUNNEL_PARTS = (
    (2, "Maquettes relues avec le service client"),
    (2, "Assemblage des blocs panier, livraison, paiement"),
    (2, "Bascule par drapeau de fonctionnalité"),
    (6, "Choix du fournisseur de cartes"),
    (6, "Horaires d’ouverture des relais"),
    (6, "Repli sans géolocalisation"),
    (9, "Fusion de deux paniers à la connexion"),
    (9, "Expiration au bout de trente jours"),
)
_SEARCH = (
    "Tolérer une faute de frappe par mot",
    "Singulier et pluriel : chaise et chaises",
    "Synonymes : canapé, sofa, banquette",
    "Accents facultatifs dans la recherche",
    "Suggestions dès la troisième lettre",
    "Filtres par largeur, hauteur et profondeur",
    "Filtre par couleur dominante de la photo",
    "Filtre par délai de livraison",
    "Recherche par référence fournisseur",
    "Classement par pertinence plutôt que par marge",
    "Page sans résultat : proposer trois rayons",
    "Historique des dernières recherches",
    "Réindexation en moins de dix minutes",
    "Index séparé pour les pièces détachées",
    "Mots composés : table basse, bout de canapé",
    "Recherche « moins de 200 € »",
    "Journal des recherches sans résultat",
    "Résultats illustrés dans les suggestions",
    "Poids des avis clients dans le classement",
    "Remonter les articles disponibles tout de suite",
    "Tests A/B du classement",
    "Retrait de l’ancien moteur",
    "Recherche par photo : étude",
)
_PRODUCT_PAGE = (
    "Photos en situation pour les 200 meilleures ventes",
    "Dimensions dessinées sur la photo",
    "Vue à 360° des canapés",
    "Comparer deux meubles côte à côte",
    "Échantillons de tissu gratuits",
    "Avis triés par usage : enfants, animaux, extérieur",
    "Notice de montage consultable avant l’achat",
    "Vidéo de montage en une minute",
    "Le meuble dans votre pièce : réalité augmentée",
    "Provenance du bois et label affichés",
    "Indice de réparabilité des luminaires",
    "Pièces détachées depuis la fiche",
    "Questions fréquentes par famille de produits",
    "Passe-t-il la porte ? Dimensions du colis",
)
_PRODUCT_PAGE_LATER = (
    "Éco-participation détaillée par article",
    "Prix le plus bas des trente derniers jours",
    "Ensembles : table et chaises au même prix",
    "Questions posées à un conseiller en direct",
    "Photos de clients validées par la modération",
    "Alerte de retour en stock",
    "Partager une liste d’envies",
)
_SPEED = (
    "Images au format AVIF sur les fiches",
    "Charger les avis après le premier affichage",
    "Polices réduites aux caractères utiles",
    "Cache des prix par région",
    "Retirer trois traceurs publicitaires",
    "Préparer la page suivante au survol",
    "Budget de poids vérifié à chaque livraison",
)
_BRAND_PAGES = (
    "Nouvelle page d’accueil des marques",
    "Bandeau animé des collections",
    "Page du créateur : portrait et atelier",
    "Grille éditoriale en trois colonnes",
    "Carrousel de l’atelier de Cholet",
    "Typographie de la nouvelle charte",
    "Blog : passage au nouveau gabarit",
    "Lexique des matières",
    "Les coulisses d’une collection : vidéo plein écran",
    "Page recrutement aux couleurs de la marque",
    "Carte des ateliers partenaires",
    "Mode sombre des pages éditoriales",
    "Pied de page : refonte des liens",
    "Inscription à la lettre depuis les pages de marque",
    "Anniversaire de la maison : page éphémère",
    "Version anglaise des pages de marque",
    "Mentions presse et récompenses",
    "Animation d’entrée du logo",
    "Sur-mesure : raconter l’atelier tapisserie",
    "Vidéos d’ambiance en fond de page",
    "Pages saisonnières : gabarit commun",
    "Galerie des intérieurs de nos clients",
    "Citations des créateurs en grand format",
    "Fil de la page Nos engagements",
)
_MARKETPLACE = (
    "Inscription d’un vendeur tiers",
    "Catalogue des vendeurs : import par fichier",
    "Commission et reversement aux vendeurs",
    "Fiche produit à plusieurs offres",
    "Charte de qualité des vendeurs",
    "Messagerie entre vendeur et client",
    "Retours chez un vendeur tiers",
    "Tableau de bord du vendeur",
    "Contrôle des pièces d’identité des vendeurs",
    "Facturation au nom du vendeur",
    "Page « Vendre sur L’Ormeraie »",
)
_TUNNEL_BUGS = (
    "Double clic sur Payer : deux commandes créées",
    "Le total ignore l’éco-participation",
    "La carte cadeau se déduit avant la promotion",
    "Impossible de supprimer la dernière adresse",
    "Le code postal 97400 est refusé",
)
_BUGS = (
    "Le prix barré reste affiché après la fin d’une opération",
    "Le filtre de couleur se perd au retour arrière",
    "Le stock affiche 0 alors que trois canapés sont à Angers",
    "Photo étirée sur les fiches de tapis",
    "L’avis d’un client apparaît deux fois",
    "La liste d’envies disparaît après la connexion",
    "Le tri par prix place les lots en premier",
    "Le courriel de relance part après l’achat",
    "Le menu recouvre la recherche sous Safari",
    "Le bouton Ajouter reste gris sur les produits à la coupe",
    "Lien mort vers le guide des tailles de couette",
    "La page rayon jardin charge 14 Mo d’images",
    "La facture PDF coupe les noms trop longs",
    "Erreur 500 sur les recherches avec une apostrophe",
    "Le bandeau de consentement revient à chaque visite",
    "Un lot de six chaises compte pour une au stock",
    "Le simulateur de rideaux arrondit au mètre",
    "Le fil d’Ariane mène à une page vide",
)
_UPKEEP = (
    "Réparer les tests de bout en bout du dimanche",
    "Supprimer les drapeaux de fonctionnalité périmés",
    "Astreinte : site lent pendant la vente privée",
    "Montée de version de PHP",
    "Renouvellement des certificats du site",
    "Correctif de sécurité du composant de téléversement",
    "Purge des paniers de plus d’un an",
    "Mise à jour du navigateur de test",
    "Rotation des clés de l’outil de cartes",
    "Mise à jour des bibliothèques d’images",
)
_UPKEEP_UNMARKED = (
    "Ménage dans les feuilles de style de l’ancien thème",
    "Déplacer les images vers le nouveau stockage",
    "Découper le module de promotions",
    "Documenter la reprise après incident du panier",
)
_CATALOGUE = (
    "Une seule fiche par référence fournisseur",
    "Photos reprises du référentiel produits",
    "Attributs de dimensions obligatoires à la création",
    "Déclinaisons de couleur regroupées",
    "Contrôle des descriptions vides",
)


def write(desk: Desk) -> None:
    jira, lives = desk.jira, desk.lives("boutique")
    jira.begin(PROJECT, "boutique", lives, points=True)
    tunnel = jira.epic(TUNNEL, "Tunnel de commande en une page")
    search = jira.epic(SEARCH, "Une recherche qui comprend les clients", ["okr:KR-RECHERCHE"])
    product_page = jira.epic(PRODUCT_PAGE, "Voir le meuble chez soi", ["okr:KR-FICHE"])
    brand_pages = jira.epic(BRAND_PAGES, "Refonte des pages de marque")
    catalogue = jira.epic(CATALOGUE, "Référentiel produits unique", ["okr:KR-FICHE"])

    steps = jira.batch(_TUNNEL, parent=tunnel, done=23, doing=4)
    steps += jira.batch(_TUNNEL_BUGS, kind=BUG, parent=tunnel, done=4, planned=False)
    for number, title in _TUNNEL_PARTS:
        jira.part(title, steps[number])
    found = jira.batch(_SEARCH, parent=search, done=20, doing=2)
    page = jira.batch(_PRODUCT_PAGE, parent=product_page, done=8, doing=3)
    page += jira.batch(_PRODUCT_PAGE_LATER, parent=product_page, done=3, doing=2, planned=False)
    page += jira.batch(_CATALOGUE, parent=catalogue, done=4, doing=1)
    speed = jira.batch(_SPEED, labels=["okr:KR-VITESSE"], done=3, doing=1)
    brand = jira.batch(_BRAND_PAGES, parent=brand_pages, done=19, doing=4)
    dropped = jira.batch(_MARKETPLACE, labels=["okr:KR-VENDEURS"], done=3, doing=7)
    bugs = jira.batch(_BUGS, kind=BUG, done=15, doing=1, planned=False)
    jira.batch(_UPKEEP, kind=TASK, labels=["ktlo"], done=8, doing=1)
    jira.batch(_UPKEEP_UNMARKED, kind=TASK, done=3, doing=1, planned=False)
    slips = jira.batch(("Sonder les clients qui quittent le panier",), labels=["okr:KR-TUNEL"], done=1)
    slips += jira.batch(("Corriger les requêtes à deux mots inversés",), labels=["okr:KR-RECHERHCE"], doing=1)

    repository = desk.repository(REPOSITORY, "boutique", newest=1873)
    repository.squash(steps[0], "branch", "panier")
    repository.open_pull(
        "{key} Contrastes et libellés des champs",
        opened=desk.quarter.ago(days=1, hours=4),
        updated=desk.quarter.ago(hours=20),
        ticket=steps[24],
    )
    repository.work_on(steps, "panier")
    repository.work_on(found, "recherche")
    repository.work_on(page, "fiche")
    repository.work_on(brand, "marques")
    repository.work_on(dropped, "vendeurs")
    repository.work_on(speed, "perf")
    repository.work_on((*bugs, *slips))
