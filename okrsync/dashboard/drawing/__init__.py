"""Drawings as numbers: where the lines of a chart lie. Pure; the templates turn them into SVG."""
