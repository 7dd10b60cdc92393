"""Team Marketing: guides, visits and campaigns, in Asana."""

from __future__ import annotations

from okrsync.sandbox.company.desk import Desk

CONTENT, CAMPAIGNS = "1207100000000101", "1207100000000102"
GUIDES, VISITS, IDEAS = "1207200000000101", "1207200000000102", "1207200000000103"

_GUIDES = (
    "Guide : choisir son canapé convertible",
    "Guide : quelle hauteur de table basse",
    "Guide : matelas et mal de dos",
    "Guide : bois massif, placage ou panneau",
    "Guide : éclairer un salon sans plafonnier",
    "Guide : salon de jardin sur un petit balcon",
    "Guide : nettoyer un tapis en laine",
    "Guide : mesurer avant de commander",
    "Guide : bureau dans moins de 4 m²",
    "Guide : chambre d’enfant évolutive",
    "Guide : rideaux, voilages et stores",
    "Guide : chaises qui vont ensemble sans être pareilles",
)
_OLD_GUIDES = (
    "Mettre à jour le guide des tailles de couette",
    "Mettre à jour le guide des parasols",
    "Mettre à jour le guide des poêles à bois",
)
_GUIDE_STEPS = ("Relecture par un acheteur", "Photos de l’atelier de Cholet", "Mise en page")
_VISITS = (
    "Titres des 300 pages de rayon",
    "Pages en double : parasols et voiles d’ombrage",
    "Liens entre guides et rayons",
    "Avis clients visibles dans les résultats de recherche",
    "Reprendre les pages perdues depuis la refonte",
    "Plan du site par famille",
    "Partenariat avec trois magazines de décoration",
    "Légendes des photos de canapés",
)
_CAMPAIGNS = (
    "Vente privée des adhérents",
    "Catalogue papier",
    "Salon de Villepinte",
    "Affichage dans le métro de Nantes",
    "Opération « une chambre pour un étudiant »",
    "Jeu concours sur les réseaux sociaux",
    "Partenariat avec une créatrice de contenu",
    "Bannières des prix ronds",
    "Journée portes ouvertes à l’entrepôt",
    "Film de la nouvelle collection",
    "Relance des paniers abandonnés par SMS",
)
_PRIVATE_SALE = ("Visuels", "Courriels en trois vagues", "Page d’attente", "Stock réservé avec Angers", "Bilan")
_CATALOGUE = ("Choix du papier", "Trente-deux pages", "Relecture des prix", "Envoi à 90 000 adresses")
_FAIR = ("Réserver le stand", "Meubles d’exposition", "Invitations aux architectes", "Sacs et carnets")
_MAGAZINE = (
    "Lettre des adhérents : numéro de la semaine",
    "Lettre des adhérents : portrait d’un ébéniste",
    "Lettre des adhérents : cinq idées pour une entrée",
    "Lettre des adhérents : le retour du rotin",
    "Lettre des adhérents : visite de l’atelier",
)
_PURCHASES = ("Budget du film de la collection", "Devis de l’imprimeur", "Contrat de la créatrice de contenu")
_IDEAS = ("Podcast sur les métiers du meuble", "Atelier tapisserie en boutique éphémère")
_SPONSORSHIP = ("Parrainage : page d’accueil du filleul", "Parrainage : récompense du parrain")


def write(desk: Desk) -> None:
    asana = desk.asana
    asana.begin("marketing", desk.lives("marketing"))
    asana.project(CONTENT, "Contenus et référencement", {GUIDES: "Guides d’achat", VISITS: "Visites", IDEAS: "Idées"})
    asana.project(CAMPAIGNS, "Campagnes", {"1207200000000104": "Au planning"})
    guides = asana.batch(CONTENT, _GUIDES, section=GUIDES, done=8)
    for guide in guides[4:10]:
        asana.steps(guide, _GUIDE_STEPS, done=2 if guide.life.done is None else 3)
    asana.batch(CONTENT, _VISITS, section=VISITS, tags=["okr:KR-VISITES"], done=5)
    asana.batch(CONTENT, _IDEAS, section=IDEAS)
    sale, catalogue, fair, *_ = asana.batch(CAMPAIGNS, _CAMPAIGNS, done=10, planned=False)
    asana.steps(sale, [f"{sale.name} : {one.lower()}" for one in _PRIVATE_SALE], done=5)
    asana.steps(catalogue, [f"{catalogue.name} : {one.lower()}" for one in _CATALOGUE], done=4)
    asana.steps(fair, [f"{fair.name} : {one.lower()}" for one in _FAIR], done=4)
    asana.batch(CAMPAIGNS, _MAGAZINE, tags=["okr:KR-REACHAT"], done=4)
    asana.batch(CONTENT, _OLD_GUIDES, section=VISITS, tags=["okr:KR-GUIDE"], done=3)
    asana.batch(CAMPAIGNS, _SPONSORSHIP, tags=["okr:KR-PARAINAGE"], done=1)
    asana.approvals(CAMPAIGNS, _PURCHASES, ("approved", "rejected", "pending"))
