"""vLLM and transformers with peft on the same inputs in float32: token for token, and letter for letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from torch import Tensor

from core.intent import Intent, TurnKind
from server.adapters import find_adapters, serving
from server.choice import VllmChooser
from server.choice_questions import Questions, SoftTokens
from server.local_engine import LocalEngine
from server.token_table import token_table
from server.vllm_command import Hardware
from tests.catalogue import FILMS, WORDING
from tests.server.small_adapter import small_adapter
from tests.server.test_choice import (
    CANDIDATES,
    HISTORY,
    INTENT,
    letter_log_probabilities,
    prompt_embeddings,
)

pytestmark = pytest.mark.slow

TOLERANCE = 2e-3  # of a log probability in float32: two programs add up in different orders
TOKENS = 24


@dataclass(frozen=True)
class Served:
    """An adapter with random weights, as vLLM serves it and as peft runs it."""

    engine: LocalEngine
    chooser: VllmChooser
    questions: dict[str, Questions]
    table: Tensor
    reference: Any


@pytest.fixture(scope="module")
def served(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """On a CPU: one adapter, so its LoRA is merged into a checkpoint, here one of float32."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path_factory.mktemp("parity")
    base = folder / "base"
    model = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32)
    model.save_pretrained(base)
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    tokenizer.save_pretrained(base)
    small_adapter(folder / "adapters" / "demo", base, items=len(FILMS), soft=True, lora=True)
    (adapter,) = find_adapters("demo", folder, str(base))
    start = serving([adapter], str(base), hardware=Hardware.CPU, models=folder / "models")
    engine = LocalEngine(
        start.model, log=folder / "vllm.log", extra=(*start.arguments, "--dtype", "float32"), names=start.names
    )
    engine.start()
    try:
        assert engine.wait_ready(600), engine.status.detail
        chooser = VllmChooser.load(engine, adapter, Path(start.model), FILMS, WORDING, timeout=120)
        table = token_table(Path(start.model))
        soft = SoftTokens.load(adapter.layout, table, len(FILMS))
        questions = {
            "text": Questions(FILMS, WORDING, tokenizer),
            "soft tokens": Questions(FILMS, WORDING, tokenizer, soft=soft),
        }
        reference = PeftModel.from_pretrained(model, adapter.layout.lora).eval()
        yield Served(engine, chooser, questions, table, reference)
    finally:
        engine.stop()


@pytest.mark.parametrize("kind", ["text", "soft tokens"])
async def test_greedy_text_is_the_same_token_for_token(served: Served, kind: str) -> None:
    address, said = served.engine.address, []
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {address.key}"}, timeout=120) as client:
        for query in ("something dark", "a musical for kids", "tell me a story about a spy"):
            intent = Intent(kind=TurnKind.RECOMMEND, query=query)
            question = served.questions[kind].ask(intent, CANDIDATES, HISTORY)
            body = {
                "model": "demo",
                **question.prompt,
                "max_tokens": TOKENS,
                "temperature": 0,
                "return_token_ids": True,
            }
            answer = (await client.post(f"{address.url}/completions", json=body)).json()
            expected = generated(served.reference, prompt_embeddings(question, served.table))
            assert answer["choices"][0]["token_ids"] == expected
            said += expected
    assert len(said) >= TOKENS


def generated(model: Any, embeddings: Tensor) -> list[int]:
    """What transformers with peft says greedily after a prompt [tokens, hidden], its end included."""
    mask = torch.ones(1, len(embeddings), dtype=torch.long)
    with torch.inference_mode():
        found = model.generate(
            inputs_embeds=embeddings[None], attention_mask=mask, max_new_tokens=TOKENS, do_sample=False
        )
    tokens: list[int] = found[0].tolist()
    return tokens


async def test_letters_have_the_same_probabilities(served: Served) -> None:
    choice = await served.chooser.choose(INTENT, CANDIDATES, history=HISTORY)
    await served.chooser.aclose()
    question = served.questions["soft tokens"].ask(INTENT, CANDIDATES, HISTORY)
    embeddings = prompt_embeddings(question, served.table)
    expected = letter_log_probabilities(served.reference, embeddings, list(question.letters.values()))
    got = [choice.log_probabilities[one.item_id] for one in CANDIDATES]
    np.testing.assert_allclose(got, expected, atol=TOLERANCE)
