"""The projects of the payroll company's Jira."""

from __future__ import annotations

from okrsync.sandbox.company.jira_metadata import project

PROJECTS = (
    project("10001", "SHOP", "Application mobile"),
    project("10002", "PAY", "Moteur de paie"),
    project("10003", "PLAT", "Plateforme"),
    project("10004", "DATA", "Données"),
    project("10005", "SEC", "Sécurité"),
)
