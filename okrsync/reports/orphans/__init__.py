"""What served no objective: the sentence, the nodes to mend, the cuts, the items, the trend."""

from okrsync.reports.orphans.answering import Basis, answer, summary
from okrsync.reports.orphans.cuts import AGES, called, groupings
from okrsync.reports.orphans.drawing import code, draw, rest, trend
from okrsync.reports.orphans.items import LISTED
from okrsync.reports.orphans.sheets import group_sheet, sheet

__all__ = [
    "AGES",
    "LISTED",
    "Basis",
    "answer",
    "called",
    "code",
    "draw",
    "group_sheet",
    "groupings",
    "rest",
    "sheet",
    "summary",
    "trend",
]
