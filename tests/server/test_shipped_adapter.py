"""The adapter that comes with the program fits the demonstration's data and the embedded model."""

from pathlib import Path

import numpy as np

from catalog.source import find_source
from encoders.soft_prompt import SoftPromptProjector
from server.adapters import SHIPPED, find_adapters


def test_it_ranks_the_demonstration_unasked(model_folder: Path, tmp_path: Path) -> None:
    source = find_source("ml-100k", None)
    (adapter,) = find_adapters("", tmp_path, str(model_folder), catalog_hash=source.fingerprint())
    assert adapter.manifest.has_soft_prompt
    assert adapter.manifest.has_lora
    embeddings = np.load(adapter.layout.embeddings)
    assert embeddings.shape == (len(source.read().items), adapter.manifest.dimensions)
    assert np.isfinite(embeddings).all()
    projector = SoftPromptProjector.load(adapter.layout.projector)
    assert projector.sizes["hidden"] == adapter.manifest.base_model.hidden_size


def test_it_is_small_and_says_how_it_was_made(model_folder: Path, tmp_path: Path) -> None:
    fingerprint = find_source("ml-100k", None).fingerprint()
    (adapter,) = find_adapters("", tmp_path, str(model_folder), catalog_hash=fingerprint)
    assert all(file.stat().st_size < 1_000_000 for file in SHIPPED.rglob("*") if file.is_file())
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert adapter.manifest.trained_by.command in readme
