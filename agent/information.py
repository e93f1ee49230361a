"""Answers about items: read from the catalogue, never generated."""

from collections.abc import Sequence

from agent.phrases import join
from core.artifacts import Wording
from core.evidence import Evidence, EvidenceKind
from core.intent import Asked, Intent, TurnKind
from core.item import Item

# What each question looks at; a fact that the catalogue lacks is said to be missing, not guessed.
_ROLES = {Asked.DIRECTOR: ("director", "author", "creator", "writer"), Asked.CAST: ("actor", "performer")}


def information(
    intent: Intent, about: Sequence[Item], evidence: dict[str, tuple[Evidence, ...]], wording: Wording
) -> str:
    """The answer to a question about items, with everything that is known to answer it."""
    if not about:
        missing = join([f"“{title}”" for title in intent.unknown_titles])
        if missing:
            return f"I don't know {missing}: it isn't in this catalogue, so I won't guess."
        return f"Which {wording.item} do you mean? Tell me its title."
    asked = intent.asked or Asked.GENERAL
    if intent.kind is TurnKind.COMPARE and len(about) > 1:
        return _comparison(asked, about, evidence, wording)
    return "\n\n".join(_about_one(asked, item, evidence.get(item.id, ()), wording) for item in about)


def _about_one(asked: Asked, item: Item, evidence: tuple[Evidence, ...], wording: Wording) -> str:
    if asked in (Asked.GENERAL, Asked.WHY):
        preferred = [piece.text for piece in evidence]
        return f"**{item.label}** — {' '.join(preferred)}" if preferred else f"I only know the title of {item.label}."
    fact = _fact(asked, item, evidence, wording)
    return f"**{item.label}** — {fact}"


def _fact(asked: Asked, item: Item, evidence: tuple[Evidence, ...], wording: Wording) -> str:
    missing = f"this catalogue doesn't say ({_NAMES[asked].format(category=wording.category)})."
    if asked in _ROLES:
        names = [credit.name for credit in item.people if credit.role in _ROLES[asked]]
        return f"{_NAMES[asked]}: {join(names)}." if names else missing
    if asked is Asked.RATING:
        crowd = [piece.text for piece in evidence if piece.kind is EvidenceKind.CROWD]
        return " ".join(crowd) or missing
    value = {
        Asked.YEAR: f"it is from {item.year}." if item.year else "",
        Asked.PLOT: item.description,
        Asked.CATEGORY: f"{join(item.categories)}." if item.categories else "",
        Asked.LENGTH: f"{item.numbers['minutes']:g} minutes." if "minutes" in item.numbers else "",
        Asked.AUDIENCE: _suitability(item, wording),
    }[asked]
    return value or missing


def _suitability(item: Item, wording: Wording) -> str:
    certificate = item.facts.get("certificate")
    rated = f"rated {certificate}; " if certificate else ""
    if not item.categories and not rated:
        return ""
    return f"{rated}its {wording.category} is {join(item.categories)}. Judge by that; I know no more."


def _comparison(
    asked: Asked, about: Sequence[Item], evidence: dict[str, tuple[Evidence, ...]], wording: Wording
) -> str:
    lines = [f"- {_about_one(asked, item, evidence.get(item.id, ()), wording)}" for item in about]
    shared = set(about[0].categories).intersection(*(item.categories for item in about[1:]))
    common = f"What they share: {join(sorted(shared))}." if shared else f"They share no {wording.category}."
    return "\n".join([*lines, "", common])


_NAMES = {
    Asked.YEAR: "the year",
    Asked.DIRECTOR: "by",
    Asked.CAST: "with",
    Asked.PLOT: "what it is about",
    Asked.CATEGORY: "the {category}",
    Asked.LENGTH: "how long it is",
    Asked.RATING: "what people think of it",
    Asked.AUDIENCE: "for whom it is",
}
