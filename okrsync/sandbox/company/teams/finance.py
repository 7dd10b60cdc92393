"""Team Finance: closing the books and electronic invoices, in Asana."""

from __future__ import annotations

from okrsync.sandbox.company.desk import Desk

INVOICES, CLOSING = "1207100000000401", "1207100000000402"

_INVOICES = (
    "Choisir la plateforme agréée",
    "Annuaire des fournisseurs : SIREN et adresses",
    "Circuit de validation des factures entrantes",
    "Factures entrantes des transporteurs",
    "Factures sortantes : cas des professionnels",
    "Essais avec trois fournisseurs volontaires",
    "Archivage : accord du commissaire aux comptes",
    "Former les assistantes comptables",
    "Prévenir les fournisseurs par courrier",
    "Procédure en cas de rejet",
    "Clôturer l’ancienne boîte aux lettres papier",
)
_SUPPLIERS = (
    "Essais avec le fabricant de matelas",
    "Essais avec le transporteur du Sud",
    "Essais avec l’atelier de Cholet",
)
_CLOSING = (
    "Rapprochements bancaires chaque jour",
    "Provisions calculées par le progiciel",
    "Stocks valorisés sans tableur",
    "Charges récurrentes comptabilisées d’avance",
    "Calendrier de clôture partagé avec les directions",
    "Notes de frais closes le 25",
)
_ROUTINE = (
    "Déclaration de TVA du premier mois",
    "Déclaration de TVA du deuxième mois",
    "Paie du premier mois : contrôle",
    "Paie du deuxième mois : contrôle",
    "Campagne de règlement fournisseurs",
    "Déclaration des échanges de biens",
)
_OTHER = (
    "Renégocier l’assurance de l’entrepôt",
    "Répondre à l’enquête de l’Insee",
    "Dossier de subvention pour les panneaux solaires",
    "Litige sur le loyer du showroom de Bordeaux",
    "Changer de prestataire de titres-restaurant",
    "Audit des frais de déplacement",
)
_PAYMENTS = ("Avance au fournisseur de tissus", "Achat de la plateforme agréée", "Remise d’un client professionnel")


def write(desk: Desk) -> None:
    asana = desk.asana
    asana.begin("finance", desk.lives("finance"))
    asana.project(INVOICES, "Facturation électronique", {"1207200000000401": "Chantier"})
    asana.project(CLOSING, "Clôtures et divers", {"1207200000000402": "Mois en cours"})
    invoices = asana.batch(INVOICES, _INVOICES, done=5)
    asana.steps(invoices[5], _SUPPLIERS, done=2)
    asana.batch(CLOSING, _CLOSING, tags=["okr:KR-CLOTURE"], done=4)
    asana.batch(CLOSING, _ROUTINE, tags=["ktlo"], done=5)
    asana.batch(CLOSING, _OTHER, done=5, planned=False)
    asana.approvals(CLOSING, _PAYMENTS, ("approved", "approved", "changes_requested"))
