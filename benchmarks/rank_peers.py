"""Our ranker beside the recommenders that people use: one run, one split, each tuned on validation.

`python benchmarks/rank_peers.py [--data ml-100k] [--peers all] [--out DIR]`, from the checkout. Leave the last out:
with each person's last two choices left out, settings are chosen on the last but one; then every model is fitted again
with it and foretells the last one, once. On ml-1m the true last choices are held out elsewhere, and validation is
reported. Full ranking, history excluded, ties counted against the model; the same code scores everybody. Stochastic
models are fitted with three seeds, and a person's value is the mean over them. What is done already is not done again.

`implicit` and RecTools run in a Python of their own, which two commands make:

    uv venv --python 3.11 .venv-peers
    uv pip install --python .venv-peers --no-deps --torch-backend cpu -r benchmarks/peers/requirements.txt
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from peers import foreign, grids, own
from peers.split import Split, read_ml_1m, read_ml_100k
from tqdm import tqdm

from core.errors import InputError, TastemakerError
from evaluation.ranking.evaluate import BATCH, METRICS
from evaluation.ranking.metrics import ranks
from evaluation.statistics import bootstrap, paired_tests
from server.atomic import replacing

IntArray = npt.NDArray[np.int64]
Settings = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
SEEDS = (0, 1, 2)
K = 10


@dataclass(frozen=True)
class Trial:
    """One fit of one peer, with all settings that were scored after it."""

    settings: list[Settings]
    ranks: IntArray  # [settings, p]
    seconds: float

    @property
    def ndcg(self) -> list[float]:
        return [float(METRICS["ndcg"](found, K).mean()) for found in self.ranks]


class Bench:
    """Runs trials and keeps their ranks in a folder, so that an interrupted run goes on."""

    def __init__(self, out: Path, python: Path) -> None:
        self._out = out
        self._python = python

    def trial(self, split: Split, peer: str, settings: Settings, seed: int) -> Trial:
        """Fit a peer on a split, or read what an earlier run found."""
        code = [_digest_of_code()] if peer == "ours" else []
        key = json.dumps([split.digest, peer, settings, seed, *code], sort_keys=True)
        path = self._out / "trials" / f"{split.name}-{peer}-{hashlib.sha256(key.encode()).hexdigest()[:12]}.npz"
        if not path.is_file():
            started = time.perf_counter()
            found = [
                (variant, _all_ranks(split, scores)) for variant, scores in self._scored(split, peer, settings, seed)
            ]
            with replacing(path) as unfinished, unfinished.open("wb") as file:
                np.savez(
                    file,
                    settings=[json.dumps(variant) for variant, _ in found],
                    ranks=np.array([places for _, places in found]),
                    seconds=time.perf_counter() - started,
                )
        with np.load(path) as arrays:
            return Trial([json.loads(text) for text in arrays["settings"]], arrays["ranks"], float(arrays["seconds"]))

    def _scored(self, split: Split, peer: str, settings: Settings, seed: int) -> Iterator[tuple[Settings, Any]]:
        if peer in own.PEERS:
            yield from own.PEERS[peer](split, settings, seed)
            return
        if not self._python.is_file():
            mend = "Make it with the two commands in this file's docstring, or leave these peers out."
            raise InputError(f"There is no Python for the peers at {self._python}.", mend=mend)
        with tempfile.TemporaryDirectory() as folder:
            split.save(Path(folder, "train.npz"))
            command = [self._python, foreign.__file__, peer, json.dumps(settings), str(seed)]
            single = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
            done = subprocess.run(
                [*command, Path(folder, "train.npz"), folder],
                env={**os.environ, **single},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise InputError(f"{peer} with {settings} failed.", mend="\n" + done.stderr[-2000:])
            for number, variant in enumerate(json.loads(Path(folder, "settings.json").read_text(encoding="utf-8"))):
                yield variant, np.load(Path(folder, f"{number}.npy"), mmap_mode="r")


def compare(
    bench: Bench, validation: Split, test: Split, names: Sequence[str], grid: dict[str, list[Settings]]
) -> dict[str, Any]:
    """Tune every peer on validation, fit it again for the test, and give all numbers."""
    results: dict[str, Any] = {}
    values: dict[str, npt.NDArray[np.float64]] = {}
    for name in names:
        trials = [bench.trial(validation, name, settings, SEEDS[0]) for settings in tqdm(grid[name], desc=name)]
        tried = [
            (ndcg, settings) for trial in trials for ndcg, settings in zip(trial.ndcg, trial.settings, strict=True)
        ]
        best, chosen = max(tried, key=lambda one: one[0])
        seeds = SEEDS if name in grids.STOCHASTIC else SEEDS[:1]
        finals = [bench.trial(test, name, chosen, seed) for seed in seeds]
        people = {
            metric: np.array([compute(final.ranks[0], K) for final in finals]) for metric, compute in METRICS.items()
        }
        values[name] = people["ndcg"].mean(axis=0)
        results[name] = {
            "settings tried": len(tried),
            "chosen": chosen,
            "validation ndcg": best,
            "seconds of a fit": float(np.mean([final.seconds for final in finals])),
            **{metric: asdict(bootstrap(found.mean(axis=0), seed=0)) for metric, found in people.items()},
            "ndcg of each seed": people["ndcg"].mean(axis=1).tolist(),
        }
    return {"peers": results, "ours against": _comparisons(results, values)}


def _comparisons(results: dict[str, Any], values: dict[str, npt.NDArray[np.float64]]) -> dict[str, Any]:
    """Ours against each peer, best on validation first; p corrected for as many comparisons."""
    peers = sorted((name for name in values if name != "ours"), key=lambda name: -results[name]["validation ndcg"])
    if "ours" not in values or not peers:
        return {}
    ours = results["ours"]["ndcg"]["value"]
    found = {}
    for peer, test in paired_tests({peer: (values["ours"], values[peer]) for peer in peers}, seed=0).items():
        numbers = asdict(test)
        corrected = numbers.pop("corrected")
        found[peer] = {**numbers, "p after Holm": corrected, "ratio": ours / results[peer]["ndcg"]["value"]}
    return found


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = [
        f"{report['data']}: {report['people']:,} people, {report['items']:,} items, {report['split']}.",
        "",
        f"| model | HR@{K} | NDCG@{K} | MRR@{K} | validation NDCG@{K} | settings tried | seconds a fit | chosen |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in report["peers"].items():
        cells = [name, *(_interval(found[metric]) for metric in METRICS), f"{found['validation ndcg']:.4f}"]
        cells += [str(found["settings tried"]), f"{found['seconds of a fit']:.0f}", json.dumps(found["chosen"])]
        lines.append(f"| {' | '.join(cells)} |")
    if report["ours against"]:
        lines += ["", f"| ours against | NDCG@{K}: ratio | difference | p after Holm |", "|---|---|---|---|"]
    for peer, test in report["ours against"].items():
        difference = f"{test['difference']:+.4f} [{test['low']:+.4f}, {test['high']:+.4f}]"
        lines.append(f"| {peer} | {test['ratio']:.2f} | {difference} | {test['p after Holm']:.4f} |")
    return "\n".join(lines) + "\n"


def _digest_of_code() -> str:
    """Changes with the code that ours may come from, so that results of an older version are not taken for its own."""
    files = sorted(path for folder in ("encoders", "index", "training") for path in (ROOT / folder).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in (*files, Path(own.__file__)))).hexdigest()


def _interval(found: dict[str, float]) -> str:
    return f"{found['value']:.4f} [{found['low']:.4f}, {found['high']:.4f}]"


def _all_ranks(split: Split, scores: npt.NDArray[np.float32]) -> IntArray:
    parts = [slice(start, start + BATCH) for start in range(0, len(split.targets), BATCH)]
    return np.concatenate([ranks(scores[part], split.targets[part], split.histories[part]) for part in parts])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--data", choices=["ml-100k", "ml-1m"], default="ml-100k")
    parser.add_argument("--peers", default="all", help="names separated by commas")
    parser.add_argument("--out", type=Path, default=Path("state", "rank_peers"))
    parser.add_argument("--python", type=Path, default=Path(".venv-peers", "bin", "python"), help="of the peers")
    given = parser.parse_args()
    grid = grids.ML_100K if given.data == "ml-100k" else grids.ML_1M
    names = list(grid) if given.peers == "all" else given.peers.split(",")
    if unknown := [name for name in names if name not in grid]:
        parser.error(f"no such peers: {', '.join(unknown)}; there are {', '.join(grid)}")
    held_out = given.data == "ml-1m"  # the file ends with what is validation's
    sequences, n_items = read_ml_1m() if held_out else read_ml_100k()
    validation = Split.leave_out(f"{given.data}-validation", sequences, n_items, "test" if held_out else "validation")
    test = validation if held_out else Split.leave_out(f"{given.data}-test", sequences, n_items, "test")
    report = {
        "data": given.data,
        "people": len(test.targets),
        "items": n_items,
        "split": "validation: the last choice that is not held out" if held_out else "test: each person's last choice",
        **compare(Bench(given.out, given.python.absolute()), validation, test, names, grid),
    }
    text = table(report)
    with replacing(given.out / f"{given.data}.json") as path:
        path.write_text(json.dumps(report, indent=1), encoding="utf-8")
    with replacing(given.out / f"{given.data}.md") as path:
        path.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    try:
        main()
    except TastemakerError as error:
        sys.exit(f"rank_peers: {error}")
