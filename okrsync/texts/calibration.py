"""The words of the calibration: rules, their errors, and what became of chances."""

from __future__ import annotations

CATALOG: dict[str, tuple[str, str]] = {
    "sheet.title.calibrate": ("How often each rule was right", "À quel point chaque règle a vu juste"),
    "sheet.title.deciles": ("What was said, and what happened", "Ce qui a été annoncé, et ce qui est arrivé"),
    "sheet.rule_word": ("rule", "règle"),
    "sheet.balanced": ("balanced", "équilibrée"),
    "sheet.hard": ("hard", "franche"),
    "sheet.healthy_red": ("healthy red", "sains rouges"),
    "sheet.failing_green": ("failing green", "manqués verts"),
    "sheet.amber": ("amber", "orange"),
    "sheet.abstained": ("silent", "muette"),
    "sheet.flips": ("flips", "bascules"),
    "sheet.brier": ("Brier", "Brier"),
    "sheet.chance_word": ("chance", "chances"),
    "sheet.count": ("how often", "combien de fois"),
    "sheet.foretold": ("said", "annoncé"),
    "sheet.happened": ("happened", "arrivé"),
    "calibrate.own": (
        "Key results of work whose window is over: {trials}. Reached: {reached}. Judged at 30, 50 and 70% of their "
        "windows: {looks} times.",
        "Résultats clés de travail dont la période est passée : {trials}. Atteints : {reached}. Jugés à 30, 50 et "
        "70 % de leur période : {looks} fois.",
    ),
    "calibrate.recorded": (
        "Groups in {file}: {trials}. Reached: {reached}. Judged at 30, 50 and 70% of their windows: {looks} times.",
        "Groupes dans {file} : {trials}. Atteints : {reached}. Jugés à 30, 50 et 70 % de leur période : {looks} fois.",
    ),
    "calibrate.few": (
        "They are few: with {trials}, one more or less changes the table.",
        "C’est peu : avec {trials}, un de plus ou de moins change le tableau.",
    ),
    "calibrate.nothing": (
        "Nothing to judge by yet: no key result of work with a scope has come to the end of its window. Recorded "
        "histories can be given with --histories FILE.",
        "Rien encore pour juger : aucun résultat clé de travail ayant un périmètre n’est arrivé au terme de sa "
        "période. Des historiques enregistrés peuvent être donnés par --histories FICHIER.",
    ),
    "calibrate.deciles": (
        "What okrsync said, and what happened (with its 95% interval)",
        "Ce qu’okrsync a annoncé, et ce qui est arrivé (avec son intervalle à 95 %)",
    ),
    "calibrate.tenth": ("{low} to {high}%", "{low} à {high} %"),
    "calibrate.note": (
        "Balanced error: the mean of the errors on those that were reached and on those that were not; green on a "
        "failure and red on a success cost 1, amber and silence ½. Hard error: the same with amber free. Flips: "
        "changes of the status a quarter. Brier: the mean square of what the chance was off by.",
        "Erreur équilibrée : la moyenne des erreurs sur les atteints et sur les manqués ; vert sur un manqué et rouge "
        "sur un atteint coûtent 1, l’orange et le silence ½. Erreur franche : la même, sans compter l’orange. "
        "Bascules : changements de statut par trimestre. Brier : carré moyen de l’écart entre les chances et l’issue.",
    ),
    "calibrate.rule.okrsync": ("okrsync", "okrsync"),
    "calibrate.rule.chance": ("its chance alone", "ses chances seules"),
    "calibrate.rule.first": ("okrsync, first design", "okrsync, 1re conception"),
    "calibrate.rule.first_chance": ("its chance, first design", "ses chances, 1re conception"),
    "calibrate.rule.pace_upraise": ("pace .95/.75 (UpRaise)", "rythme 0,95/0,75 (UpRaise)"),
    "calibrate.rule.pace_oboard": ("pace .7/.4 (OBoard)", "rythme 0,7/0,4 (OBoard)"),
    "calibrate.rule.gap_engagedly": ("gap 16.5/33 (Engagedly)", "écart 16,5/33 (Engagedly)"),
    "calibrate.rule.bands": ("fixed bands .7/.4", "seuils fixes 0,7/0,4"),
}
