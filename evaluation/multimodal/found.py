"""All variants of an experiment, measured: what is kept is not computed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from evaluation.experiments.registry import ExperimentSettings
from evaluation.kept import Kept
from evaluation.multimodal.references import REFERENCES
from evaluation.multimodal.representations import Variant, can_be_made, represent, world_modalities
from evaluation.multimodal.runs import SEEDS, K, Options, Results, ranked, scored, work_folder
from evaluation.multimodal.world import BoolArray, World, cold_world, load_known
from evaluation.ranking.metrics import hit_rate, ndcg

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """Everything that was measured."""

    world: World
    results: Mapping[str, Results]
    references: Mapping[str, Results]
    left_out: Sequence[str]
    seeds: Sequence[int]
    seed: int

    @property
    def warm(self) -> BoolArray:
        """Whether each person's next choice [p] is warm."""
        return ~self.world.is_cold


def find(settings: ExperimentSettings, options: Options, variants: Sequence[Variant]) -> Found:
    """Measure the variants that the catalogue has the data for."""
    known = load_known(settings)
    world = cold_world(known, share=options.cold, last=options.last, people=settings.users, seed=settings.seed)
    modalities = world_modalities(world, settings.settings, pictures=options.pictures)
    seeds = settings.repeated(SEEDS)
    identity = {
        "data": known.manifest.catalog_hash,
        "text_encoder": known.manifest.text_encoder,
        "modalities": {one.name: one.features.shape[1] for one in modalities},
        "people": settings.users,
        "seed": settings.seed,
        **options.model_dump(exclude={"work"}),
    }
    kept = Kept(settings.report, "runs", identity)
    possible = [variant for variant in variants if can_be_made(variant, modalities)]
    work = work_folder(settings, options)
    # All variants with one seed before the next seed: a run that is cut short has something of everything.
    for seed, variant in tqdm([(seed, variant) for seed in seeds for variant in possible], desc="Networks"):
        if (key := f"{variant.name} {seed}") not in kept:
            fusion_seed = seed if options.fusion_seeds else settings.seed
            items = represent(variant, world, modalities, fusion_seed, options.fusion_epochs, work / "fusion")
            kept[key] = ranked(world, items, options.training(variant.items, seed), work / "sequence")
    results = {one.name: Results.of([kept[f"{one.name} {seed}"] for seed in seeds]) for one in possible}
    return Found(
        world=world,
        results=results,
        references={name: Results.of([scored(world, made(world))]) for name, made in REFERENCES.items()},
        left_out=[variant.name for variant in variants if variant not in possible],
        seeds=seeds,
        seed=settings.seed,
    )


def mean_over_seeds(metric: Values) -> Values:
    """One value per person [p] from [seeds, p]."""
    mean: Values = metric.mean(axis=0)
    return mean


def warm_values(found: Found, name: str) -> tuple[Values, Values]:
    """HR and NDCG at K [seeds, people] of the people whose next choice is warm."""
    ranks = found.results[name].ranks[:, found.warm]
    return np.stack([hit_rate(one, K) for one in ranks]), np.stack([ndcg(one, K) for one in ranks])


def cold_values(result: Results, found: Found) -> tuple[Values, Values]:
    """HR at K [c] among all items and among the cold ones, of the people whose next choice is cold."""
    everywhere = np.stack([hit_rate(one, K) for one in result.ranks[:, ~found.warm]])
    among = np.stack([hit_rate(one, K) for one in result.among_cold])
    return mean_over_seeds(everywhere), mean_over_seeds(among)


def settings_of(found: Found, options: Options) -> dict[str, str | int | float | bool | None]:
    """What the report says it was run with."""
    return {
        **options.model_dump(exclude={"work"}),
        "people": len(found.world.histories),
        "items": found.world.n_items,
        "cold items": int(found.world.cold.sum()),
        "seeds": ", ".join(map(str, found.seeds)),
        "left out": ", ".join(found.left_out) or "nothing",
    }
