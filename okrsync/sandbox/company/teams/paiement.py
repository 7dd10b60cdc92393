"""Team Paiement: payments and refunds, in Jira (PAY) and in ormeraie/paiement."""

from __future__ import annotations

from okrsync.sandbox.company.desk import Desk
from okrsync.sandbox.company.jira_metadata import BUG, TASK

PROJECT, REPOSITORY = "PAY", "paiement"
REFUNDS, INSTALMENTS, INVOICES = "PAY-388", "PAY-402", "PAY-415"
AUDIT = "SEC-12"
UNTRACED_NUMBER = 412
"""A large pull request, approved and green, that serves no objective."""

_INSTALMENTS = (
    "Simulateur des échéances sur la fiche produit",
    "Éligibilité en temps réel",
    "Échéancier dans le récapitulatif de commande",
    "Contrat de crédit affiché avant signature",
    "Signature électronique de l’emprunteur",
    "Droit de rétractation de quatorze jours",
    "Premier prélèvement à l’expédition",
    "Prélèvements suivants à date choisie",
    "Report d’une échéance depuis le compte client",
    "Échéance refusée : nouvelle présentation",
    "Échéance refusée : courriel et SMS",
    "Remboursement partiel d’une commande en trois fois",
    "Annulation avant expédition",
    "Retour d’un seul article du contrat",
    "Plafond par client sur douze mois",
    "Commande mixte : carte cadeau et trois fois",
    "Écritures comptables des échéances",
    "Rapprochement quotidien avec la banque partenaire",
    "Refus motivé et recours du client",
    "Mentions légales du crédit à la consommation",
    "Tableau de bord des encours",
    "Carte expirée entre deux échéances",
    "Opposition en cours de contrat",
    "Exports pour la déclaration de la Banque de France",
    "Formation du service client au trois fois",
)
_ACCEPTANCE = (
    "carte étrangère de la zone euro",
    "carte à autorisation systématique",
    "client de moins de vingt et un ans",
    "adresse de livraison différente",
    "montant au plafond de 3 000 €",
    "deux contrats le même jour",
    "échéance un jour férié",
    "carte remplacée en cours de contrat",
    "remboursement avant la première échéance",
    "remboursement après la deuxième échéance",
    "retour partiel et geste commercial",
    "opposition sur la carte",
    "fiché au FICP après signature",
    "changement de nom en cours de contrat",
    "coupure réseau pendant la signature",
)
_REFUNDS = (
    "Remboursement dès le scan du colis retourné",
    "Virement instantané quand la carte a expiré",
    "Seuil de contrôle relevé à 300 €",
    "Motif de retour transmis par l’entrepôt",
    "Avoir ou remboursement : choix du client",
    "Remboursement sur carte cadeau",
    "Suivi du remboursement dans le compte",
    "Alerte au-delà de trois jours",
    "Reprise des dossiers en attente",
    "Remboursement des frais de port au prorata",
    "Cas des commandes payées en deux moyens",
    "Suppression du formulaire papier",
)
_FRAUD = (
    "Score de risque avant l’authentification forte",
    "Listes d’adresses de réexpédition",
    "Bloquer les essais de cartes en rafale",
    "Exemption d’authentification sous 30 €",
    "Revue manuelle : file unique et priorités",
    "Retour d’expérience des impayés vers le score",
    "Empreinte d’appareil sans cookie",
    "Règle spéciale pour les cartes cadeaux",
    "Vitesse de commande par adresse IP",
    "Mesurer les bons clients refusés",
)
_INVOICES = (
    "Factures sortantes au format Factur-X",
    "Numérotation continue par établissement",
    "Connexion à la plateforme agréée",
    "Statuts de facture : déposée, refusée, encaissée",
    "Avoirs liés à leur facture d’origine",
    "Archivage à valeur probante",
    "Reprise des factures professionnelles en cours",
)
_BUGS = (
    "Double débit quand la banque répond après trente secondes",
    "Le remboursement part sur une carte clôturée",
    "Référence de virement tronquée à 18 caractères",
    "Paiement accepté, commande annulée",
    "Le bouton Apple Pay n’apparaît pas sur iPhone SE",
    "Arrondi d’un centime sur les remises en pourcentage",
    "Authentification forte demandée deux fois",
    "La carte cadeau épuisée reste proposée",
    "Rapprochement : lignes en double le lundi",
    "Libellé bancaire illisible pour les clients",
)
_UPKEEP = (
    "Relire les règles du pare-feu applicatif",
    "Nettoyer les tâches planifiées oubliées",
    "Renouvellement du certificat de la banque",
    "Rotation des clés de chiffrement",
    "Questionnaire PCI annuel",
    "Mise à jour du kit 3-D Secure",
    "Purge des numéros de carte masqués",
)
_UPKEEP_UNMARKED = (
    "Remplacer l’ancienne file de messages",
    "Reprise sur incident : rejouer les événements perdus",
)
_ACCESS = ("Revue des habilitations de remboursement", "Trace des consultations de moyens de paiement")


def write(desk: Desk) -> None:
    jira, lives, quarter = desk.jira, desk.lives("paiement"), desk.quarter
    jira.begin(PROJECT, "paiement", lives, points=False)
    refunds = jira.epic(REFUNDS, "Remboursements automatiques", ["okr:KR-REMBOURSEMENT"])
    instalments = jira.epic(INSTALMENTS, "Paiement en trois fois")
    invoices = jira.epic(INVOICES, "Factures électroniques sortantes", ["okr:KR-FACTURE"])
    audit = jira.epic(AUDIT, "Audit confidentiel des accès")

    work = jira.batch(_INSTALMENTS, parent=instalments, done=25)
    raised = quarter.ago(days=4, hours=2)
    for case in jira.batch([f"Recette bancaire : {one}" for one in _ACCEPTANCE], parent=instalments):
        case.hold_up(raised, "En attente d’un créneau de recette chez la banque partenaire.")
    work += jira.batch(_REFUNDS, parent=refunds, done=8, doing=2)
    work += jira.batch(_FRAUD, labels=["okr:KR-FRAUDE"], done=7, doing=1)
    work += jira.batch(_INVOICES, parent=invoices, done=3, doing=2)
    bugs = jira.batch(_BUGS, kind=BUG, done=9, doing=1, planned=False)
    work += bugs
    jira.batch(_UPKEEP, kind=TASK, labels=["ktlo"], done=6)
    work += jira.batch(_UPKEEP_UNMARKED, kind=TASK, done=2, planned=False)
    jira.batch(_ACCESS, parent=audit, doing=1)
    jira.batch(("Surveiller les essais de cartes la nuit",), labels=["okr:KR-FRAUDES"], doing=1)

    repository = desk.repository(REPOSITORY, "paiement", newest=418)
    repository.revert(bugs[6])
    repository.work_on(work)
    repository.open_pull(
        "Remplace le moteur de règles de paiement",
        number=UNTRACED_NUMBER,
        branch="refonte-moteur-regles",
        opened=quarter.ago(days=3, hours=5),
        updated=quarter.ago(hours=2),
        labels=["prêt à fusionner"],
        body=(
            "Nouveau moteur de règles, trois fois plus rapide que l’ancien.\n\n"
            "- 47 fichiers, +2 914 −1 806\n- deux approbations, tous les tests passent\n- fusion prévue ce soir"
        ),
    )
    repository.trailer("Refuse les cartes prépayées anonymes au-delà de 150 €", "OKR: KR-FRAUDE", 0.71)
    repository.trailer("Note chaque refus avec son motif", "KR: KR-FRAUDES", 0.83)
