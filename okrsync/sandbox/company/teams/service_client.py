"""Team Service client: answers, and the help pages that make them unnecessary, in Asana."""

from __future__ import annotations

from okrsync.sandbox.company.desk import Desk

HELP, IMPROVEMENT = "1207100000000301", "1207100000000302"
HELP_GOAL, NPS_GOAL = "1207400000000301", "1207400000000302"
FIELD, FIRST_TIME = "1207500000000301", "1207500000000302"

_HELP = (
    "Où est mon colis ?",
    "Modifier l’adresse d’une commande",
    "Un pied de table manque",
    "Rendre un matelas essayé",
    "Annuler une commande en préparation",
    "Monter un lit coffre seul ou à deux",
    "Garantie et pièces détachées",
    "Facture au nom d’une entreprise",
    "Payer en plusieurs fois",
    "Livraison à l’étage : ce qui est compris",
    "Mon canapé est arrivé taché",
    "Reprise de l’ancien meuble",
    "Carte cadeau perdue",
    "Points de fidélité manquants",
    "Nettoyer et entretenir le chêne huilé",
    "Délais en Corse et dans les îles",
)
_FIRST_TIME = (
    "Script d’appel : trois questions avant le transfert",
    "Voir la commande et le colis sur le même écran",
    "Geste commercial jusqu’à 40 € sans validation",
    "Fiches réflexes des dix motifs d’appel",
    "Rappeler le client quand le magasinier a vérifié",
    "Écoute croisée, une heure par semaine",
    "Accès direct au planning des livreurs",
    "Motifs de contact revus avec l’entrepôt",
)
_IMPROVEMENT = (
    "Traduire les réponses types en néerlandais",
    "Casques : remplacer les douze plus vieux",
    "Répondre aux avis de novembre dernier",
    "Atelier avec les livreurs à Angers",
    "Pic d’appels : rideaux rappelés par le fabricant",
    "Accueil de deux alternants",
    "Reprise des courriels restés sans réponse",
    "Numéro vert : fin du contrat",
)


def write(desk: Desk) -> None:
    asana = desk.asana
    asana.begin("service client", desk.lives("service client"))
    asana.project(HELP, "Centre d’aide", {"1207200000000301": "À écrire", "1207200000000302": "En ligne"})
    asana.project(IMPROVEMENT, "Amélioration continue", {"1207200000000303": "Trimestre"})
    asana.batch(HELP, [f"Page d’aide : {one}" for one in _HELP], done=11)
    objective = asana.choice(FIELD, "Objectif", FIRST_TIME, "KR-UNE-FOIS")
    asana.batch(IMPROVEMENT, _FIRST_TIME, fields=[objective], done=5)
    asana.batch(IMPROVEMENT, _IMPROVEMENT, done=7, planned=False)
    asana.goal(HELP_GOAL, "Un centre d’aide qui répond", None, supported_by=[HELP])
    asana.goal(NPS_GOAL, "Recommandation des clients", (42.0, 49.0, 55.0))
