"""The commands, each in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

from core.item import ItemTable
from tests.end_to_end.product import COMMAND, environment, tastemaker

HEAVY = ("torch", "transformers", "llama_index", "gradio", "sentence_transformers", "vllm", "faiss", "polars", "openai")


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom cli.main import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    commands = ("prepare", "serve", "chat", "recommend", "doctor", "evaluate")
    assert [command for command in commands if command not in done.stdout] == []


def test_a_second_prepare_has_nothing_to_do(prepared: Path, tmp_path: Path) -> None:
    done = tastemaker(tmp_path, "prepare", "--json")
    summary = json.loads(done.stdout)
    assert done.returncode == 0
    assert summary["seconds"] == {}
    assert summary["manifest"]["item_count"] == 1681
    assert list(tmp_path.iterdir()) == []


def test_recommendations_for_a_history(prepared: Path, items: ItemTable, tmp_path: Path) -> None:
    done = tastemaker(tmp_path, "recommend", "--history", "50,181", "--json", "--k", "10")
    recommended = [one["item_id"] for one in json.loads(done.stdout)["recommendations"]]
    assert len(set(recommended) - {"50", "181"}) == 10
    assert all(one in items for one in recommended)
    assert "172" in recommended  # after Star Wars and Return of the Jedi: The Empire Strikes Back
    done = tastemaker(tmp_path, "recommend", "--user", "196")
    assert done.stdout.startswith(" 1. ")
    assert len(done.stdout.splitlines()) == 20
    assert done.stderr == ""


def test_mistakes_are_one_line(prepared: Path, tmp_path: Path) -> None:
    done = tastemaker(tmp_path, "recommend", "--user", "nobody")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("tastemaker: Nobody in this catalogue's interactions is called 'nobody'. Use --history.\n")
    done = tastemaker(tmp_path, "serve", "--prot", "1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "No such option: --prot" in done.stderr
    done = tastemaker(tmp_path, "recommend")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    done = tastemaker(tmp_path, "prepare", "--catalog", str(tmp_path / "none"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_chat_over_a_pipe(prepared: Path, tmp_path: Path) -> None:
    """Without waiting for the model: what is piped in is answered from retrieval."""
    done = tastemaker(tmp_path, "chat", stdin="I loved Alien, no horror\nsomething older\n")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.lower().count("not horror") == 2
    assert done.stdout.count("**") == 12
    assert done.stdout.count("not ready yet") == 1


def test_a_chat_without_a_language_model(prepared: Path, tmp_path: Path) -> None:
    done = tastemaker(tmp_path, "chat", "--llm", "none", stdin="I loved Alien, no horror\nsomething older\n")
    assert (done.returncode, done.stdout.count("**")) == (0, 12), done.stderr
    assert "language model" not in done.stdout
    assert "loading" not in done.stderr
    help_text = tastemaker(tmp_path, "chat", "--help").stdout
    assert "`none`" in help_text


def test_a_chat_reads_bytes_that_are_no_text(prepared: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "chat", "--llm", "http://127.0.0.1:9/v1"],
        cwd=tmp_path,
        env=environment(tmp_path),
        input=b"I loved Alien \xff\xfe\n",
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert b"**" in done.stdout
