"""What developers and their machines write between two tickets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

STEPS = (
    "premier jet",
    "pose le modèle et ses tests",
    "textes relus par le service client",
    "traductions",
    "cas limites",
    "retours de relecture",
    "mesure d’audience",
    "tests de bout en bout",
    "branche l’API",
    "migration de la base",
    "habillage",
    "accessibilité",
    "drapeau de fonctionnalité",
    "messages d’erreur",
    "derniers réglages",
)
UNNAMED_STEPS = (
    "Corrige la mise en forme",
    "Renomme deux variables",
    "Répare un test instable",
    "Range les imports",
    "Relecture",
    "Oubli",
    "Supprime un journal de débogage",
)
BUMPS: Mapping[str, Sequence[str]] = {
    "boutique": (
        "Bump symfony/http-kernel from 7.1.4 to 7.1.5",
        "Bump vite from 5.4.6 to 5.4.8",
        "Bump twig/twig from 3.14.0 to 3.14.1",
        "Bump playwright from 1.47.2 to 1.48.0",
        "Bump doctrine/orm from 3.2.2 to 3.3.0",
    ),
    "app-mobile": (
        "Bump react-native from 0.75.3 to 0.75.4",
        "Bump fastlane from 2.222.0 to 2.223.1",
        "Bump axios from 1.7.5 to 1.7.7",
        "Bump sentry-react-native from 5.32.0 to 5.33.1",
    ),
    "paiement": (
        "Bump spring-boot from 3.3.3 to 3.3.4",
        "Bump jackson-databind from 2.17.2 to 2.18.0",
        "Bump testcontainers from 1.20.1 to 1.20.2",
    ),
    "plateforme": (
        "Bump hashicorp/aws from 5.67.0 to 5.70.0",
        "Bump actions/checkout from 4.1.7 to 4.2.0",
        "Bump k6 from 0.53.0 to 0.54.0",
    ),
    "donnees": ("Bump dbt-core from 1.8.6 to 1.8.7", "Bump pandas from 2.2.2 to 2.2.3"),
}

_GAP = re.compile(r"[^a-z0-9]+")
_SHORT = frozenset({"a", "au", "aux", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les", "par", "un"})


def slug(title: str) -> str:
    """The first words of a title as the name of a branch: ``adresse-livraison-proposee``."""
    letters = unicodedata.normalize("NFKD", title.lower())
    words = _GAP.split("".join(one for one in letters if not unicodedata.combining(one)))
    return "-".join([word for word in words if word and word not in _SHORT][:4])


def lowered(title: str) -> str:
    """The title as it goes on after a colon; names and acronyms keep their capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
