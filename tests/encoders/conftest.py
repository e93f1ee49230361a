"""What several tests of encoders share."""

from pathlib import Path

import pytest

# open_clip's smallest vision transformer.
TINY = "ViT-S-32-alt"


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small open_clip model with random weights."""
    import open_clip
    import torch

    path = tmp_path_factory.mktemp("clip") / "weights.pt"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        torch.save(open_clip.create_model(TINY).state_dict(), path)
    return path
