"""What a turn answers."""

from enum import StrEnum

from pydantic import Field

from core.candidate import Candidate, Move
from core.evidence import Evidence
from core.intent import Intent
from core.values import Value


class Recommendation(Value):
    """One recommended item with the reason that a person reads and the evidence that it rests on."""

    item_id: str
    title: str
    reason: str
    evidence_ids: tuple[str, ...]
    score: float
    repaired: bool = False  # something in the model's own reason was unsupported, and left out or replaced
    move: Move | None = None  # what corrections did to its place among the candidates


class AnswerKind(StrEnum):
    RECOMMENDATIONS = "recommendations"
    QUESTION = "question"  # nothing to go on yet
    INFORMATION = "information"  # about items
    SMALL_TALK = "small_talk"


class Source(StrEnum):
    """Who chose the items and wrote the reasons."""

    MODEL = "model"
    RETRIEVAL = "retrieval"  # the model was loading, died or timed out, or was not needed


class VerifyCounts(Value):
    """What verification found in the model's output."""

    items_dropped: int = 0  # outside the candidates, on a veto, or named twice
    reasons_repaired: int = 0  # something in them was unsupported, and left out or replaced
    reasons_kept: int = 0
    claims_checked: int = 0  # of the model's own reasons
    claims_unsupported: int = 0
    unsupported_by_kind: dict[str, int] = Field(default_factory=dict)  # such as "year", "person", "opinion"


class Usage(Value):
    """Tokens of the language model."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class Answer(Value):
    """The result of one turn."""

    kind: AnswerKind
    text: str = Field(repr=False)
    intent: Intent = Field(repr=False)
    recommendations: tuple[Recommendation, ...] = Field((), repr=False)
    # The evidence of the recommended items, and the candidates that were not chosen, best first.
    evidence: tuple[Evidence, ...] = Field((), repr=False)
    not_chosen: tuple[Candidate, ...] = Field((), repr=False)
    # Things to know, such as an unknown title or a relaxed wish. They also stand in the text.
    notices: tuple[str, ...] = ()
    source: Source = Source.RETRIEVAL
    reasoning: str = ""  # what the model thought before it chose; not checked, so not part of the text
    counts: VerifyCounts = VerifyCounts()
    usage: Usage = Usage()
    seconds: dict[str, float] = Field(default_factory=dict)  # by step
