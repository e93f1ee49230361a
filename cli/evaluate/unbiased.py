"""`tastemaker evaluate unbiased`: learn from chosen ratings, score randomly shown pairs."""

import sys
import time
from collections.abc import Iterable
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.evaluate.outputs import check_out
from cli.options import JsonOption, SeedOption
from core.errors import InputError

if TYPE_CHECKING:
    from training.unbiased import Training

_AUTO = "auto"
_Thing = TypeVar("_Thing")


def unbiased(
    train: Annotated[Path, typer.Option(help="Chosen ratings: `user,item,rating` lines without a header.")],
    test: Annotated[Path, typer.Option(help="Pairs to score: `user,item` lines; a rating is never read.")],
    out: Annotated[Path, typer.Option(help="Where the scores go, one JSON line a pair.")],
    user_features: Annotated[Path | None, typer.Option(help="`id,value,…` lines without a header.")] = None,
    item_features: Annotated[Path | None, typer.Option(help="`id,value,…` lines without a header.")] = None,
    method: Annotated[str, typer.Option(help="auto, naive, ips, snips, dr or mrdr.")] = _AUTO,
    seed: SeedOption = 0,
    json: JsonOption = False,
) -> None:
    """Learn from chosen ratings and score pairs that were shown at random.

    \b
    Examples:
      tastemaker evaluate unbiased --train chosen.csv --test shown.csv --out scores.jsonl
    """
    check_out(out, train=train, test=test, user_features=user_features, item_features=item_features)
    import numpy as np

    from evaluation.unbiased.files import read_pairs, read_ratings, write_scores
    from training.rating_recipes import Method, candidates
    from training.unbiased import train as train_best

    started = time.monotonic()
    known = [_AUTO, *Method]
    if method not in known:
        raise InputError(f"There is no method {method!r}.", mend=f"Use one of {', '.join(known)}.")
    ratings = read_ratings(train, user_features, item_features)
    pairs = read_pairs(test)
    recipes = candidates(ratings.data, None if method == _AUTO else Method(method))
    trained = train_best(ratings.data, recipes, np.random.default_rng(seed), _progress)
    users = ratings.users.rows([user for user, _ in pairs])
    items = ratings.items.rows([item for _, item in pairs])
    write_scores(out, pairs, trained.model.predict(users, items))
    summary = {
        "ratings": len(ratings.data.ratings),
        "pairs": len(pairs),
        "unknown_users": len({user for user, row in zip(pairs, users, strict=True) if row == len(ratings.users)}),
        "unknown_items": len({item for item, row in zip(pairs, items, strict=True) if row == len(ratings.items)}),
        "method": method,
        "seed": seed,
        **_found(trained),
        "seconds": round(time.monotonic() - started, 1),
    }
    if json:
        typer.echo(dumps(summary))
        return
    typer.echo(f"{len(pairs):,} scores in {out}, from {summary['ratings']:,} ratings in {summary['seconds']} s.")
    for member in trained.members:
        typer.echo(f"  {member}")
    health = trained.health
    typer.echo(f"  weights: worth {health.effective_sample_size:,.0f} of {health.count:,} before they are cut")
    if health.alarm:
        typer.echo(f"  ALARM: {health.alarm} Weights are cut before they are used.")


def _found(trained: "Training") -> dict[str, object]:
    """What the training says of itself, for programs."""
    best = trained.trials[0] if trained.trials else None
    health = trained.health
    return {
        "members": [str(member) for member in trained.members],
        "validation_error": best.error if best else None,
        "weighted_validation_error": best.weighted_error if best else None,
        "selection_slope": trained.model.selection.slope,
        "effective_sample_size": health.effective_sample_size,
        "effective_share": health.effective_share,
        "variance_of_inverse_propensity": health.variance,
        "alarm": health.alarm,
    }


def _progress(things: Iterable[_Thing], label: str) -> Iterable[_Thing]:
    from tqdm import tqdm

    bar: Iterable[_Thing] = tqdm(list(things), desc=label, file=sys.stderr, disable=not sys.stderr.isatty())
    return bar
