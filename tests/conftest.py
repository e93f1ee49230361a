"""What tests of several packages share: one start of the real vLLM for the whole run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from encoders.text import TextEncoder
from server.local_engine import LocalEngine
from server.vllm_command import PROMPT_EMBEDDINGS


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The embedded language model as a checkpoint, converted once for tests and demo alike."""
    from server.embedded_model import language_model

    return Path(language_model(os.environ.get("TASTEMAKER_MODEL", ""), Path("artifacts")))


@pytest.fixture(scope="session")
def encoder() -> TextEncoder:
    """The real MiniLM, loaded once."""
    return TextEncoder(device="cpu")


@pytest.fixture(scope="session")
def engine(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    """The real vLLM, ready. A test that kills it waits until it is ready again."""
    log = tmp_path_factory.mktemp("engine") / "vllm.log"
    engine = LocalEngine(model_folder, log=log, extra=PROMPT_EMBEDDINGS)
    engine.start()
    try:
        assert engine.wait_ready(240), engine.status.detail
        yield engine
    finally:
        engine.stop()
