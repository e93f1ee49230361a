"""Whether a model's reason says only what can be known: of the item, and of what the person chose."""

from core.item import ItemTable


def is_supported(reason: str, item_id: str, history: list[str], items: ItemTable) -> bool:
    """Whether a reason for an item claims something, and the catalogue and the history (item ids) support all of it."""
    from agent.claims.checker import ClaimChecker

    claims = ClaimChecker.of(items).check(reason, item_id, history=history)
    return bool(claims) and all(claim.holds for claim in claims)
