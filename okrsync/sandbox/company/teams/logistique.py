"""Team Logistique: the warehouse of Angers and what leaves it, in Asana."""

from __future__ import annotations

from okrsync.sandbox.company.desk import Desk

WAREHOUSE, TRANSPORT, COUNTING = "1207100000000201", "1207100000000202", "1207100000000203"
SAME_DAY_GOAL, WAREHOUSE_GOAL = "1207400000000201", "1207400000000202"

_WAREHOUSE = (
    "Plan d’adressage des allées A à F",
    "Étiquettes des emplacements lourds",
    "Pistolets : essai de trois modèles",
    "Réception des fournisseurs sur rendez-vous",
    "Préparation par vague plutôt que par commande",
    "Contrôle du poids des colis en sortie",
    "Reprise des stocks de l’ancien logiciel",
    "Interface avec le site : commandes",
    "Interface avec le site : stocks",
    "Zone de casse et de réparation",
    "Formation de l’équipe du matin",
    "Formation de l’équipe de l’après-midi",
    "Mode papier en cas de panne",
    "Édition des étiquettes du transporteur",
    "Bascule à blanc un dimanche",
    "Bascule : allées A à C",
    "Bascule : allées D à F",
    "Meubles en plusieurs colis : départ groupé",
    "Tableau des quais en temps réel",
    "Retours remis en stock sous 24 heures",
    "Réappro automatique du picking",
    "Arrêt de l’ancien logiciel",
)
_STEPS = ("Cahier de recette", "Essai sur dix commandes", "Feu vert du chef de quai")
_PACKING = (
    "Coins en carton alvéolé pour les plateaux de verre",
    "Nouvelle mousse pour les miroirs",
    "Test de chute des commodes",
    "Photos des colis au départ",
    "Tri des casses par transporteur",
    "Consigne « ce côté vers le haut » imprimée en quatre langues",
    "Prime qualité du transporteur",
    "Emballage des luminaires en verre soufflé",
)
_TRANSPORT = (
    "Appel d’offres livraison à deux personnes",
    "Nouveau quai pour les semi-remorques",
    "Litiges du mois avec le transporteur du Sud",
    "Planning des intérimaires",
    "Palettes consignées : inventaire",
    "Badges des chauffeurs",
    "Bennes de tri : carton et polystyrène",
    "Remplacer deux chariots élévateurs",
    "Tournées de Bretagne : regrouper le mardi",
)
_SAFETY = (
    "Réparer le portique de l’allée D",
    "Éclairage du parking poids lourds",
    "Plan de circulation piétons",
    "Marquage au sol des quais",
    "Exercice d’évacuation",
)
_BREAKAGE = ("Angles cassés des tables de ferme", "Miroirs : étiquette « verre » sur quatre faces")
_COUNTING = ("Compter l’allée A chaque lundi", "Écarts expliqués dans la journée", "Seuil d’alerte par famille")


def write(desk: Desk) -> None:
    asana = desk.asana
    asana.begin("logistique", desk.lives("logistique"))
    asana.project(
        WAREHOUSE, "Nouveau logiciel d’entrepôt", {"1207200000000201": "Préparer", "1207200000000202": "Basculer"}
    )
    asana.project(TRANSPORT, "Transport et quais", {"1207200000000203": "Semaine"})
    asana.project(COUNTING, "Inventaire tournant", {"1207200000000204": "À lancer"})
    moved = asana.batch(WAREHOUSE, _WAREHOUSE, done=14)
    asana.chain(moved[12:16])
    for task in moved[10:15]:
        asana.steps(task, _STEPS, done=3 if task.life.done else 1)
    asana.batch(TRANSPORT, _PACKING, tags=["okr:KR-CASSE"], done=6)
    asana.batch(TRANSPORT, _BREAKAGE, tags=["okr:KR-CASE"], done=2)
    asana.batch(TRANSPORT, _TRANSPORT, done=7, planned=False)
    safety = asana.batch(TRANSPORT, ["Sécurité du site d’Angers"], planned=False)
    asana.steps(safety[0], _SAFETY, done=4)
    asana.batch(COUNTING, _COUNTING, planned=False)
    asana.goal(SAME_DAY_GOAL, "Expédier le jour même (% des commandes)", (61.0, 77.0, 85.0))
    asana.goal(WAREHOUSE_GOAL, "Nouveau logiciel d’entrepôt en service", (0.0, 0.45, 1.0), unit="percentage")
