"""Answers become lists and numbers that can be checked by hand; accuracy agrees with scikit-learn."""

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, ndcg_score

from evaluation.prompts.answer_log import RawAnswer
from evaluation.prompts.comparison import Comparison
from evaluation.prompts.frames import pair_frame, people_frame, run_frame
from evaluation.prompts.measure import measure, most_popular
from evaluation.prompts.outcomes import ranker_outcomes, ranks_of_lists, read_outcomes
from evaluation.prompts.plan import Plan
from evaluation.prompts.report import make_report
from evaluation.ranking.metrics import ABSENT, NEVER, average_precision, hit_rate, mrr, ndcg, recall
from evaluation.report.folder import write_report
from evaluation.report.people import read_people, write_people
from evaluation.report.provenance import Provenance
from tests.evaluation.prompts.small import ITEMS, PEOPLE, look, small_plan
from tests.evaluation.report.examples import PROVENANCE


def _answers(plan: Plan, texts: dict[int, str]) -> list[RawAnswer]:
    """The same text for all people, by run."""
    return [
        RawAnswer(
            key=task.key,
            catalog="small",
            template=plan.runs[task.run].template.name,
            template_digest="",
            variant=plan.runs[task.run].variant.name,
            model="fake",
            user_id=f"u{task.place}",
            prompt=task.prompt_hash,
            candidates=tuple(ITEMS.items[row].id for row in task.candidates),
            text=texts[task.run],
            finish="stop",
            prompt_tokens=10 + task.place,
            completion_tokens=5,
            seconds=0.1 * (1 + task.place),
        )
        for task in plan.tasks()
        if task.run in texts
    ]


def _ranking(*labels: str, **texts: str) -> str:
    return json.dumps({"ranking": labels, **texts})


def test_repeats_and_strangers_are_counted_and_left_out() -> None:
    plan = small_plan(asked=4, prompts=("hard",), variants="base")
    (outcome,) = read_outcomes(plan, look(plan).index, _answers(plan, {0: _ranking("B", "B", "Q", "A")}), k=3)
    tasks = list(plan.tasks())
    assert outcome.lists.tolist() == [[task.candidates[1], task.candidates[0], -1] for task in tasks]
    assert outcome.outside.tolist() == [0.25] * 4
    assert outcome.repeated.tolist() == [0.25] * 4
    assert outcome.invalid.tolist() == [0] * 4
    assert outcome.in_order.tolist() == [0] * 4
    targets = [person.targets[0] for person in plan.runs[0].people.asked]
    assert outcome.offered.tolist() == [target in task.candidates for target, task in zip(targets, tasks, strict=True)]


def test_of_two_answers_to_one_question_the_first_counts_and_those_of_other_plans_none() -> None:
    plan = small_plan(asked=2, prompts=("hard",), variants="base")
    other = small_plan(asked=2, prompts=("json",), variants="base")
    first, second = _answers(plan, {0: _ranking("A")}), _answers(plan, {0: "no"})
    strangers = _answers(other, {0: "no"})
    (outcome,) = read_outcomes(plan, look(plan).index, [*strangers, *first, *second], k=3)
    assert outcome.invalid.tolist() == [0, 0]


def test_accuracy_by_hand() -> None:
    lists = np.array([[5, 3, -1], [1, 2, 3], [4, -1, -1]])
    targets = np.array([[3, 9], [3, 1], [7, 8]])
    ranks = ranks_of_lists(lists, targets)
    assert ranks.tolist() == [[2, NEVER], [3, 1], [NEVER, NEVER]]
    assert hit_rate(ranks, 3).tolist() == [1, 1, 0]
    assert recall(ranks, 3).tolist() == [0.5, 1, 0]
    assert mrr(ranks, 3).tolist() == [0.5, 1, 0]
    assert average_precision(ranks, 3).tolist() == pytest.approx([0.25, (1 + 2 / 3) / 2, 0])
    ideal = 1 + 1 / np.log2(3)
    assert ndcg(ranks, 3).tolist() == pytest.approx([1 / np.log2(3) / ideal, (1 + 0.5) / ideal, 0])


def test_an_item_that_was_chosen_twice_is_wanted_once() -> None:
    ranks = ranks_of_lists(np.array([[5, 3], [1, 2]]), np.array([[5, 5, 9], [2, 1, 2]]))
    assert ranks.tolist() == [[1, ABSENT, NEVER], [2, 1, ABSENT]]
    assert recall(ranks, 2).tolist() == [0.5, 1]
    assert ndcg(ranks, 2).tolist() == pytest.approx([1 / (1 + 1 / np.log2(3)), 1])  # it was 1.2 and 1.4


def test_accuracy_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    n, k = 30, 30  # of whole lists: scikit-learn's average precision has no k
    lists = np.array([rng.permutation(n) for _ in range(20)])
    targets = np.array([rng.choice(n, 3, replace=False) for _ in range(20)])
    ranks = ranks_of_lists(lists, targets)
    for person in range(20):
        relevant = np.isin(np.arange(n), targets[person]).astype(int)
        scores = np.empty(n)
        scores[lists[person]] = np.arange(n, 0, -1)
        assert ndcg(ranks, 10)[person] == pytest.approx(ndcg_score([relevant], [scores], k=10))
        assert average_precision(ranks, k)[person] == pytest.approx(average_precision_score(relevant, scores))


def test_who_has_no_answer_has_no_value() -> None:
    plan = small_plan(asked=4, prompts=("hard",), variants="base")
    (outcome,) = read_outcomes(plan, look(plan).index, _answers(plan, {0: _ranking("A", "B")})[:3], k=3)
    found = measure("x", plan.runs[0].people, outcome, 3)
    assert found.answered == 3
    assert np.isnan(found.people["NDCG@3"]).tolist() == [False, False, False, True]
    assert found.people["prompt tokens"][:3].tolist() == [10, 11, 12]
    assert found.lists["seconds p50"] == pytest.approx(0.2)


def test_an_answer_in_the_order_of_the_candidates_is_told(comparison: Comparison) -> None:
    assert comparison.runs[0].people["keeps the order"].tolist() == [1] * PEOPLE
    assert comparison.runs[7].people["keeps the order"].tolist() == [0] * PEOPLE
    answer = make_report(comparison, {}, PROVENANCE).answer
    assert "In 4 of the runs at least half of the answers only repeat the candidates" in answer


def test_shares_without_variation_have_an_interval_all_the_same(comparison: Comparison) -> None:
    invalid = comparison.runs[0].means["invalid JSON"]
    assert invalid is not None
    # Wilson's interval for 0 of 30: from 0 to z² / (n + z²).
    assert (invalid.value, invalid.low, invalid.high) == pytest.approx((0, 0, 1.96**2 / (30 + 1.96**2)), abs=1e-4)


def test_the_most_popular_leave_out_what_was_chosen() -> None:
    assert most_popular(np.array([1.0, 9, 5, 7]), [[1], [], [3, 1, 2]], 2).tolist() == [[3, 2], [1, 3], [0, -1]]


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """All prompts; of the second half of the runs, the lists begin with the ranker's last candidate."""
    plan = small_plan()
    found = look(plan)
    reason = {"reason": "It is a comedy.", "reasoning": "This person likes comedies."}
    texts = {}
    for number, run in enumerate(plan.runs):
        answer = run.template.header.answer
        own = {name: text for name, text in reason.items() if name == "reason" and answer == "explained-ranking"}
        own |= {"reasoning": reason["reasoning"]} if answer == "reasoned-ranking" else {}
        texts[number] = _ranking(*("ABC" if number < 4 else "FED"), **own)
    answers = _answers(plan, texts)
    outcomes = read_outcomes(plan, found.index, answers, 3)
    rankers = ranker_outcomes(plan, 3)
    return Comparison(
        plan=plan,
        runs=[measure(run.name, run.people, one, 3) for run, one in zip(plan.runs, outcomes, strict=True)],
        rankers=[measure(name, run.people, one, 3) for name, (run, one) in rankers.items()],
        estimates=found.estimates,
        examples=[(plan.runs[0].name, answers[0])],
        k=3,
        seed=0,
        prices=(1.0, 2.0),
    )


def test_a_model_that_keeps_the_order_is_as_good_as_the_ranker(comparison: Comparison) -> None:
    own = comparison.rankers[0].people
    assert comparison.runs[0].people["NDCG@3"].tolist() == own["NDCG@3"].tolist()
    assert own["NDCG@3"].mean() > 0.9  # everybody goes on to the next film


def test_every_two_runs_are_compared_and_corrected(comparison: Comparison) -> None:
    pairs = comparison.pairs
    assert [(one.first, one.second) for one in pairs] == list(combinations(range(8), 2))
    assert all(one.test.p <= one.test.corrected for one in pairs)
    assert any(one.test.holds for one in pairs)
    matrix = make_report(comparison, {}, PROVENANCE).table("Who beats whom: NDCG@3")
    assert matrix.rows[0][:3] == ("2. hard-v1 · correction=0", ".000", "")
    worst = str(matrix.rows[-1][1])  # the last run minus the first
    assert worst.startswith("−.")
    assert worst.endswith("*")


def test_every_run_is_compared_with_the_order_of_its_own_candidates(comparison: Comparison) -> None:
    assert [(one.first, one.second) for one in comparison.against_ranker] == [(run, run % 2) for run in range(8)]
    same, other = comparison.against_ranker[0], comparison.against_ranker[7]
    assert (same.test.difference, same.test.holds) == (0, False)
    assert other.test.difference < 0
    assert other.test.holds
    assert other.test.corrected == pytest.approx(8 * other.test.p)  # the smallest of eight, as three others are
    report = make_report(comparison, {}, PROVENANCE)
    assert [row[-1] for row in report.table("Against the ranker's order: NDCG@3").rows] == [False] * 4 + [True] * 4
    assert "no run is above the ranker's order and 4 below it" in report.answer
    frame = pair_frame(comparison)
    assert frame.height == 28 + 8
    assert frame["tests corrected for"].to_list() == [28] * 28 + [8] * 8


def test_the_report_is_written_and_its_numbers_come_back(comparison: Comparison, tmp_path: Path) -> None:
    report = make_report(comparison, {"prompts": "all"}, PROVENANCE)
    page = write_report(report, tmp_path).read_text(encoding="utf-8")
    for text in ("hard-v1 · base", "Who beats whom", "Answers that hold", "Cost", "Raw answers", PROVENANCE.command):
        assert text in page
    assert "nan" not in report.answer
    frame = run_frame(comparison)
    assert frame.height == 10  # eight runs and two orders of the ranker
    means = frame.filter(pl.col("run") == "hard-v1 · base")
    assert means["HR@3"].item() == comparison.runs[0].people["HR@3"].mean()
    write_people(people_frame(comparison), tmp_path)
    people = read_people(tmp_path)
    assert people.filter(pl.col("metric") == "NDCG@3").height == 8 * PEOPLE
    assert Provenance.model_validate_json(report.provenance.model_dump_json()) == PROVENANCE


def test_runs_on_different_catalogues_are_never_compared() -> None:
    first = small_plan(asked=6, prompts=("hard",))
    people = replace(first.runs[0].people, catalog="other")
    plan = Plan([*first.runs, *(replace(run, name=f"{run.name} · other", people=people) for run in first.runs)], seed=0)
    outcomes = read_outcomes(plan, look(plan).index, _answers(plan, dict.fromkeys(range(4), _ranking("A", "B"))), k=3)
    rankers = ranker_outcomes(plan, 3)
    found = Comparison(
        plan=plan,
        runs=[measure(run.name, run.people, one, 3) for run, one in zip(plan.runs, outcomes, strict=True)],
        rankers=[measure(name, run.people, one, 3) for name, (run, one) in rankers.items()],
        estimates=[],
        examples=[],
        k=3,
        seed=0,
    )
    assert [(one.first, one.second) for one in found.pairs] == [(0, 1), (2, 3)]
    assert [one.second for one in found.against_ranker] == [0, 1, 2, 3]
    answer = make_report(found, {}, PROVENANCE).answer
    assert "Of 2 runs on small, hard-v1 · base has the highest NDCG@3" in answer
    assert "Of 2 runs on other, hard-v1 · base · other has the highest NDCG@3" in answer


def test_groups_are_compared_where_they_are_large_enough(comparison: Comparison) -> None:
    titles = [table.title for table in make_report(comparison, {}, PROVENANCE).tables]
    assert "Gaps between groups: NDCG@3" not in titles  # fifteen people are too few
