"""recipe/1: match keys of a person or a list unit, written from docs/protocol/recipe-1.md.

All rules on both sides. Only transliteration through ICU is missing: a field in a script that needs it raises NotCovered.
The letters and the lists of words are read from the page itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "protocol" / "recipe-1.md"
SEPARATOR = "\x1f"
ORDER = "A1 A2 A3 A4 B1 B1F B2 B2F B6 B7 B7F B5 B5F B3 B4 C1 C2 C3F C4 C5F C3 C5 D1 D2".split()
LOCAL = {"C3", "C5", "D1", "D2"}
IGNORED = set(map(chr, (0x27, 0x2E, 0x60, 0x2B9, 0x2BB, 0x2BC, 0x2BE, 0x2BF, 0x2018, 0x2019)))


class NotCovered(ValueError):
    """The field needs ICU's transliteration."""


@lru_cache
def block(info: str) -> str:
    """The fenced block of the page with this info string."""
    (text,) = re.findall(rf"^```{info}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return text


@lru_cache
def letters() -> dict[str, str]:
    tokens = block("letters").split()
    return {letter: "" if latin == "-" else latin for letter, latin in zip(tokens[::2], tokens[1::2], strict=True)}


@lru_cache
def words_of(info: str) -> frozenset[str]:
    return frozenset(block(info).split())


@lru_cache
def sets() -> dict[str, tuple[int, int, frozenset[str]]]:
    """Name to (elements a person, entries a unit, rules)."""
    rows = [line.split() for line in block("sets").splitlines()]
    return {row[0]: (int(row[1]), int(row[2]), frozenset(row[3:])) for row in rows}


# Section 1.

def upper(char: str) -> str:
    """Simple upper case: one code point, or the same."""
    full = char.upper()
    return full if len(full) == 1 else char


def fold(text: str) -> str:
    """Steps 1 to 4, blanks collapsed."""
    replaced = "".join(letters().get(c, letters().get(upper(c), c)) for c in unicodedata.normalize("NFKC", text))
    out = []
    for char in unicodedata.normalize("NFKD", replaced):
        up, category = upper(char), unicodedata.category(char)
        if "A" <= up <= "Z" or "0" <= up <= "9":
            out.append(up)
        elif up in letters():
            out.append(letters()[up])
        elif category in ("Mn", "Me", "Cf") or char in IGNORED:
            pass
        elif category.startswith("L") or category == "Mc":
            raise NotCovered
        else:
            out.append(" ")
    return " ".join("".join(out).split())


def words(folded: str) -> list[str]:
    kept = [word for word in folded.split() if word not in words_of("placeholders")]
    untitled = [word for word in kept if word not in words_of("titles")]
    return untitled or kept


def cut_glued_title(folded: str) -> str:
    head, blank, last = folded.rpartition(" ")
    for title, least in (("MSTR", 3), ("MISS", 3), ("MRS", 3), ("MR", 3), ("MS", 4)):
        rest = last.removesuffix(title)
        if rest != last and len(rest) >= least and rest.isalpha():
            return head + blank + rest
    return folded


def document_number(text: str) -> str:
    number = fold(text).replace(" ", "").replace("O", "0").lstrip("0")
    return "" if len(number) < 5 or len(set(number)) == 1 else number


# Section 2.2.

REPLACEMENTS = [("SHCH", "X"), ("TSCH", "X"), ("SCH", "X"), ("TCH", "X"), ("CH", "X"), ("SH", "X"), ("CZ", "X"),
                ("SZ", "X"), ("ZH", "J"), ("DZ", "J"), ("DJ", "J"), ("PH", "F"), ("KH", "K"), ("GH", "G"), ("TH", "T"),
                ("DH", "T"), ("CK", "K"), ("QU", "K"), ("TS", "S"), ("TZ", "S")]
CLASSES = dict(zip("BPFVWCKQXSZDTGJMNLR", "BPFFFKKKXSSTTGJMNLR", strict=True))


def skeleton(word: str) -> str:
    text = re.sub("C(?=[EIY])", "S", word)
    for old, new in REPLACEMENTS:
        text = text.replace(old, new)
    text = re.sub(r"(.)\1+", r"\1", text)
    out = ""
    for i, char in enumerate(text):
        kind = CLASSES.get(char)
        if kind is None:
            if i == 0:
                out += "H" if char == "H" else "J" if char == "Y" and text[1:2] and text[1] in "AEIOU" else "A"
        elif (char != "W" or i == 0) and (kind != out[-1:] or text[i - 1] in "AEIOUYH"):
            out += kind
    return out or word


# Section 3.

@dataclass
class Document:
    kind: str  # P, I, V, R, O, or empty when it is not known
    number: str
    issuer: str = ""


@dataclass
class Unit:
    surname: str = ""
    given: str = ""
    full: str = ""
    dob: str = ""
    sex: str = ""
    nationalities: list[str] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    booking: bool = False  # glued titles are cut


def core(tokens: list[str], least: int) -> list[str]:
    kept = [word for word in tokens if word not in words_of("particles")]
    return kept if len(kept) >= min(least, len(tokens)) else tokens


def known(code: str) -> bool:
    return re.fullmatch("[A-Z0-9]{1,8}", code) is not None and code not in ("XXX", "UNK")


class Terms:
    """Section 4."""

    def __init__(self, unit: Unit) -> None:
        given = fold(unit.given)
        sur, giv = words(fold(unit.surname)), words(cut_glued_title(given) if unit.booking else given)
        t = core(giv + sur or words(fold(unit.full)), 2)
        self.t = t if len(t) >= 2 else []
        self.ts = sorted(set(self.t))
        self.n = " ".join(self.ts)
        self.ph = sorted({skeleton(word) for word in self.t if len(word) >= 2})
        self.pn = " ".join(self.ph)
        self.use = sorted(sorted(self.ph, key=lambda p: (-len(p), p))[:5])
        self.typed = bool(self.t and sur and giv)
        self.s = "".join(core(sur, 1)) if self.typed else ""
        self.g = core(giv, 1)[0] if self.typed else ""
        self.two = len(self.ts) >= 2
        real = re.fullmatch("[0-9]{4}([0-9]{4})?", unit.dob) and not unit.dob.startswith("0000")
        self.date = unit.dob if real and len(unit.dob) == 8 else ""
        self.year = unit.dob[:4] if real else ""
        sexes = unit.sex if unit.sex in ("F", "M") else "FM"
        self.factors = [(sex, code) for sex in sexes for code in [c for c in unit.nationalities if known(c)][:2]]
        numbers = [(document_number(d.number), d) for d in unit.documents]
        self.documents = [(number, d) for number, d in numbers if number][:3]


# Section 5: each rule gives its fields, without factors.

Fields = tuple[str, ...]


def parts(date: str) -> list[str]:
    year, month, day = date[:4], date[4:6], date[6:]
    return [f"Y{year}M{month}", f"Y{year}D{day}", f"M{month}D{day}"]


def years(year: str, offsets: range) -> list[str]:
    return [f"{int(year) + off:04d}" for off in offsets if 1 <= int(year) + off <= 9999]


def deletions(text: str) -> list[str]:
    text = text[:12]
    return [text] + [text[:i] + text[i + 1:] for i in range(len(text))]


def initials(terms: Terms) -> list[tuple[str, str]]:
    if terms.typed:
        return sorted({(skeleton(terms.s), terms.g[0]), (skeleton(terms.g), terms.s[0])})
    first = terms.t[:5]
    return sorted({(skeleton(a), b[0]) for i, a in enumerate(first) for j, b in enumerate(first)
                   if i != j and len(a) >= 2})


def forms(terms: Terms) -> list[str]:
    return (["T" + terms.pn] if terms.pn else []) + ["J" + skeleton("".join(terms.t))]


def selections(terms: Terms) -> list[str]:
    if len(terms.ph) < 2:
        return []
    without = range(min(7, len(terms.ph))) if len(terms.ph) >= 3 else range(0)
    return [terms.pn] + [" ".join(terms.ph[:i] + terms.ph[i + 1:]) for i in without]


def dated_rules(rule: str, terms: Terms) -> list[Fields]:
    date = terms.date
    if not date:
        return []
    match rule:
        case "A2":
            return [(number, date) for number, _ in terms.documents]
        case "A3":
            return [(terms.n, date)] if terms.two else []
        case "A4":
            return [(terms.s, terms.g, date)] if terms.typed else []
        case "B1":
            return [(a, b, date) for a, b in combinations(terms.use, 2)]
        case "B2":
            return [(p, initial, date) for p, initial in initials(terms)]
        case "B3":
            return [(v, terms.g[0], date) for v in deletions(terms.s)] if len(terms.s) >= 3 else []
        case "B4":
            return [(v, terms.s[0], date) for v in deletions(terms.g)] if len(terms.g) >= 3 else []
        case "B5":
            month, day = date[4:6], date[6:]
            if day > "12" or day == month:
                return []
            return [(a, b, date[:4] + min(month, day) + max(month, day)) for a, b in combinations(terms.use, 2)]
        case "B6":
            return [(terms.n, part) for part in parts(date)] if terms.two else []
        case "C1":
            return [(terms.pn, part) for part in parts(date)] if terms.two and terms.pn else []
        case "C4":
            return [(p, date) for p in terms.ph if len(p) >= 2]
    raise AssertionError(rule)


def yearly_rules(rule: str, terms: Terms, listed: bool) -> list[Fields]:
    year = terms.year
    if not year or not terms.two:
        return []
    match rule:
        case "B7":
            return [(terms.n, year)]
        case "C2":
            near = [y for y in years(year, range(-3, 4)) if y != year] if listed else [year]
            return [(terms.n, y) for y in near]
        case "C3":
            near = years(year, range(-1, 2)) if listed else [year]
            return [(form, y) for y in near for form in forms(terms)]
        case "C5":
            return [(selection, year) for selection in selections(terms)]
    raise AssertionError(rule)


def rule_fields(rule: str, terms: Terms, listed: bool) -> list[Fields]:
    match rule:
        case "A1":
            return [(number, d.issuer, d.kind) for number, d in terms.documents if known(d.issuer) and d.kind]
        case "D1" | "D2":
            name = terms.n if rule == "D1" else terms.pn
            return [(name,)] if terms.two and name and not (listed and terms.year) else []
        case "B7" | "C2" | "C3" | "C5":
            return yearly_rules(rule, terms, listed)
    return dated_rules(rule, terms)


def keys(unit: Unit, listed: bool) -> list[tuple[str, Fields]]:
    """All keys of a unit as (rule, fields), the local ones too, in order and each once, without a limit."""
    terms = Terms(unit)
    out: dict[tuple[str, Fields], None] = {}
    for rule in ORDER:
        factored = rule.endswith("F") or rule == "C4"
        for fields in rule_fields(rule.removesuffix("F"), terms, listed):
            for factor in terms.factors if factored else [()]:
                out[rule, fields + factor] = None
    return list(out)


def set_keys(unit: Unit, name: str, listed: bool) -> list[tuple[str, Fields]]:
    """The keys of a set, cut at its constant."""
    elements, entries, rules = sets()[name]
    return [key for key in keys(unit, listed) if key[0] in rules][:entries if listed else elements]


def key_text(rule: str, fields: Fields) -> bytes:
    return SEPARATOR.join(("entente/recipe/1", rule) + fields).encode("ascii")
