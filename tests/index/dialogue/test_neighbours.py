"""What conversations like this one named."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from core.dialogue import Dialogue, Utterance
from index.dialogue.content import ItemContent
from index.dialogue.context import Context
from index.dialogue.counts import MentionCounts, Mentions, indicator
from index.dialogue.neighbours import Neighbours, Said
from tests.catalogue import FILMS

_TALKS: list[Dialogue] = [(Utterance(True, "", rows),) for rows in ((0, 1, 2), (5, 6), (7, 10), (0, 11))]
_TEXTS = np.eye(4, 8, dtype=np.float32)
_BAGS = np.eye(4, 5, dtype=np.float32)


def _content() -> ItemContent:
    vectors = np.random.default_rng(0).normal(size=(len(FILMS), 8)).astype(np.float32)
    return ItemContent(FILMS, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _of(places: list[int]) -> tuple[Neighbours, MentionCounts]:
    content = _content()
    mentions = [Mentions.of(_TALKS[place]) for place in places]
    named = indicator([one.named for one in mentions], len(content))
    said = Said(_TEXTS[places], csr_matrix(_BAGS[places]))
    return Neighbours.of(named, said, content), MentionCounts.count(mentions, len(content))


def test_the_nearest_conversation_says_what_is_likely() -> None:
    neighbours, counts = _of([0, 1, 2, 3])
    for lift in (neighbours.by_text(_TEXTS[1], counts), neighbours.by_words(_BAGS[1], counts)):
        assert set(np.argsort(-lift)[:2].tolist()) == {5, 6}
        assert lift[3] == 0  # nobody named it
    lift = neighbours.by_content(Context.of([Utterance(True, "", (5,))]), _content(), counts)
    assert lift[6] > lift[1]


def test_conversations_that_are_all_equally_near_say_nothing() -> None:
    content = _content()
    neighbours, counts = _of([0, 1, 2, 3])
    silent = Said(np.zeros((4, 8), np.float32), csr_matrix((4, 5), dtype=np.float32))
    wordless = Neighbours.of(neighbours.named.T.tocsr(), silent, content)
    np.testing.assert_allclose(wordless.by_text(_TEXTS[0], counts), 0, atol=1e-6)
    np.testing.assert_allclose(wordless.by_words(_BAGS[0], counts), 0, atol=1e-6)


def test_company_is_what_else_was_named_less_what_the_item_is() -> None:
    content, (neighbours, counts) = _content(), _of([0, 1, 2, 3])
    described = content.description
    wanted = described[5]
    expected = (described[[5, 6]].mean(axis=0) @ wanted - described[6] @ wanted) / (1 + 3)
    company = neighbours.company(Context.of([Utterance(True, "", (5,))]), content, counts)
    assert company[6] == pytest.approx(expected, abs=1e-5)
    assert company[3] == 0  # never named: it has no company


@pytest.mark.parametrize("left_out", range(4))
def test_without_a_conversation_nothing_of_it_is_left(left_out: int) -> None:
    """What it named is as if never named, and what it was near to no longer counts."""
    content, (neighbours, counts) = _content(), _of([0, 1, 2, 3])
    others, fewer = neighbours.without(left_out), counts.without(Mentions.of(_TALKS[left_out]))
    context = Context.of([Utterance(True, "", (1,))])
    only = np.setdiff1d(Mentions.of(_TALKS[left_out]).named, [0])  # 0 stands in two
    for lift in (
        others.by_content(context, content, fewer),
        others.by_text(_TEXTS[left_out], fewer),
        others.by_words(_BAGS[left_out], fewer),
        others.company(context, content, fewer),
    ):
        np.testing.assert_allclose(lift[only], 0, atol=1e-6)
    expected = _of([place for place in range(4) if place != left_out])
    np.testing.assert_allclose(
        others.company(context, content, fewer), expected[0].company(context, content, expected[1]), atol=1e-5
    )
    assert neighbours.left_out is None


def test_no_conversations_say_nothing() -> None:
    neighbours, counts = _of([])
    context = Context.of([Utterance(True, "", (1,))])
    assert not neighbours.by_content(context, _content(), counts).any()
    assert not neighbours.by_text(_TEXTS[0], counts).any()
    assert not neighbours.by_words(_BAGS[0], counts).any()
    assert not neighbours.company(context, _content(), counts).any()
