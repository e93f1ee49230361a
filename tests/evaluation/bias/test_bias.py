"""The audit and the curves on a small catalogue whose biases are known, because they were put there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactError, InputError
from debias.groups import Groups
from debias.parity import standardised
from evaluation.bias.adversary import embed, fresh_auc
from evaluation.bias.corrections import bounds, by_parity, by_popularity
from evaluation.bias.measures import mean, measure, threshold_of
from evaluation.bias.rankers import HISTORY
from evaluation.bias.world import World, load_world, tiers
from evaluation.experiments.bias_audit import run as audit
from evaluation.experiments.debias_curve import run as curve
from evaluation.experiments.debias_curve_report import Found, Summary
from evaluation.experiments.registry import ExperimentSettings
from evaluation.metrics.group_gaps import gap
from evaluation.report.folder import write_report
from evaluation.statistics import Interval, PairedTest
from index.history import HistoryModel
from training.ranking import train_ranking
from training.sequence import SequenceTraining

PEOPLE, ITEMS = 90, 48


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Items in two categories, of which the a's like one and the b's the other; low ids are the popular ones."""
    root = tmp_path_factory.mktemp("catalogue") / "shop"
    root.mkdir()
    rng = np.random.default_rng(0)
    kinds = np.array(["red", "blue"])[np.arange(ITEMS) % 2]
    items = "".join(f"{item},Item {item},{kind}\n" for item, kind in enumerate(kinds))
    (root / "items.csv").write_text(f"id,title,categories\n{items}")
    groups = np.arange(PEOPLE) % 2
    lines, users = ["user,item,time"], ["user,side"]
    for person in range(PEOPLE):
        liked = np.where(kinds == ("red", "blue")[groups[person]], 4.0, 1.0)
        chances = liked / (1 + np.arange(ITEMS)) ** 0.7
        chosen = rng.choice(ITEMS, 9, replace=False, p=chances / chances.sum())
        lines += [f"p{person},{item},{1000 * place + person}" for place, item in enumerate(chosen)]
        users.append(f"p{person},{'ab'[groups[person]]}")
    (root / "interactions.csv").write_text("\n".join(lines))
    (root / "users.csv").write_text("\n".join(users))
    return root


@pytest.fixture(scope="module")
def world(folder: Path) -> World:
    return load_world(settings_of(folder), ["side"], HISTORY)


def settings_of(folder: Path, **options: str) -> ExperimentSettings:
    """Reports go beside the catalogue; nothing is written by what is tested with these."""
    return ExperimentSettings(catalog=str(folder), report=folder.parent / "report", options=options)


def test_the_last_choice_is_held_out(world: World) -> None:
    assert len(world.histories) == PEOPLE
    assert {len(history) for history in world.histories} == {8}
    assert not any(target in history for target, history in zip(world.targets, world.histories, strict=True))
    assert np.isneginf(world.scores[0, world.histories[0]]).all()
    assert world.counts.sum() == 8 * PEOPLE


def test_tiers_are_by_share_of_choices() -> None:
    assert tiers(np.array([30.0, 30, 20, 10, 10])).tolist() == [0, 0, 1, 2, 2]
    assert tiers(np.array([10.0, 90])).tolist() == [2, 0]  # however much the most popular one has, it is the head


def test_more_correction_gives_less_popular_lists_and_none_is_the_identity(world: World) -> None:
    assert by_popularity(world, "backdoor", 0.0) is world.scores
    threshold = threshold_of(world)
    lifts = [
        measure(world, by_popularity(world, "counterfactual", strength), threshold).lift.mean()
        for strength in (0.0, 0.5, 1.0)
    ]
    assert lifts[0] > lifts[1] > lifts[2]


def test_a_gap_that_was_put_there_is_found_and_bounded(world: World) -> None:
    threshold = threshold_of(world)
    before = measure(world, world.scores, threshold)
    found = gap(world.groups[0], before.exposure, seed=0)
    assert found.p < 0.02
    assert found.interval.value > 3 * found.by_chance
    after = measure(world, by_parity(world, world.scores, bounds(world, before, 0.5), threshold), threshold)
    assert world.groups[0].gap(after.exposure) <= 0.5 * found.interval.value + 1e-9
    assert world.groups[0].gap(after.above) <= 0.5 * world.groups[0].gap(before.above) + 1e-9
    [real] = world.groups
    meaningless = Groups(real.column, real.names, np.random.default_rng(1).permutation(real.codes))
    assert gap(meaningless, before.exposure, seed=0).p > 0.02


def test_a_classifier_guesses_the_group_from_embeddings(world: World) -> None:
    embedded = embed(world, dimensions=8)
    assert embedded.now.shape == (PEOPLE, 8)
    learned, others = np.arange(60), np.arange(60, PEOPLE)
    # Of 30 people for the test, both groups are large enough in the whole.
    groups = Groups("side", world.groups[0].names, world.groups[0].codes)
    assert fresh_auc(embedded.now, groups, learned, others) > 0.8


def test_a_classifier_that_has_one_group_to_guess_from_says_nothing(world: World) -> None:
    persons = np.zeros((PEOPLE, 2), dtype=np.float32)
    learned, others = np.arange(60), np.arange(60, PEOPLE)
    assert np.isnan(fresh_auc(persons, Groups.of("side", ["a"] * PEOPLE), learned, others))
    absent = Groups.of("side", ["a"] * 30 + ["b"] * 60)  # nobody of a is among the others
    assert np.isnan(fresh_auc(persons, absent, learned, others))


def test_a_catalogue_without_categories_has_no_calibration(world: World) -> None:
    bare = replace(world, class_names=world.class_names[-3:], classes=world.classes[:, -3:])
    measured = measure(bare, bare.scores, threshold_of(bare))
    assert np.isnan(measured.miscalibration).all()
    assert np.isnan(mean(measured.miscalibration, seed=0).value)


def test_nothing_can_be_lost_where_nothing_was_found(world: World) -> None:
    one = Interval(0.2, 0.1, 0.3)
    some = Summary(one, PairedTest(0.1, 0.0, 0.2, p=0.5), one, one, coverage=1.0, gini=0.0, tail=0.0, gaps={})
    assert Found({"nothing": replace(some, ndcg=Interval(0.0, 0.0, 0.0)), "some": some}).lost("some") == 0
    assert Found({"nothing": some, "some": some}).lost("some") == -0.5


def test_the_audit_reports_every_group_before_and_after(folder: Path, tmp_path: Path) -> None:
    settings = ExperimentSettings(
        catalog=str(folder), report=tmp_path, options={"columns": "side", "strength": "1", "ranker": "history"}
    )
    report = audit(settings)
    page = write_report(report, tmp_path)
    assert page.is_file()
    by_side = report.table("By side").rows
    assert [(row[0], row[1]) for row in by_side] == [
        (group, name) for group in "ab" for name in ("before", "popularity", "popularity and parity")
    ]
    assert len(report.table("Gaps between groups").rows) == 9
    assert "no proof of being fair" in report.answer


def test_the_curves_go_on_where_they_were_interrupted(folder: Path, tmp_path: Path) -> None:
    settings = ExperimentSettings(
        catalog=str(folder), report=tmp_path, options={"columns": "side", "adversary": "false", "ranker": "history"}
    )
    first = curve(settings)
    kept = (tmp_path / "settings.jsonl").read_text()
    again = curve(settings)
    assert (tmp_path / "settings.jsonl").read_text() == kept
    assert again.tables == first.tables
    names = [row[0] for row in first.table("Every setting").rows]
    assert names[0] == "nothing"
    assert {"backdoor 1", "counterfactual 0.2", "backdoor with trend 0.4", "parity 0.5"} <= set(names)
    assert first.table("Every setting").rows[0][2] == 0
    assert len(first.table("The effect of popularity, from its drift").rows) == 1


def test_a_saved_blend_is_measured_as_it_serves(folder: Path, world: World, tmp_path: Path) -> None:
    saved = train_ranking(
        world.histories[:40], ITEMS, np.zeros((ITEMS, 1), dtype=np.float32), SequenceTraining(), tmp_path / "work"
    )
    saved.save(tmp_path / "ranker")
    measured = load_world(settings_of(folder), ["side"], str(tmp_path / "ranker"))
    # Its history model is learned from these histories, as what serves has learned from all there are.
    served = replace(saved, history=HistoryModel.fit(world.histories, ITEMS))
    raw = served.scores([history.tolist() for history in world.histories])
    assert np.array_equal(measured.scores, standardised(raw, world.histories))
    assert measured.ranker_name == str(tmp_path / "ranker")


def test_a_ranker_that_does_not_fit_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no ranker 'blent'\. Use blend, history or a ranker's folder"):
        load_world(settings_of(folder), ["side"], "blent")
    sequences = [np.array([0, 1, 2])]
    train_ranking(sequences, 3, np.zeros((3, 1), dtype=np.float32), SequenceTraining(), tmp_path / "work").save(
        tmp_path / "ranker"
    )
    with pytest.raises(InputError, match="knows 3 items, the catalogue has 48"):
        load_world(settings_of(folder), ["side"], str(tmp_path / "ranker"))
    with pytest.raises(ArtifactError, match="can't be read"):
        load_world(settings_of(folder), ["side"], str(tmp_path))


def test_what_the_data_lacks_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column 'income'"):
        load_world(settings_of(folder), ["income"])
    (tmp_path / "items.csv").write_text("id,title\n1,Jaws\n")
    with pytest.raises(InputError, match="nobody with two choices"):
        load_world(settings_of(tmp_path))
