from pathlib import Path

import pytest

from tests.training.language.tiny import corpus as make_corpus
from tests.training.language.tiny import write_tiny_model
from training.language.corpus import Corpus


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return make_corpus()
