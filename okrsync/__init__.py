"""okrsync: links every ticket to an objective, measures each key result, writes progress and gaps back."""

__version__ = "0.1.0"
