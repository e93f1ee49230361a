"""The real product for the tests of this folder: prepared artifacts, and a server beside the run's one vLLM."""

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from core.item import ItemTable
from server.local_engine import LocalEngine
from server.manifest import artifact_layout, read_items
from tests.end_to_end.product import ARTIFACTS, CATALOG, Server, serving, tastemaker


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout's artifact folder, made where it is missing: half a minute, once."""
    done = tastemaker(tmp_path_factory.mktemp("prepare"), "prepare", "--catalog", CATALOG, timeout=600)
    assert done.returncode == 0, done.stderr
    return ARTIFACTS


@pytest.fixture(scope="session")
def items(prepared: Path) -> ItemTable:
    """The catalogue, read from the artifacts and not through the server."""
    return read_items(artifact_layout(prepared, CATALOG))


@pytest.fixture(scope="session")
def server(prepared: Path, engine: LocalEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A ready server that shares the vLLM of all tests."""
    address = engine.address
    with serving(tmp_path_factory.mktemp("server"), "--llm", address.url, llm_key=address.key) as server:
        server.wait_ready()
        yield server
        assert "Traceback" not in server.said


@pytest.fixture
def client(server: Server) -> Iterator[openai.OpenAI]:
    """The official client, as it comes."""
    with server.openai() as client:
        yield client
