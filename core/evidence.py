"""Evidence: what is known, in sentences that an explanation can point to."""

from enum import StrEnum

from core.values import Value


class EvidenceKind(StrEnum):
    """Where a sentence comes from."""

    METADATA = "metadata"  # the catalogue says so
    GRAPH = "graph"  # shared with an item that the person named
    CROWD = "crowd"  # what other people chose or rated
    REQUEST = "request"  # it matches what the person asked for


class Evidence(Value):
    """One true sentence about one item; `score` says how much it matters for this conversation (higher is more)."""

    id: str
    item_id: str
    kind: EvidenceKind
    text: str
    # The same with fewer counts, for prompts: a small model mixes up numbers. Empty: the text itself.
    brief: str = ""
    score: float = 0.0

    @property
    def prompt_text(self) -> str:
        """What a language model reads of it."""
        return self.brief or self.text
