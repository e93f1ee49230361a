"""The JSON half of a prompt: the intent and the candidates, as data that a language model reads."""

import json
import re
from string import ascii_lowercase
from typing import Any

from core.candidate import Candidate
from core.evidence import Evidence
from core.intent import Intent, Preferences, Range
from core.item import ItemTable

# Every piece costs reading time in every turn; the page shows all of them.
EVIDENCE_PER_CANDIDATE = 2
# A plot costs more tokens than all other evidence together, twice where the model repeats it.
LONGEST_EVIDENCE = 90
_TOKEN_IN_BRACKETS = re.compile(r"\[(?=/?[A-Z_]+\])")


def to_prompt_json(payload: dict[str, Any]) -> str:
    """Compact JSON in which text from the chat or the catalogue can't end a message or open a special token.

    Special tokens (`<|im_end|>`) and content blocks of prompt templates (`<content_block>`) begin with `<`, those of
    some models are capitals in brackets (`[INST]`); no list of the JSON itself begins so.
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(", ", ": "))
    return _TOKEN_IN_BRACKETS.sub(r"\\u005b", text.replace("<", "\\u003c"))


def candidate_labels(candidates: tuple[Candidate, ...], items: ItemTable) -> dict[str, str]:
    """The name of each candidate in the prompt → its item id; items that share a label are told apart by their id."""
    labels: dict[str, str] = {}
    for candidate in candidates:
        label = items[candidate.item_id].label
        if label in labels:
            label = f"{label} [{candidate.item_id}]"
        labels[label] = candidate.item_id
    return labels


def evidence_names(candidate: Candidate) -> dict[str, Evidence]:
    """The best short pieces of a candidate's evidence by the name that they have in the prompt, none said twice.

    One letter each: a token, where the real id would be six. They mean something only together with the item.
    """
    short = [piece for piece in candidate.evidence if len(piece.prompt_text) <= LONGEST_EVIDENCE]
    told: list[Evidence] = []
    for piece in short or candidate.evidence:
        # "It is a comedy." behind "As you asked, it is a comedy."
        claim = piece.prompt_text.removeprefix("It ").rstrip(".")
        if not any(claim in known.prompt_text for known in told):
            told.append(piece)
    return dict(zip(ascii_lowercase, told[:EVIDENCE_PER_CANDIDATE], strict=False))


def recommend_payload(
    intent: Intent,
    candidates: tuple[Candidate, ...],
    *,
    items: ItemTable,
    count: int,
    history: tuple[str, ...] = (),
    best_last: bool = False,
) -> dict[str, Any]:
    """What the person wants, then the candidates with their evidence by id: the best first, or `best_last`."""
    chosen = tuple(one for one in history if one not in intent.disliked)
    named = {
        "liked": _titles(intent.liked or chosen[-5:], items),
        "disliked": _titles(intent.disliked, items),
        "similar_to": _titles(intent.similar_to, items),
        "wishes": preferences_in_words(intent.wishes),
        "avoid": preferences_in_words(intent.vetoes),
        "request": intent.query,
        "on_their_picture": list(intent.picture_words),
    }
    order = -1 if best_last else 1
    by_id = {candidate.item_id: list(evidence_names(candidate).items())[::order] for candidate in candidates}
    return {
        **{name: value for name, value in named.items() if value},
        "choose": count,
        "candidates": [
            {
                "item": label,
                "evidence": {name: piece.prompt_text for name, piece in by_id[item_id]},
            }
            for label, item_id in candidate_labels(candidates, items).items()
        ],
    }


def example_answer(
    intent: Intent, candidates: tuple[Candidate, ...], items: ItemTable, *, reasoned: bool = True
) -> dict[str, Any]:
    """A true answer about some candidates in the form of the schema: each reason is the best piece of evidence."""
    labels = {item_id: label for label, item_id in candidate_labels(candidates, items).items()}
    best = [
        (labels[candidate.item_id], next(iter(evidence_names(candidate).items()), None)) for candidate in candidates
    ]
    wanted = preferences_in_words(intent.wishes) or _titles(intent.similar_to or intent.liked, items)
    reasoning = f"This person wants: {', '.join(wanted)}." if wanted else "What this person chose before decides."
    return {
        **({"reasoning": reasoning} if reasoned else {}),
        "items": [
            {"item": label, "evidence": [piece[0]], "reason": piece[1].prompt_text} for label, piece in best if piece
        ],
    }


def _titles(item_ids: tuple[str, ...], items: ItemTable) -> list[str]:
    return [items[item_id].label for item_id in item_ids if item_id in items]


def preferences_in_words(preferences: Preferences) -> list[str]:
    """Preferences in words: what a small model understands better than nested JSON."""
    words = [str(mood) for mood in preferences.moods] + [*preferences.categories]
    words += [_range(years, "years") for years in preferences.years]
    words += [f"with or by {name}" for name in preferences.people]
    words += [_range(bounds, name) for name, bounds in preferences.numbers.items()]
    words += [f"{name}: {' or '.join(values)}" for name, values in preferences.facts.items()]
    if preferences.audience:
        words.append(f"for {preferences.audience}")
    return words


def _range(bounds: Range, name: str) -> str:
    if bounds.first is None:
        return f"{name} up to {bounds.last:g}"
    if bounds.last is None:
        return f"{name} from {bounds.first:g}"
    return f"{name} {bounds.first:g} to {bounds.last:g}"
