"""What is composed is true, follows the checker, and is said in many ways."""

from collections import Counter

import numpy as np
import pytest

from core.evidence import Evidence, EvidenceKind
from prompts.payload import candidate_labels, evidence_names
from prompts.schema import REASON_CHARS, REASONING_CHARS
from training.language.candidates import choices
from training.language.corpus import Corpus
from training.language.explanations import Explanation, ExplanationWriter
from training.language.phrasing import fact_of, say, subjects, together
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
        by_id = {candidate.item_id: candidate for candidate in one.candidates}
        for reason in one.reasons:
            candidate = by_id[reason.item_id]
            names = evidence_names(candidate)
            cited = candidate.model_copy(update={"evidence": tuple(names[name] for name in reason.evidence)})
            assert writer.holds(reason.text, cited, one.intent, one.history), reason.text


def test_answers_have_the_form_that_serving_asks_for(written: list[Explanation]) -> None:
    import json

    assert len(written) >= 30
    for one in written:
        answer = json.loads(one.answer)
        labels = candidate_labels(one.candidates, one.items)
        assert list(answer) == ["reasoning", "items"]
        assert 20 <= len(answer["reasoning"]) <= REASONING_CHARS
        chosen = [item["item"] for item in answer["items"]]
        assert set(chosen) <= labels.keys()
        assert len(set(chosen)) == len(chosen) == one.prompt.answer_schema["properties"]["items"]["minItems"]
        assert all(20 <= len(item["reason"]) <= REASON_CHARS for item in answer["items"])
        # Nobody is recommended what they chose or named.
        assert not {reason.item_id for reason in one.reasons} & {*one.history, *one.intent.liked}


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


def test_forms_vary(written: list[Explanation]) -> None:
    starts = Counter(" ".join(reason.text.split()[:2]) for one in written for reason in one.reasons)
    assert len(starts) >= 6
    assert starts.most_common(1)[0][1] < 0.5 * starts.total()
    again = [one.answer for one in written]
    assert len(set(again)) > 0.9 * len(again)


def test_the_same_seed_writes_the_same(corpus: Corpus, written: list[Explanation]) -> None:
    writer = ExplanationWriter(corpus)
    found = choices(corpus_ranker(corpus), training_positions(corpus.sequences, 2)[:20], 6)
    once, again = writer.write(found, 5, seed=3), writer.write(found, 5, seed=3)
    assert [one.answer for one in once] == [one.answer for one in again]


def corpus_ranker(corpus: Corpus) -> object:
    from index.transitions import Transitions

    return Transitions.fit(corpus.sequences, len(corpus.items))


@pytest.mark.parametrize(
    ("sentence", "ways"),
    [
        ("It is a comedy.", {"It is a comedy."}),
        (
            "Like Heat (1995), it is a crime film.",
            {
                "Like Heat (1995), it is a crime film.",
                "It is a crime film, like Heat (1995).",
                "It is a crime film, just like Heat (1995).",
                "You chose Heat (1995), and like it, it is a crime film.",
                "You chose Heat (1995); it is a crime film too.",
            },
        ),
        (
            "People who chose Heat often chose it too.",
            {
                "People who chose Heat often chose it too.",
                "People who chose Heat often also chose it.",
                "Others who chose Heat often chose it too.",
            },
        ),
        ("A veteran drives a cab.", {"A veteran drives a cab."}),
    ],
)
def test_all_ways_to_say_a_fact(sentence: str, ways: set[str]) -> None:
    fact = fact_of(Evidence(id="1.m1", item_id="1", kind=EvidenceKind.METADATA, text=sentence))
    rng = np.random.default_rng(0)
    assert {say(fact, "It", rng, chosen=["Heat (1995)"]) for _ in range(200)} == ways


def test_joints(corpus: Corpus) -> None:
    rng = np.random.default_rng(0)
    joined = {together(["Fargo is a drama.", "It is rated 4 of 5."], rng) for _ in range(100)}
    assert joined == {
        "Fargo is a drama. It is rated 4 of 5.",
        "Fargo is a drama, and it is rated 4 of 5.",
        "Fargo is a drama; it is rated 4 of 5.",
        "Fargo is a drama, and it is also rated 4 of 5.",
    }
    assert "Fargo" in subjects("Fargo", corpus.wording)
    assert not any("Mr." in name for name in subjects("Mr. Wrong", corpus.wording))
