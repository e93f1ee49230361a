"""Starts, deaths and ends of the product with a vLLM of its own."""

import json
import re
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.item import ItemTable
from tests.browser import chromium, visits
from tests.end_to_end.honesty import faults
from tests.end_to_end.product import ARTIFACTS, CATALOG, Server, serving, tastemaker, wait_for

NOT_READY = "The language model is not ready yet, so this answer comes straight from the search."
STOPPED = "The language model stopped in the middle, so the rest of this answer comes straight from the search."


@pytest.fixture(scope="module")
def alone(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has just begun to load its own vLLM. The tests of this file go through its life in order."""
    with serving(tmp_path_factory.mktemp("alone")) as server:
        yield server


def ask(server: Server, text: str) -> dict[str, Any]:
    with server.http() as http:
        body = {"model": "tastemaker", "messages": [{"role": "user", "content": text}]}
        return dict(http.post("/v1/chat/completions", json=body).raise_for_status().json()["choices"][0]["message"])


def vllm(server: Server) -> list[psutil.Process]:
    """The processes of the engine, its API server first."""
    return [process for process in server.family() if "resource_tracker" not in " ".join(process.cmdline())]


def test_while_the_model_loads_the_page_is_up_and_chat_answers(alone: Server, items: ItemTable) -> None:
    state = alone.get("/readyz")
    assert (state.status_code, state.json()["status"]) == (503, "loading")
    assert "Tastemaker" in alone.get("/").text
    answer = ask(alone, "a crime film without violence, no horror")
    assert answer["details"]["source"] == "retrieval"
    assert NOT_READY in answer["content"]
    assert len(answer["recommendations"]) == 3
    assert faults(answer, items) == []
    assert alone.readiness()["status"] == "loading"


@pytest.mark.parametrize("victim", [0, -1], ids=["the API server", "the engine"])
def test_killed_in_the_middle_of_an_answer(alone: Server, items: ItemTable, victim: int) -> None:
    alone.wait_ready()
    old = vllm(alone)
    assert len(old) >= 2
    text, recommendations, details, killed = "", [], None, 0.0
    body = {"model": "tastemaker", "messages": [{"role": "user", "content": "ten tense films"}], "stream": True}
    with alone.http() as http, http.stream("POST", "/v1/chat/completions", json=body) as stream:
        for line in stream.iter_lines():
            if not line.startswith("data: {"):
                continue
            delta = json.loads(line.removeprefix("data: "))["choices"][0]["delta"]
            text += delta.get("content", "")
            recommendations += delta.get("recommendations", [])
            for reason in delta.get("reasons", []):  # they follow cards that an adapter has ranked
                next(one for one in recommendations if one["item_id"] == reason["item_id"]).update(reason)
            details = delta.get("details", details)
            if recommendations and not killed:
                killed = time.monotonic()
                old[victim].kill()
    assert time.monotonic() - killed < 2
    assert details is not None
    assert STOPPED in text
    assert (details["source"], details["notices"]) == ("retrieval", [STOPPED])
    assert len(recommendations) == 10
    assert faults({"recommendations": recommendations, "details": details}, items) == []
    assert ask(alone, "something funny")["details"]["source"] == "retrieval"  # and nobody waits for the new start

    wait_for(lambda: alone.readiness()["status"] != "ready", 2)
    alone.wait_ready()
    _, left = psutil.wait_procs(old, timeout=1)
    assert left == []
    assert ask(alone, "something funny")["details"]["source"] == "model"
    assert re.search(r"^tastemaker_engine_restarts\w* [1-9]", alone.get("/metrics").text, re.MULTILINE)


def test_ctrl_c_in_the_middle_of_an_answer_leaves_nothing_behind(alone: Server) -> None:
    alone.wait_ready()
    family = alone.family()
    assert len(family) >= 2
    body = {"model": "tastemaker", "messages": [{"role": "user", "content": "ten tense films"}], "stream": True}
    with alone.http() as http, http.stream("POST", "/v1/chat/completions", json=body) as stream:
        lines = stream.iter_lines()
        next(lines)
        exit_code = alone.interrupt()
    check_end(alone, family, exit_code)


def test_ctrl_c_while_the_model_loads_and_a_page_is_open(prepared: Path, tmp_path: Path) -> None:
    with serving(tmp_path) as server, chromium() as browser, visits(browser, server.url) as visit:
        visit()
        wait_for(lambda: bool(server.family()), 10)
        family = server.family()
        check_end(server, family, server.interrupt())


def check_end(server: Server, family: list[psutil.Process], exit_code: int) -> None:
    _, left = psutil.wait_procs(family, timeout=3)
    assert left == []
    assert exit_code in (0, 130)
    assert [line for line in server.said.splitlines() if "Traceback" in line or "Error" in line] == []
    assert server.said.endswith("Stopping …\n")


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = tastemaker(tmp_path, "serve", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr == (
        f"tastemaker: Nothing can listen on 127.0.0.1:{port} (address already in use). "
        "End what runs there, or choose another with --port and --host.\n"
    )


def test_a_catalogue_that_is_not_prepared(tmp_path: Path) -> None:
    done = tastemaker(tmp_path, "serve", "--port", "0", artifacts=tmp_path / "artifacts")
    assert done.returncode == 2
    assert error_of(done.stderr) == (
        f"tastemaker: The catalogue {CATALOG} is not prepared in {tmp_path / 'artifacts'}. "
        f"Run `tastemaker prepare --catalog {CATALOG}`."
    )


def test_artifacts_of_another_encoder(prepared: Path, tmp_path: Path) -> None:
    folder = tmp_path / CATALOG
    shutil.copytree(ARTIFACTS / CATALOG, folder, ignore=shutil.ignore_patterns("*.parquet", "*_index"))
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"text_encoder": "another encoder"}))
    done = tastemaker(tmp_path, "serve", "--port", "0", artifacts=tmp_path)
    assert done.returncode == 2
    error = error_of(done.stderr)
    assert error.startswith(f"tastemaker: {folder} was made with the text encoder another encoder, and ")
    assert f"Run `tastemaker prepare --catalog {CATALOG}`" in error


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://somewhere", "tastemaker: The database 'mysql' is not supported."),
        ("no url", "tastemaker: The database URL can't be read."),
    ],
)
def test_a_database_that_can_not_be_used(prepared: Path, tmp_path: Path, url: str, said: str) -> None:
    done = tastemaker(tmp_path, "serve", "--port", "0", database_url=url)
    assert done.returncode == 2
    assert error_of(done.stderr).startswith(said)


def test_a_database_that_can_not_be_written_is_told_and_chat_goes_on(prepared: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with serving(tmp_path, "--llm", "http://127.0.0.1:9/v1", database_url=f"sqlite:///{tmp_path}/file/x") as server:
        assert "Nothing is remembered for now: The state database can't be used now: " in server.said
        answer = ask(server, "something funny")
        assert len(answer["recommendations"]) == 3
        assert "No language model answers at" in server.readiness()["detail"]
        family = server.family()
        check_end(server, family, server.interrupt())


def test_a_server_without_a_language_model_starts_none_and_says_so(prepared: Path, tmp_path: Path) -> None:
    with serving(tmp_path, "--llm", "none") as server:
        ready = server.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "off")
        assert "without a language model" in ready.json()["detail"]
        answer = ask(server, "something funny")
        assert len(answer["recommendations"]) == 3
        assert answer["details"]["notices"] == []
        assert "language model" not in answer["content"]
        assert "loading" not in server.said
        assert server.family() == []
        check_end(server, [], server.interrupt())


def error_of(stderr: str) -> str:
    """The one line of an error, after the lines that say what goes on."""
    *before, error = stderr.splitlines()
    assert before in ([], ["Loading the catalogue …"])
    return error
