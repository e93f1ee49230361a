"""What is tried for each peer on validation. A list inside of settings is tried within one fit."""

from itertools import product
from typing import Any

Settings = dict[str, Any]


def _grid(**axes: list[Any]) -> list[Settings]:
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]


_RECENCY = [0.6, 0.7, 0.8, 0.85, 0.9, 0.95]

ML_100K: dict[str, list[Settings]] = {
    "popularity": [{}],
    "item-knn": _grid(weights=["cosine", "tfidf", "bm25"], neighbours=[5, 10, 20, 50, 100, 200, 400]),
    "ease": _grid(regularisation=[10, 30, 100, 200, 300, 500, 1000, 2000, 3000, 5000]),
    "recency-ease": _grid(
        regularisation=[30.0, 100.0, 300.0, 1000.0], nearness=[0.9, 0.95, 0.97, 0.99, 1.0], decay=[_RECENCY]
    ),
    "ials": _grid(factors=[16, 32, 64, 128], regularization=[0.1, 1.0, 10.0, 30.0, 100.0], alpha=[1.0, 5.0, 20.0]),
    "bpr": _grid(
        factors=[32, 64, 128],
        learning_rate=[0.01, 0.05],
        regularization=[0.001, 0.01, 0.1],
        iterations=[[50, 100, 200]],
    ),
    "sasrec": _grid(
        n_blocks=[2],
        n_heads=[2],
        session_max_len=[100],
        batch_size=[32],
        lr=[1e-3],
        dropout_rate=[0.2],
        n_factors=[64, 128],
        epochs=[[5, 10, 15, 20, 25, 30]],
    ),
    "ours": [{}],
}

ML_1M: dict[str, list[Settings]] = {
    "popularity": [{}],
    "item-knn": _grid(weights=["cosine", "bm25"], neighbours=[10, 20, 50, 100]),
    "ease": _grid(regularisation=[100, 300, 1000, 3000]),
    "recency-ease": _grid(regularisation=[100.0, 300.0, 1000.0], nearness=[0.95, 0.98, 1.0], decay=[_RECENCY]),
    "ials": _grid(factors=[64, 128, 256], regularization=[1.0, 10.0, 100.0], alpha=[1.0, 10.0]),
    "bpr": _grid(factors=[64, 128], learning_rate=[0.05], regularization=[0.001, 0.01], iterations=[[100]]),
    "sasrec": _grid(
        n_blocks=[2],
        n_heads=[2],
        session_max_len=[200],
        batch_size=[128],
        lr=[1e-3],
        dropout_rate=[0.2],
        n_factors=[128],
        epochs=[[5, 10, 15, 20, 25, 30]],
    ),
    "ours": [{}],
}

STOCHASTIC = ("ials", "bpr", "sasrec", "ours")
