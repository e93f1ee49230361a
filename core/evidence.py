"""Evidence: what is known, in sentences that an explanation can point to."""

from enum import StrEnum

from pydantic import Field

from core.values import Value


class EvidenceKind(StrEnum):
    """Where a sentence comes from."""

    METADATA = "metadata"  # the catalogue says so
    GRAPH = "graph"  # shared with an item that the person named
    CROWD = "crowd"  # what other people chose or rated
    REQUEST = "request"  # it matches what the person asked for


class EvidenceScore(Value):
    """How much a sentence matters: relevance × temporal decay × credibility.

    The score of in-dataset retrieval in LLM4Rec (arXiv 2510.01622). Each part lies in [0, 1] and means the same for all
    kinds of evidence, so that a fact of the catalogue and the choices of a crowd can be compared.
    """

    relevance: float = Field(ge=0, le=1)  # how much it says about what this person wants now
    decay: float = Field(1.0, ge=0, le=1)  # how recent it is: 1 is now, or of no age
    credibility: float = Field(1.0, ge=0, le=1)  # how well attested it is: 1 is the catalogue's own word

    @property
    def value(self) -> float:
        """The product of the three parts."""
        return self.relevance * self.decay * self.credibility


class Evidence(Value):
    """One true sentence about one item; `score` says how much it matters for this conversation (higher is more)."""

    id: str
    item_id: str
    kind: EvidenceKind
    text: str
    # The same with fewer counts, for prompts: a small model mixes up numbers. Empty: the text itself.
    brief: str = ""
    score: float = 0.0
    parts: EvidenceScore | None = None  # what `score` is the product of

    @property
    def prompt_text(self) -> str:
        """What a language model reads of it."""
        return self.brief or self.text
