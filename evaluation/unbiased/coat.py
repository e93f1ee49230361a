"""Coat: trained on the coats that people chose to rate, tested on coats drawn for them (Schnabel et al. 2016, §6.6).

Every method fits the same model and is tuned by the same search on a fifth of the *chosen* ratings; a seed draws that
fifth and the factors' start. The naive methods are tuned by their plain error, the corrected ones by the error that is
weighted by inverse propensities. Then all chosen ratings are fitted, and the random ones are looked at once, at the
end.

"choices" means that the model also sees how expected it was that this person chooses this item; "level corrected",
that its expectations were brought from chosen to random ratings (`debias.self_selection`), which changes no order
within a person. A rating of 3 or more is a positive, as is usual for Coat in the doubly robust literature; 4 or more is
measured too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.errors import InputError
from debias.exposure import Exposure, Rows
from debias.weights import FloatArray
from evaluation.statistics import CorrectedTest, Interval, paired_tests
from evaluation.unbiased.measures import error_by_popularity, measure, ndcg_by_user
from server.atomic import replacing
from training.factorization import Penalties
from training.rating_data import RatingData
from training.rating_features import Known
from training.rating_recipes import Method, Recipe, Workbench, candidates
from training.rating_trials import Validation, tune
from training.unbiased import self_selection, train

START = Penalties(rank=2, bias=4.0, factor=30.0, slope=60.0, pair=200.0)
RECIPES = {
    "naive, ratings only": Recipe(Method.NAIVE, Known.RATINGS, START),
    "naive": Recipe(Method.NAIVE, Known.CONTENT, START),
    "IPS, ratings only": Recipe(Method.IPS, Known.RATINGS, START),
    "IPS": Recipe(Method.IPS, Known.CONTENT, START),
    "SNIPS": Recipe(Method.SNIPS, Known.CONTENT, START),
    "DR": Recipe(Method.DR, Known.CONTENT, START),
    "MRDR": Recipe(Method.MRDR, Known.CONTENT, START),
    "naive, choices": Recipe(Method.NAIVE, Known.CHOICES, START),
    "SNIPS, choices": Recipe(Method.SNIPS, Known.CHOICES, START),
    "DR, choices": Recipe(Method.DR, Known.CHOICES, START),
}
# A doubly robust model starts where the search for its weighted model ended, and is searched further.
PARENTS = {"DR": "SNIPS", "MRDR": "SNIPS", "DR, choices": "SNIPS, choices"}
LEVELLED = ("naive", "SNIPS, choices")
BASELINE = "naive"
MEASURES = ("AUC (3+)", "AUC (4+)", "NDCG@5 (3+)", "NDCG@5 (4+)", "MSE")
ERRORS = "validation: "
Results = dict[str, FloatArray]


@dataclass(frozen=True)
class CoatRow:
    """One method: each of MEASURES over the seeds, and its gain on the baseline."""

    method: str
    means: tuple[float, ...]
    deviations: tuple[float, ...]  # standard deviations over seeds
    gains: tuple[float, ...]
    by_popularity: tuple[tuple[float, float, float], ...]  # fewest and most ratings of the items, squared error

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """Means with two standard deviations to both sides."""
        pairs = zip(self.means, self.deviations, strict=True)
        return tuple(Interval(mean, mean - 2 * deviation, mean + 2 * deviation) for mean, deviation in pairs)


@dataclass(frozen=True)
class Comparison:
    """Every method over the seeds, and each against the baseline over people, by method and measure."""

    rows: list[CoatRow]
    people: Mapping[tuple[str, str], CorrectedTest]


def compare(folder: Path, seeds: int, kept: Path) -> Comparison:
    """The whole comparison; each seed is kept in `kept`, so that an interrupted run goes on."""
    data = read_coat(folder)
    users, items = drawn_pairs(folder)
    results = run_seeds(data, seeds, kept, users, items)
    rows = look_at_test(folder, data, results, users, items)
    others = [row.method for row in rows if row.method != BASELINE]
    return Comparison(rows, over_people(folder, results, users, items, others, BASELINE))


def read_coat(folder: Path) -> RatingData:
    """The ratings that people chose to give. Raises InputError where Coat isn't there."""
    ratings = _matrix(folder / "train.ascii")
    users, items = np.nonzero(ratings)
    people, things = (_matrix(folder / f"{side}_features.ascii") for side in ("user", "item"))
    return RatingData(Exposure(users, items, *ratings.shape), ratings[users, items], people, things)


def drawn_pairs(folder: Path) -> tuple[Rows, Rows]:
    """Which pairs were drawn, which is no secret; what they were rated is."""
    users, items = np.nonzero(_matrix(folder / "test.ascii"))
    return users, items


def run_seeds(data: RatingData, count: int, kept: Path, users: Rows, items: Rows) -> list[Results]:
    """`one_seed` for seeds 0 to count - 1."""
    results = []
    for seed in tqdm(range(count), desc="seeds of Coat"):
        file = kept / f"seed-{seed}.npz"
        if not file.exists():
            found = one_seed(data, seed, users, items)
            with replacing(file) as unfinished:
                np.savez(unfinished, allow_pickle=False, **found)
        with np.load(file) as arrays:
            results.append(dict(arrays))
    return results


def one_seed(data: RatingData, seed: int, users: Rows, items: Rows) -> Results:
    """Tune and fit every method: predictions for the given pairs, and validation errors (plain, weighted)."""
    rng = np.random.default_rng(seed)
    validation, bench = Validation(data, rng), Workbench(data, rng)
    results: Results = {}
    tuned: dict[str, Recipe] = {}
    for name, start in RECIPES.items():
        begin = replace(tuned[PARENTS[name]], method=start.method) if name in PARENTS else start
        best = tune(validation, begin, weighted=start.method != Method.NAIVE, only_weights=name in PARENTS)
        tuned[name] = best.recipe
        model = bench.fit(best.recipe)
        results[name] = model.predict(users, items)
        results[f"{ERRORS}{name}"] = np.array([best.error, best.weighted_error])
        if name in LEVELLED:
            results[f"{name}, level corrected"] = self_selection(bench, [model]).untilted(results[name])
    training = train(data, candidates(data), rng, lambda things, _: things)
    results["auto"] = training.model.predict(users, items)
    results["auto, level as chosen"] = training.model.expected_if_chosen(users, items)
    results[f"{ERRORS}auto"] = np.array([training.trials[0].error, training.trials[0].weighted_error])
    return results


def validation_errors(seeds: list[Results]) -> dict[str, tuple[float, float]]:
    """Mean errors on held-out chosen ratings by method: plain, and weighted to resemble random pairs."""
    names = [name for name in seeds[0] if name.startswith(ERRORS)]
    means = {name: np.mean([seed[name] for seed in seeds], axis=0) for name in names}
    return {name.removeprefix(ERRORS): (float(mean[0]), float(mean[1])) for name, mean in means.items()}


def look_at_test(folder: Path, data: RatingData, seeds: list[Results], users: Rows, items: Rows) -> list[CoatRow]:
    """Measure every method on the random ratings."""
    ratings = _matrix(folder / "test.ascii")[users, items]
    names = [name for name in seeds[0] if not name.startswith(ERRORS)]
    table = {name: np.array([_measures(users, ratings, seed[name]) for seed in seeds]) for name in names}
    rows = []
    for name, columns in table.items():
        gains = columns - table[BASELINE]
        errors = np.mean([(ratings - seed[name]) ** 2 for seed in seeds], axis=0)
        rows.append(
            CoatRow(
                name,
                tuple(columns.mean(axis=0).tolist()),
                tuple(columns.std(axis=0, ddof=1).tolist()),
                tuple(gains.mean(axis=0).tolist()),
                tuple(error_by_popularity(data.exposure.popularity[items], errors)),
            )
        )
    return rows


def over_people(
    folder: Path, seeds: list[Results], users: Rows, items: Rows, methods: Sequence[str], other: str
) -> dict[tuple[str, str], CorrectedTest]:
    """Methods against another one with people as what varies: squared error and NDCG@5 (3+), means over the seeds.

    Seeds would only tell whether a fresh run comes out the same on these people; this asks about other people.
    """
    ratings = _matrix(folder / "test.ascii")[users, items]

    def errors(name: str) -> FloatArray:
        squared = np.mean([(ratings - seed[name]) ** 2 for seed in seeds], axis=0)
        means: FloatArray = np.bincount(users, weights=squared) / np.bincount(users)
        return means

    def ndcg(name: str) -> FloatArray:
        means: FloatArray = np.mean([ndcg_by_user(users, ratings >= 3, seed[name], 5) for seed in seeds], axis=0)
        return means

    measures = {"squared error": errors, "NDCG@5 (3+)": ndcg}
    return paired_tests(
        {
            (method, label): (measured(method), measured(other))
            for method in methods
            for label, measured in measures.items()
        },
        seed=0,
    )


def _measures(users: Rows, ratings: FloatArray, scores: FloatArray) -> list[float]:
    low, high = (measure(users, ratings, scores, relevant=relevant) for relevant in (3.0, 4.0))
    return [low.auc, high.auc, low.ndcg, high.ndcg, low.squared_error]


def _matrix(path: Path) -> FloatArray:
    try:
        return np.loadtxt(path, ndmin=2)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} can't be read: {error}.", mend="Name the folder that holds Coat.") from error
