"""What a person's thumbs add to what they said."""

from collections.abc import Sequence

from core.conversation import Feedback, Verdict
from core.intent import Intent
from core.item import ItemTable

_FIELDS = {Verdict.UP: "liked", Verdict.DOWN: "disliked", Verdict.SEEN: "seen"}


def with_feedback(intent: Intent, feedback: Sequence[Feedback], items: ItemTable) -> Intent:
    """The intent with verdicts on items; what was said in words about the same item wins, the last verdict counts."""
    said = {*intent.liked, *intent.disliked, *intent.seen}
    verdicts = {piece.item_id: piece.verdict for piece in feedback}
    added: dict[str, list[str]] = {field: [] for field in _FIELDS.values()}
    for item_id, verdict in verdicts.items():
        if item_id in items and item_id not in said:
            added[_FIELDS[verdict]].append(item_id)
    known = {item_id for item_ids in added.values() for item_id in item_ids}
    changed: dict[str, tuple[str, ...]] = {field: (*getattr(intent, field), *ids) for field, ids in added.items()}
    changed["rejected"] = tuple(item_id for item_id in intent.rejected if item_id not in known)
    return intent.model_copy(update=changed)
