"""Writes answers: a turn's values become the wire's."""

from collections.abc import Callable, Iterable
from urllib.parse import quote

from agent.phrases import moved
from core.artifacts import Wording
from core.item import ItemTable
from core.recommendation import Answer, Recommendation
from index.facts import CURRENCY
from server.answer_format import JsonAnswer, JsonRecommendation
from server.openai_answers import Details, NotChosen, WireEvidence, WireMove, WireRecommendation, WireShares


def image_address(item_id: str) -> str:
    """Where an item's picture is, on this server."""
    return f"/v1/items/{quote(item_id, safe='')}/image"


def write_recommendation(recommendation: Recommendation, items: ItemTable) -> WireRecommendation:
    """A recommendation with what its card shows."""
    item = items[recommendation.item_id]
    return WireRecommendation(
        item_id=item.id,
        title=item.title,
        year=item.year,
        categories=list(item.categories),
        price=item.numbers.get("price"),
        currency=item.facts.get(CURRENCY),
        image=image_address(item.id),
        reason=recommendation.reason,
        evidence_ids=list(recommendation.evidence_ids),
        score=recommendation.score,
        repaired=recommendation.repaired,
    )


def write_details(
    answer: Answer,
    items: ItemTable,
    wording: Wording,
    notices: Iterable[str] = (),
    modality_shares: Callable[[str], dict[str, float]] = lambda _: {},
) -> Details:
    """How an answer came about; `notices` are the server's own, `modality_shares` what an item's embedding is of."""
    return Details(
        kind=answer.kind,
        source=answer.source,
        notices=[*answer.notices, *notices],
        evidence=[
            WireEvidence(id=known.id, item_id=known.item_id, kind=known.kind.value, text=known.text, score=known.score)
            for known in answer.evidence
        ],
        not_chosen=[
            NotChosen(
                item_id=candidate.item_id,
                title=items[candidate.item_id].title,
                year=items[candidate.item_id].year,
                score=candidate.score,
            )
            for candidate in answer.not_chosen
        ],
        moves=[
            WireMove(item_id=chosen.item_id, text=moved(chosen.move, wording), **chosen.move.model_dump())
            for chosen in answer.recommendations
            if chosen.move
        ],
        modalities=[
            WireShares(item_id=chosen.item_id, shares=shares)
            for chosen in answer.recommendations
            if (shares := modality_shares(chosen.item_id))
        ],
        reasoning=answer.reasoning,
        counts=answer.counts,
        seconds=answer.seconds,
        intent=answer.intent,
    )


def write_json(answer: Answer, items: ItemTable) -> JsonAnswer:
    """The answer for `response_format`."""
    return JsonAnswer(
        kind=answer.kind,
        text=answer.text,
        recommendations=[
            JsonRecommendation.model_validate(write_recommendation(chosen, items).model_dump())
            for chosen in answer.recommendations
        ],
        notices=list(answer.notices),
    )
