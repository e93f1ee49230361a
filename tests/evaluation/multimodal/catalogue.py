"""A prepared catalogue of sixty items in three rings; people walk round one ring, and content says which and where."""

from pathlib import Path

import numpy as np
import polars as pl

from catalog.catalog import INTERACTION_SCHEMA
from core.artifacts import ArtifactLayout, Manifest
from core.item import Item, ItemTable
from core.settings import Settings
from evaluation.experiments.registry import ExperimentSettings
from index.graph import ItemGraph

RINGS = ("red", "green", "blue")
LENGTH = 20
ITEMS = len(RINGS) * LENGTH
NAME = "rings"


def write_catalogue(artifacts: Path, *, people: int = 90, images: list[Path] | None = None) -> None:
    """Write `artifacts/rings`, as far as the experiments read it."""
    layout = ArtifactLayout(artifacts / NAME)
    layout.root.mkdir(parents=True)
    items = ItemTable(
        Item(
            id=f"i{row}",
            title=f"{RINGS[row // LENGTH]} {row % LENGTH}",
            categories=(RINGS[row // LENGTH],),
            numbers={"place": float(row % LENGTH)},
            image=images[row] if images else None,
        )
        for row in range(ITEMS)
    )
    layout.items.write_text("".join(f"{item.model_dump_json()}\n" for item in items), encoding="utf-8")
    rng = np.random.default_rng(0)
    rows = []
    for person in range(people):
        start, ring = int(rng.integers(LENGTH)), person % len(RINGS)
        walk = [ring * LENGTH + (start + step) % LENGTH for step in range(int(rng.integers(6, 14)))]
        rows += [(f"u{person}", f"i{row}", float(person * 100 + step), None) for step, row in enumerate(walk)]
    pl.DataFrame(rows, schema=INTERACTION_SCHEMA, orient="row").write_parquet(layout.interactions)
    angles = np.outer(2 * np.pi * np.arange(LENGTH) / LENGTH, np.arange(1, 5))
    place = np.tile(np.hstack([np.cos(angles), np.sin(angles)]), (len(RINGS), 1))
    text = np.hstack([place, 2 * np.repeat(np.eye(len(RINGS)), LENGTH, axis=0)])
    np.save(layout.text_embeddings, (text / np.linalg.norm(text, axis=1, keepdims=True)).astype(np.float32))
    ItemGraph.build(items, [("i0", "maker", "m1"), ("i1", "maker", "m1")]).save(layout.graph)
    manifest = Manifest(
        catalog=NAME, catalog_hash="abc", item_count=ITEMS, interaction_count=len(rows), text_encoder="test",
        embedding_dimensions=text.shape[1],
    )  # fmt: skip
    layout.manifest.write_text(manifest.model_dump_json(), encoding="utf-8")


def settings(folder: Path, **options: str) -> ExperimentSettings:
    """Settings of a run that takes seconds."""
    given = {"epochs": "1", "dimensions": "16", "last": "10", "fusion_epochs": "1", "batch_tokens": "200", **options}
    return ExperimentSettings(
        settings=Settings(artifacts=folder / "artifacts"),
        catalog=NAME,
        report=folder / "report",
        seeds=(0, 1),
        options=given,
    )
