"""What must hold for every answer, whatever the model wrote. Looked up in the catalogue, not taken from the server."""

from typing import Any

from agent.claims.checker import ClaimChecker
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
    if violates(item, intent.vetoes, intent.wishes):
        found.append("is on a veto")
    if unsuitable(item, intent.wishes):
        found.append(f"does not suit {intent.wishes.audience}")
    evidence = [
        Evidence(**{**piece, "kind": EvidenceKind(piece["kind"])})
        for piece in details["evidence"]
        if piece["item_id"] == item.id
    ]
    cited = [piece for piece in evidence if piece.id in one["evidence_ids"]]
    if {piece.id for piece in cited} != set(one["evidence_ids"]):
        found.append("cites evidence that is not its own")
    claims = ClaimChecker.of(items).check(one["reason"], item.id, evidence, intent)
    unsupported = [one["reason"][claim.start : claim.end] for claim in claims if not claim.holds]
    if unsupported or not claims:
        found.append(f"has a reason without support for {unsupported or 'anything'}: {one['reason']}")
    return found
