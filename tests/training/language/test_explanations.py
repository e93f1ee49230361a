"""What is composed is true, follows the checker, is said in many ways, and answers all kinds of wishes."""

import json
from collections import Counter

import numpy as np
import pytest

from index.filters import matches
from prompts.payload import evidence_names
from prompts.schema import REASON_CHARS, REASONING_CHARS
from training.language.candidates import choices
from training.language.corpus import Corpus
from training.language.explanations import Explanation, ExplanationWriter
from training.language.positions import training_positions


@pytest.fixture(scope="module")
def written(corpus: Corpus) -> list[Explanation]:
    positions = training_positions(corpus.sequences, 3)
    popular = np.bincount(np.concatenate(corpus.sequences), minlength=len(corpus.items)).astype(np.float32)

    class Popularity:
        def scores(self, histories: list[list[int]]) -> np.ndarray:  # type: ignore[type-arg]
            return np.tile(popular, (len(histories), 1)).astype(np.float32)

    found = choices(Popularity(), positions, 8)
    return ExplanationWriter(corpus).write(found, 60, seed=0)


def test_every_reason_follows_from_the_evidence_that_it_names(written: list[Explanation], corpus: Corpus) -> None:
    writer = ExplanationWriter(corpus)
    for one in written:
        names = evidence_names(one.candidate)
        cited = one.candidate.model_copy(update={"evidence": tuple(names[name] for name in one.reason.evidence)})
        assert writer.holds(one.reason.text, cited, one.intent, one.history), one.reason.text


def test_prompts_and_answers_have_the_form_of_serving(written: list[Explanation]) -> None:
    assert len(written) >= 30
    for one in written:
        payload, answer = json.loads(one.prompt.user), json.loads(one.answer)
        (offered,), (told,) = payload["candidates"], answer["items"]
        asked = "your reasoning" in one.prompt.system
        assert list(answer) == list(one.prompt.answer_schema["properties"]) == ["reasoning"] * asked + ["items"]
        assert not asked or 20 <= len(answer["reasoning"]) <= REASONING_CHARS
        assert told["item"] == offered["item"]
        assert 20 <= len(told["reason"]) <= REASON_CHARS
        # Told in the order in which the prompt has it.
        assert told["evidence"] == [name for name in offered["evidence"] if name in told["evidence"]]
        # Nobody is recommended what they chose or named.
        assert one.reason.item_id not in {*one.history, *one.intent.liked, *one.intent.similar_to}
    # One of the three items of an answer has the line of thought.
    assert 0.15 < np.mean([bool(one.reasoning) for one in written]) < 0.55
    assert any(one.prompt.example for one in written)
    orders = {tuple(json.loads(one.prompt.user)["candidates"][0]["evidence"]) for one in written}
    assert {("a", "b"), ("b", "a")} <= orders


def test_counts_in_the_reasoning_are_right(written: list[Explanation]) -> None:
    checked = 0
    for one in written:
        words = one.reasoning.split()
        if " of the " not in one.reasoning or not words[0].isdigit():
            continue
        known = [one.items[item_id] for item_id in (one.intent.liked or one.history)]
        category = one.reasoning.partition(" are ")[2].partition(",")[0]
        having = [item for item in known if category in [name.lower() for name in item.categories]]
        assert (int(words[0]), int(words[3])) == (len(having), len(known))
        checked += 1
    assert checked


def test_wishes_are_told_in_the_reasoning_and_whether_they_are_met(written: list[Explanation]) -> None:
    wished = [one for one in written if one.reasoning and not one.intent.wishes.is_empty]
    assert wished
    for one in wished:
        is_met = all(matches(one.items[one.reason.item_id], one.intent.wishes).values())
        assert ("All of it is met" in one.reasoning) is is_met


def test_forms_vary(written: list[Explanation]) -> None:
    starts = Counter(" ".join(one.reason.text.split()[:2]) for one in written)
    assert len(starts) >= 8
    assert starts.most_common(1)[0][1] < 0.6 * starts.total()


def test_the_same_seed_writes_the_same(corpus: Corpus, written: list[Explanation]) -> None:
    writer = ExplanationWriter(corpus)
    found = choices(corpus_ranker(corpus), training_positions(corpus.sequences, 2)[:20], 6)
    once, again = writer.write(found, 5, seed=3), writer.write(found, 5, seed=3)
    assert [one.answer for one in once] == [one.answer for one in again]


def corpus_ranker(corpus: Corpus) -> object:
    from index.transitions import Transitions

    return Transitions.fit(corpus.sequences, len(corpus.items))
