"""The parts of a score in words, for answers that say why one item stands above another."""

from collections.abc import Mapping

from core.candidate import Standing
from core.intent import Intent
from core.item import ItemTable
from index.phrases import join

# Smaller differences than this share of the whole gap are not worth a word.
_LEAST_SHARE = 0.15
MOST_PARTS = 2


def differences(better: Standing, other: Standing) -> dict[str, float]:
    """By part of the score how much more `better` has (negative: less), the largest first."""
    names = dict.fromkeys((*better.parts, *other.parts))
    gaps = {name: better.parts.get(name, 0.0) - other.parts.get(name, 0.0) for name in names}
    return dict(sorted(gaps.items(), key=lambda gap: -abs(gap[1])))


def telling(gaps: Mapping[str, float], *, sign: float = 1.0) -> list[str]:
    """The parts that make up most of a gap in one direction, at most `MOST_PARTS`."""
    signed = {name: gap * sign for name, gap in gaps.items() if gap * sign > 0}
    whole = sum(signed.values())
    return [name for name, gap in signed.items() if gap >= _LEAST_SHARE * whole][:MOST_PARTS]


def in_words(name: str, intent: Intent, items: ItemTable) -> str:
    """A part of a score as a noun, such as "likeness to Heat" or "the correction for popularity"."""
    words = {
        "history": "what people chose after choices like yours",
        "liked": f"likeness to {_titles(intent.liked, items) or 'what you liked'}",
        "similar": f"likeness to {_titles(intent.similar_to, items) or 'what you named'}",
        "words": "the words of your wish",
        "heard": "what was recommended in conversations like this one",
        "wishes": "how well it fits your wishes",
        "crowd": "how many chose it and how they rated it",
        "doubt": "trust: few chose it, or they rated it poorly",
        "known": "how many people know it",
        "taste": "closeness to your taste by its text",
        "against": "distance from what you turned down",
        "picture": "likeness to your picture",
        "shown": "novelty: I showed it before",
        "version": "being the best known version",
        "misses": "meeting every wish",
    }
    return words.get(name, f"the correction for {name}")


def parts_in_words(names: list[str], intent: Intent, items: ItemTable) -> str:
    return join([in_words(name, intent, items) for name in names])


def _titles(item_ids: tuple[str, ...], items: ItemTable) -> str:
    return join([items[item_id].title for item_id in item_ids[-2:] if item_id in items])
