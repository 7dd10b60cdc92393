"""Who works at L’Ormeraie, and under which name each tool knows them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from okrsync.sandbox.jira.account import Account


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    number: int

    @property
    def login(self) -> str:
        """As on GitHub: ``nbenali``."""
        first, _, rest = _plain(self.name).partition(" ")
        return first[0] + rest.replace(" ", "")

    @property
    def email(self) -> str:
        first, _, rest = _plain(self.name).partition(" ")
        return f"{first}.{rest.replace(' ', '')}@ormeraie.test"

    @property
    def account(self) -> Account:
        """As in Jira."""
        return Account(f"acc-{self.number:02d}", self.name, self.email, "Europe/Paris")

    @property
    def gid(self) -> str:
        """As in Asana."""
        return str(1_207_300_000_000_000 + 101 * self.number)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("’", ""))
    return "".join(one for one in letters if not unicodedata.combining(one)).replace("-", " ").lower()


_NAMES = {
    "boutique": (
        "Camille Laurent",
        "Hugo Marchand",
        "Nadia Benali",
        "Thomas Roussel",
        "Aïcha Traoré",
        "Victor Delmas",
        "Manon Guérin",
    ),
    "mobile": ("Sophie Nguyen", "Rayan Haddad", "Élodie Garnier", "Paul-Antoine Rey", "Lina Ferreira"),
    "paiement": ("Inès Fournier", "Marc Lefèvre", "Youssef Amrani", "Clara Bonnet", "Étienne Masson"),
    "plateforme": ("Yann Le Goff", "Karim Belkacem", "Juliette Perrin", "Denis Aubert"),
    "données": ("Awa Diallo", "Rémi Chastel", "Tuyet Pham", "Gaëlle Morvan"),
    "marketing": ("Margaux Vidal", "Romain Teixeira", "Salomé Brunet", "Adrien Collin"),
    "logistique": ("Gérard Poirier", "Fatou Sarr", "Mickaël Baudry", "Nathalie Cormier"),
    "service client": ("Delphine Robin", "Samir Ouali", "Océane Maillard", "Jean-Baptiste Lacroix"),
    "finance": ("Claire Dumont", "Olivier Schmitt", "Estelle Navarro"),
}

TEAMS: dict[str, tuple[Person, ...]] = {}
for _team, _members in _NAMES.items():
    _known = sum(map(len, TEAMS.values()))
    TEAMS[_team] = tuple(Person(name, _known + place) for place, name in enumerate(_members, 1))
EVERYBODY = tuple(person for team in TEAMS.values() for person in team)
