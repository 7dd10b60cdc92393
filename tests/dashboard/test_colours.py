"""Every pair of colours that meets on a page can be read (WCAG 2.2 AA), in the light and in the dark, on paper too."""

from __future__ import annotations

import re

import pytest

from okrsync.dashboard import frame

SHEET = frame.content("okrsync.css").decode()
GROUNDS = ("ground", "paper", "sunk")
TONES = ("good", "warn", "bad", "calm")
TEXT, DRAWN = 4.5, 3.0  # the least contrast of text, and of what is drawn or surrounds a control
PAIRS = [
    *((text, ground, TEXT) for text in ("ink", "soft", "accent", *TONES) for ground in GROUNDS),
    *((tone, f"{tone}-paper", TEXT) for tone in TONES),
    ("on-accent", "accent", TEXT),
    *((line, ground, DRAWN) for line in ("edge", "plan") for ground in ("ground", "paper")),
    *((tone, "line", DRAWN) for tone in (*TONES, "accent")),  # the filled part of a bar beside the rest of it
]


def variables(rule: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", rule))


LIGHT = variables(SHEET[SHEET.index(":root {") : SHEET.index("@media screen and (prefers-color-scheme: dark)")])
DARK = variables(SHEET[SHEET.index("@media screen and (prefers-color-scheme: dark)") : SHEET.index("/* ── Ground")])
PRINT = LIGHT | variables(SHEET[SHEET.index("@media print") :])


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_every_pair_can_be_read(theme: dict[str, str]) -> None:
    found = {(one, other): (contrast(theme[one], theme[other]), least) for one, other, least in PAIRS}
    assert {pair: each for pair, each in found.items() if each[0] < each[1]} == {}


def test_both_themes_name_every_colour_and_rules_name_no_other() -> None:
    assert set(LIGHT) == set(DARK)
    rules = SHEET[SHEET.index("/* ── Ground") : SHEET.index("@media print")]
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb\(|hsl\(", rules)
    assert set(re.findall(r"var\(--([a-z0-9-]+)", rules)) <= set(re.findall(r"--([a-z0-9-]+):", SHEET))


def test_it_loads_nothing() -> None:
    assert "url(" not in SHEET
    assert "@import" not in SHEET
    assert "position: sticky" not in SHEET
    assert "position: fixed" not in SHEET
