"""Two or more items side by side: what the catalogue says of each, what they share, and which fits this person better.

The facts are the catalogue's and the verdict is the score's, part by part. No model.
"""

from collections.abc import Callable, Mapping, Sequence

from agent.score_words import differences, parts_in_words, telling
from core.artifacts import Wording
from core.candidate import Standing
from core.evidence import Evidence
from core.intent import Intent
from core.item import Credit, Item, ItemTable
from core.markdown import escaped
from index.phrases import in_prose, join, number, plural

MOST_NAMES = 3
_UNKNOWN = "–"
# Closer scores than this share of the better one are as good as equal.
_AS_GOOD = 0.03


def comparison(
    about: Sequence[Item],
    evidence: Mapping[str, Sequence[Evidence]],
    wording: Wording,
    intent: Intent,
    items: ItemTable,
    standings: Mapping[str, Standing],
    chosen: frozenset[str] = frozenset(),
) -> str:
    """A Markdown table, what the items share, and a verdict; `chosen` are items that the person chose before."""
    rows = _rows(about, evidence, wording)
    lines = [_line(["", *(item.label for item in about)]), _line(["---"] * (len(about) + 1))]
    lines += [_line([name, *values]) for name, values in rows.items()]
    said = [in_common(about, wording), verdict(about, intent, items, standings, chosen)]
    return "\n".join([*lines, "", escaped(" ".join(part for part in said if part))])


def in_common(about: Sequence[Item], wording: Wording) -> str:
    """The people and categories that all of them have."""
    first, others = about[0], about[1:]
    shared = [name for name in first.categories if all(name in other.categories for other in others)]
    people = [credit for credit in first.people if all(credit in other.people for other in others)]
    parts = [f"the {credit.role} {credit.name}" for credit in people]
    if shared:
        noun = wording.category if len(shared) == 1 else plural(wording.category)
        parts.append(f"the {noun} {join([in_prose(name) for name in shared])}")
    return f"They share {join(parts)}." if parts else f"They share no {wording.category}."


def verdict(
    about: Sequence[Item],
    intent: Intent,
    items: ItemTable,
    standings: Mapping[str, Standing],
    chosen: frozenset[str] = frozenset(),
) -> str:
    """Which of them fits the person better, and the parts of the score that say so; empty without scores."""
    judged = {item.id: item for item in about if item.id in {*intent.liked, *intent.disliked, *intent.seen, *chosen}}
    known = _judged(list(judged.values()), intent)
    open_items = [item for item in about if item.id in standings and item.id not in judged]
    if len(open_items) < 2:
        return (
            f"{known} So {open_items[0].title} is the one that is new to you.".strip()
            if known and open_items
            else known
        )
    ranked = sorted(open_items, key=lambda item: -standings[item.id].score)
    best, second = standings[ranked[0].id], standings[ranked[1].id]
    gaps = differences(best, second)
    leads, lacks = telling(gaps), telling(gaps, sign=-1)
    if best.score - second.score <= _AS_GOOD * abs(best.score) or not leads:
        who = "they" if len(ranked) == 2 else f"{ranked[0].title} and {ranked[1].title} come first, and"
        return f"{known} For you {who} come out as good as equal ({_scores(ranked, standings)}).".strip()
    ahead = f" {ranked[1].title} leads in {parts_in_words(lacks, intent, items)}." if lacks else ""
    words = parts_in_words(leads, intent, items)
    fits = "fits better" if len(ranked) == 2 else "fits best"
    return f"{known} For you, {ranked[0].title} {fits} by {words} ({_scores(ranked, standings)}).{ahead}".strip()


def _judged(judged: Sequence[Item], intent: Intent) -> str:
    """What the person told of these items before, each kind of opinion in one sentence."""
    said: dict[str, list[str]] = {}
    for item in judged:
        opinions = {"like": intent.liked, "don't like": intent.disliked, "have seen": intent.seen}
        words = next((words for words, item_ids in opinions.items() if item.id in item_ids), "")
        said.setdefault(words, []).append(item.title)
    return " ".join(
        f"You said that you {words} {join(titles)}." if words else f"You chose {join(titles)} before."
        for words, titles in said.items()
    )


def _scores(ranked: Sequence[Item], standings: Mapping[str, Standing]) -> str:
    """The two best scores; of more than two, a person wants to know only which leads."""
    first, second = ranked[:2]
    return f"a score of {standings[first.id].score:.2f} against {standings[second.id].score:.2f}"


def _rows(about: Sequence[Item], evidence: Mapping[str, Sequence[Evidence]], wording: Wording) -> dict[str, list[str]]:
    """What is known of any of them, by name, in the order in which people ask for it."""
    rows: dict[str, list[str]] = {}

    def add(name: str, value: Callable[[Item], str]) -> None:
        values = [value(item) or _UNKNOWN for item in about]
        if any(each != _UNKNOWN for each in values):
            rows[name] = values

    add(_capital(wording.category), lambda item: ", ".join(in_prose(name) for name in item.categories))
    add("Year", lambda item: str(item.year or ""))
    for role in dict.fromkeys(credit.role for item in about for credit in item.people):
        add(_capital(role), lambda item, role=role: _names(item.people, role))  # type: ignore[misc]
    for name in dict.fromkeys(name for item in about for name in item.numbers):
        add(_capital(name), lambda item, name=name: number(item.numbers[name]) if name in item.numbers else "")  # type: ignore[misc]
    for name in dict.fromkeys(name for item in about for name in item.facts):
        add(_capital(name.replace("_", " ")), lambda item, name=name: item.facts.get(name, ""))  # type: ignore[misc]
    add("People say", lambda item: _crowd(evidence.get(item.id, ())))
    return rows


def _names(people: Sequence[Credit], role: str) -> str:
    names = [credit.name for credit in people if credit.role == role]
    return ", ".join([*names[:MOST_NAMES], *(["…"] if len(names) > MOST_NAMES else [])])


def _crowd(pieces: Sequence[Evidence]) -> str:
    """How people rated it, without the "It is"."""
    text = next((piece.text for piece in pieces if piece.id.endswith(".c1")), "")
    return text.removeprefix("It is ").rstrip(".")


def _line(cells: Sequence[str]) -> str:
    """A row of a Markdown table; what would end a cell or the row is replaced."""
    return f"| {' | '.join(' '.join(escaped(cell.replace('|', '/')).split()) for cell in cells)} |"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
