"""What a sentence needs beyond its words: the plural, small numbers in letters, days, lengths of time, lists.

It is asked for behind the name of a fact, and each language has its own rules:

- ``{n:an item|# items}``: the form that goes with a number, in which ``#`` is the number, ``@`` the number in letters,
  ``^`` the same with a capital. A third form stands first and is for none at all.
- ``{days:length}``: a number of days as people say it, "three days", "two weeks", "four months".
- ``{due:day}``: an ISO day in words, with its year where the fact has one ("2026-11-12", or "--11-12" without).
- ``{keys:list}``: what ``", "`` parts, joined as in a sentence; a last "+3" counts those that are not named.
- ``{unit:unit}``: the unit behind a value, as close to it as the language wants it.
"""

from __future__ import annotations

from okrsync.model import Say

NUMBERS = {
    "en": ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    "fr": ("aucun", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
}
MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}
LENGTHS = {
    "en": ("a day|@ days", "a week|@ weeks", "a month|@ months"),
    "fr": ("un jour|@ jours", "une semaine|@ semaines", "un mois|@ mois"),
}
AND = {"en": " and ", "fr": " et "}
OTHERS = {"en": "one other|@ others", "fr": "un autre|@ autres"}
SPACE = "\u00a0"
QUOTED = {"en": "“{}”", "fr": f"«{SPACE}{{}}{SPACE}»"}
ITEM = "key"
"""The fact that is an item: by its key, or by its title."""
WEEK, FORTNIGHT, QUARTER = 7, 14, 63
MONTH = 365.25 / 12


def facts(what: Say, language: str) -> dict[str, object]:
    """The facts of a sentence as the language writes them."""
    return {
        name: called(value, language) if name == ITEM and isinstance(value, str) else _fact(value, language)
        for name, value in what.args
    }


def _fact(value: str | int | float, language: str) -> object:
    if isinstance(value, str):
        return Word(value, language)
    return Count(value, language) if isinstance(value, int) else Number(value, language)


class Word(str):
    """A text, or a day, a list or a unit where the sentence asks for one."""

    def __new__(cls, text: str, language: str) -> Word:
        word = super().__new__(cls, text)
        word.language = language
        return word

    language: str

    def __format__(self, spec: str) -> str:
        match spec:
            case "day":
                return day(str(self), self.language)
            case "list":
                return listed([called(one, self.language) for one in str(self).split(", ")], self.language)
            case "unit":
                tight = not self or (self.language == "en" and self == "%")
                return str(self) if tight else SPACE + self
            case _:
                return format(str(self), spec)


class Count(int):
    """A whole number, which words agree with."""

    def __new__(cls, number: int, language: str) -> Count:
        count = super().__new__(cls, number)
        count.language = language
        return count

    language: str

    def __format__(self, spec: str) -> str:
        if spec == "length":
            return length(int(self), self.language)
        return agreed(int(self), spec, self.language) if "|" in spec else format(int(self), spec)


class Number(float):
    """A number, in French with a comma."""

    def __new__(cls, number: float, language: str) -> Number:
        one = super().__new__(cls, number)
        one.language = language
        return one

    language: str

    def __format__(self, spec: str) -> str:
        if "|" in spec:
            return agreed(float(self), spec, self.language)
        written = format(float(self), spec)
        return written.replace(".", ",") if self.language == "fr" else written


def agreed(number: float, forms: str, language: str) -> str:
    """The form that goes with a number: one is singular, in French whatever is below two."""
    several = forms.split("|")
    if len(several) == 3:
        none, *several = several
        if number == 0:
            return none
    one = number < 2 if language == "fr" else number == 1
    spelt = letters(number, language)
    form = several[0 if one else 1]
    return form.replace("#", digits(number, language)).replace("@", spelt).replace("^", spelt.capitalize())


def digits(number: float, language: str) -> str:
    """A number in digits, with a decimal where it has one."""
    written = f"{number:.10g}"
    return written.replace(".", ",") if language == "fr" else written


def letters(number: float, language: str) -> str:
    """A whole number up to ten in letters, any other in digits."""
    words = NUMBERS[language]
    return words[int(number)] if number == int(number) and 0 <= number < len(words) else digits(number, language)


def length(days: int, language: str) -> str:
    """A number of days in days, or in weeks or months where that is how people say it."""
    in_days, in_weeks, in_months = LENGTHS[language]
    if days >= QUARTER:
        return agreed(round(days / MONTH), in_months, language)
    if days == WEEK or days >= FORTNIGHT:
        return agreed((days + WEEK // 2) // WEEK, in_weeks, language)
    return agreed(days, in_days, language)


def day(iso: str, language: str) -> str:
    """An ISO day in words; one that begins with ``--`` has no year."""
    year, month, number = iso.rsplit("-", 2)
    first = "1er" if language == "fr" and int(number) == 1 else str(int(number))
    words = f"{first}{SPACE}{MONTHS[language][int(month) - 1]}"
    return f"{words} {year}" if year.strip("-") else words


def called(name: str, language: str) -> str:
    """What an item is called: a key as it is, a title in quotes; no key holds a space."""
    return QUOTED[language].format(name) if any(map(str.isspace, name)) else name


def listed(names: list[str], language: str) -> str:
    """Names as in a sentence; a last one such as "+3" counts those that are not told."""
    *most, last = names
    if last.startswith("+") and last[1:].isdigit():
        last = agreed(int(last[1:]), OTHERS[language], language)
    return AND[language].join([", ".join(most), last]) if most else last
