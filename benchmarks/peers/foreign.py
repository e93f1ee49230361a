"""Fits one model of `implicit` or RecTools and writes its scores; runs in the peers' own Python.

`foreign.py PEER SETTINGS SEED TRAIN.npz OUT`: SETTINGS is JSON; TRAIN.npz holds `items` and `offsets`, everyone's
choices as rows in time order, and `n_items`. Writes OUT/NUMBER.npy, scores [people, items] float32 where what a model
can't score is -inf, and last of all OUT/settings.json, the settings of each number. Knows nothing of the product.
"""

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

Settings = dict[str, Any]
Scored = Iterator[tuple[Settings, np.ndarray]]

# RecTools returns lists; items past this place count as ranked last. No metric reported looks further than 10.
_LIST = 200


def knn(matrix: csr_matrix, _: "Histories", settings: Settings, __: int) -> Scored:
    """Item-item nearest neighbours of `implicit`, by cosine, TF-IDF or BM25 weights."""
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender

    kind = {"cosine": CosineRecommender, "tfidf": TFIDFRecommender, "bm25": BM25Recommender}[settings["weights"]]
    model = kind(K=settings["neighbours"], num_threads=1)
    model.fit(matrix, show_progress=False)
    yield settings, (matrix @ model.similarity).toarray()


def ials(matrix: csr_matrix, _: "Histories", settings: Settings, seed: int) -> Scored:
    """Implicit-feedback matrix factorisation by alternating least squares (Hu, Koren and Volinsky, 2008)."""
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(iterations=15, random_state=seed, num_threads=1, **settings)
    model.fit(matrix, show_progress=False)
    yield settings, model.user_factors @ model.item_factors.T


def bpr(matrix: csr_matrix, _: "Histories", settings: Settings, seed: int) -> Scored:
    """Bayesian personalised ranking (Rendle et al., 2009); `iterations` is a list, each trained from the start."""
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    for iterations in settings["iterations"]:
        rest = {**settings, "iterations": iterations}
        model = BayesianPersonalizedRanking(random_state=seed, num_threads=1, **rest)
        model.fit(matrix, show_progress=False)
        yield {**settings, "iterations": [iterations]}, model.user_factors @ model.item_factors.T


def sasrec(_: csr_matrix, histories: "Histories", settings: Settings, seed: int) -> Scored:
    """RecTools' SASRec with softmax loss; `epochs` is a list, and the scores after each of them are given."""
    import pytorch_lightning
    import torch
    from rectools.models.nn.transformers.sasrec import SASRecModel

    def trainer() -> pytorch_lightning.Trainer:
        # bfloat16 where the processor multiplies it fast: a third less time here.
        return pytorch_lightning.Trainer(
            max_epochs=1, precision="bf16-mixed", accelerator="cpu", logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False,
        )  # fmt: skip

    torch.set_num_threads(1)
    pytorch_lightning.seed_everything(seed, verbose=False)
    dataset = histories.dataset()
    fixed = {name: value for name, value in settings.items() if name != "epochs"}
    model = SASRecModel(loss="softmax", get_trainer_func=trainer, **fixed)
    done = 0
    for epochs in sorted(settings["epochs"]):
        model.fit_partial(dataset, min_epochs=epochs - done, max_epochs=epochs - done)
        done = epochs
        lists = model.recommend(np.arange(histories.people), dataset, k=_LIST, filter_viewed=True)
        scores = np.full((histories.people, histories.n_items), -np.inf, dtype=np.float32)
        scores[lists["user_id"].to_numpy(), lists["item_id"].to_numpy()] = lists["score"].to_numpy()
        yield {**settings, "epochs": [epochs]}, scores


class Histories:
    """Everyone's choices as rows in time order."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as arrays:
            self.items, offsets = arrays["items"], arrays["offsets"]
            self.n_items = int(arrays["n_items"])
        self.people = len(offsets) - 1
        self.users = np.repeat(np.arange(self.people), np.diff(offsets))
        self.places = np.arange(len(self.items)) - offsets[self.users]

    def matrix(self) -> csr_matrix:
        """Who chose what [people, items], ones and zeros."""
        matrix = csr_matrix(
            (np.ones(len(self.items), dtype=np.float32), (self.users, self.items)), shape=(self.people, self.n_items)
        )
        matrix.data[:] = 1  # choices of the same item were added up
        return matrix

    def dataset(self) -> Any:
        """The same for RecTools; times are places, so that ties stay in the given order."""
        import pandas as pd
        from rectools.dataset import Dataset

        frame = pd.DataFrame({"user_id": self.users, "item_id": self.items, "weight": 1.0})
        frame["datetime"] = pd.Timestamp("2000-01-01") + pd.to_timedelta(self.places, unit="s")
        return Dataset.construct(frame)


PEERS = {"item-knn": knn, "ials": ials, "bpr": bpr, "sasrec": sasrec}


def main(peer: str, settings: str, seed: str, train: str, out: str) -> None:
    warnings.filterwarnings("ignore")
    histories = Histories(Path(train))
    scored = PEERS[peer](histories.matrix(), histories, json.loads(settings), int(seed))
    written = []
    for variant, scores in scored:
        np.save(Path(out) / f"{len(written)}.npy", scores.astype(np.float32))
        written.append(variant)
    (Path(out) / "settings.json").write_text(json.dumps(written), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
