"""What served no objective: the sentence, the nodes to mend, the cuts, the items, the trend."""

from okrsync.reports.orphans.answering import answer
from okrsync.reports.orphans.cuts import groupings
from okrsync.reports.orphans.drawing import draw
from okrsync.reports.orphans.sheets import group_sheet, sheet

__all__ = ["answer", "draw", "group_sheet", "groupings", "sheet"]
