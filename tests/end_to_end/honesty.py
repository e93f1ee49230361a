"""What must hold for every answer, whatever the model wrote. Looked up in the catalogue, not taken from the server."""

from typing import Any

from agent.claims import supporting_evidence
from core.evidence import Evidence, EvidenceKind
from core.intent import Intent
from core.item import ItemTable
from index.filters import unsuitable, violates


def faults(message: dict[str, Any], items: ItemTable) -> list[str]:
    """Every recommendation that should not be, and every reason without support; `message` has its `details`."""
    details = message["details"]
    intent = Intent.model_validate(details["intent"])
    recommended = [one["item_id"] for one in message["recommendations"]]
    found = [f"{one} twice" for one in set(recommended) if recommended.count(one) > 1]
    for one in message["recommendations"]:
        found += [f"{one['item_id']} ({one['title']}) {fault}" for fault in _faults(one, intent, details, items)]
    if details["kind"] != "recommendations" and recommended:
        found.append(f"items in an answer of kind {details['kind']}")
    return found


def _faults(one: dict[str, Any], intent: Intent, details: dict[str, Any], items: ItemTable) -> list[str]:
    if one["item_id"] not in items:
        return ["is not in the catalogue"]
    item = items[one["item_id"]]
    found = []
    if (one["title"], one["year"]) != (item.title, item.year):
        found.append(f"is called {item.label} in the catalogue")
    if item.id in intent.excluded:
        found.append("was ruled out by the person")
    if violates(item, intent.vetoes):
        found.append("is on a veto")
    if unsuitable(item, intent.wishes):
        found.append(f"does not suit {intent.wishes.audience}")
    cited = [
        Evidence(**{**piece, "kind": EvidenceKind(piece["kind"])})
        for piece in details["evidence"]
        if piece["id"] in one["evidence_ids"]
    ]
    if {piece.id for piece in cited} != set(one["evidence_ids"]) or any(piece.item_id != item.id for piece in cited):
        found.append("cites evidence that is not its own")
    if not cited or supporting_evidence(one["reason"], item.label, cited) is None:
        found.append(f"has a reason without support: {one['reason']}")
    return found
