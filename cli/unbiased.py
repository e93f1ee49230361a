"""`tastemaker evaluate unbiased`: learn from chosen ratings, score randomly shown pairs."""

import sys
import time
from collections.abc import Iterable
from json import dumps
from pathlib import Path

import numpy as np
import typer
from tqdm import tqdm

from core.errors import InputError
from evaluation.unbiased.files import read_pairs, read_ratings, write_scores
from training.unbiased import Method, Thing, candidates, train

AUTO = "auto"


def unbiased(
    train_file: Path,
    test_file: Path,
    out: Path,
    user_features: Path | None,
    item_features: Path | None,
    method: str,
    seed: int,
    *,
    json: bool,
) -> None:
    """Write one score for each test pair, in order; see `tastemaker evaluate unbiased --help`."""
    started = time.monotonic()
    known = [AUTO, *Method]
    if method not in known:
        raise InputError(f"There is no method {method!r}.", mend=f"Use one of {', '.join(known)}.")
    ratings = read_ratings(train_file, user_features, item_features)
    pairs = read_pairs(test_file)
    recipes = candidates(ratings.data, None if method == AUTO else Method(method))
    trained = train(ratings.data, recipes, np.random.default_rng(seed), _progress)
    users = ratings.users.rows([user for user, _ in pairs])
    items = ratings.items.rows([item for _, item in pairs])
    write_scores(out, pairs, trained.model.predict(users, items))
    health = trained.health
    best = trained.trials[0] if trained.trials else None
    summary = {
        "ratings": len(ratings.data.ratings),
        "pairs": len(pairs),
        "unknown_users": len({user for user, row in zip(pairs, users, strict=True) if row == len(ratings.users)}),
        "unknown_items": len({item for item, row in zip(pairs, items, strict=True) if row == len(ratings.items)}),
        "method": method,
        "seed": seed,
        "members": [str(member) for member in trained.members],
        "validation_error": best.error if best else None,
        "weighted_validation_error": best.weighted_error if best else None,
        "selection_slope": trained.model.selection.slope,
        "effective_sample_size": health.effective_sample_size,
        "effective_share": health.effective_share,
        "variance_of_inverse_propensity": health.variance,
        "alarm": health.alarm,
        "seconds": round(time.monotonic() - started, 1),
    }
    if json:
        typer.echo(dumps(summary))
        return
    typer.echo(f"{len(pairs):,} scores in {out}, from {summary['ratings']:,} ratings in {summary['seconds']} s.")
    for member in trained.members:
        typer.echo(f"  {member}")
    typer.echo(f"  weights: worth {health.effective_sample_size:,.0f} of {health.count:,} before they are cut")
    if health.alarm:
        typer.echo(f"  ALARM: {health.alarm} Weights are cut before they are used.")


def _progress(things: Iterable[Thing], label: str) -> Iterable[Thing]:
    bar: Iterable[Thing] = tqdm(list(things), desc=label, file=sys.stderr, disable=not sys.stderr.isatty())
    return bar
