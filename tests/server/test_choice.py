"""Choices by the real vLLM: the same numbers as transformers, and one clear error where there is none."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from core.adapter import read_manifest
from core.candidate import Candidate
from core.choice import combined_scores
from core.errors import ArtifactError, EngineError
from core.generator import ChatPrompt
from core.intent import Intent, TurnKind
from core.item import Item, ItemTable
from server.adapters import Adapter
from server.choice import VllmChooser
from server.choice_questions import Question, Questions, encoded
from server.local_engine import MODEL_NAME, LocalEngine
from server.token_table import token_table
from server.vllm_generator import VllmGenerator
from tests.catalogue import FILMS, WORDING
from tests.server.small_adapter import small_adapter

INTENT = Intent(kind=TurnKind.RECOMMEND, query="something dark")
CANDIDATES = tuple(Candidate(item_id=str(place), score=1 / place) for place in range(1, 13))
HISTORY = ("6", "7")
# Largest difference of a letter's log probability in bfloat16, whose logits stand .125 apart here, from float32; the
# probabilities of the letters themselves are about 1.2 apart.
TOLERANCE = 0.35


@pytest.fixture(scope="module")
def tokenizer(model_folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(model_folder)


@pytest.fixture(scope="module")
def adapter(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    layout = small_adapter(
        tmp_path_factory.mktemp("adapters") / "demo", model_folder, items=len(FILMS), name=MODEL_NAME
    )
    return Adapter(layout, read_manifest(layout))


@pytest.fixture
async def chooser(engine: LocalEngine, adapter: Adapter, model_folder: Path) -> AsyncIterator[VllmChooser]:
    chooser = VllmChooser.load(engine, adapter, model_folder, FILMS, WORDING, timeout=60)
    yield chooser
    await chooser.aclose()


@pytest.fixture
async def plain(engine: LocalEngine, tokenizer: Any) -> AsyncIterator[VllmChooser]:
    """The same without soft tokens."""
    chooser = VllmChooser(engine, Questions(FILMS, WORDING, tokenizer), timeout=60)
    yield chooser
    await chooser.aclose()


@pytest.fixture(scope="module")
def reference(model_folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32)


class Overheard(VllmChooser):
    """Keeps the question, so that another engine can be asked the same."""

    question: Question

    async def _ask(self, *arguments: Any) -> tuple[dict[str, Any], Question]:
        answer, self.question = await super()._ask(*arguments)
        return answer, self.question


def prompt_embeddings(question: Question, table: Tensor) -> Tensor:
    """What the model read, as [tokens, hidden]."""
    import base64
    import io

    if "prompt" in question.prompt:
        return table[torch.tensor(question.prompt["prompt"])]
    loaded: Tensor = torch.load(io.BytesIO(base64.b64decode(question.prompt["prompt_embeds"])))
    return loaded


def letter_log_probabilities(model: Any, embeddings: Tensor, letters: Sequence[int]) -> npt.NDArray[np.float32]:
    """What transformers makes of the same prompt."""
    with torch.inference_mode():
        logits = model(inputs_embeds=embeddings.to(model.dtype)[None], logits_to_keep=1).logits[0, -1]
    found: npt.NDArray[np.float32] = torch.log_softmax(logits.float()[list(letters)], dim=-1).numpy()
    return found


@pytest.mark.parametrize("soft", [False, True])
async def test_vllm_and_transformers_agree(
    engine: LocalEngine, adapter: Adapter, tokenizer: Any, model_folder: Path, reference: Any, soft: bool
) -> None:
    if soft:
        asked = Overheard.load(engine, adapter, model_folder, FILMS, WORDING, timeout=60)
    else:
        asked = Overheard(engine, Questions(FILMS, WORDING, tokenizer), timeout=60)
    choice = await asked.choose(INTENT, CANDIDATES, history=HISTORY)
    await asked.aclose()
    assert set(asked.question.prompt) == {"prompt_embeds" if soft else "prompt"}
    embeddings = prompt_embeddings(asked.question, token_table(model_folder))
    assert choice.usage.prompt_tokens == len(embeddings)
    expected = letter_log_probabilities(reference, embeddings, list(asked.question.letters.values()))
    got = [choice.log_probabilities[one.item_id] for one in CANDIDATES]
    assert np.ptp(expected) > 4 * TOLERANCE
    np.testing.assert_allclose(got, expected, atol=TOLERANCE)


async def test_all_candidates_are_ranked_and_scores_are_combined(chooser: VllmChooser) -> None:
    choice = await chooser.choose(INTENT, CANDIDATES, history=HISTORY)
    assert set(choice.scores) == {candidate.item_id for candidate in CANDIDATES}
    assert list(choice.scores.values()) == sorted(choice.scores.values(), reverse=True)
    model = [choice.log_probabilities[one.item_id] for one in CANDIDATES]
    assert np.exp(model).sum() == pytest.approx(1)
    expected = combined_scores(model, [one.score for one in CANDIDATES], 0.5)
    assert [choice.scores[one.item_id] for one in CANDIDATES] == pytest.approx(expected.tolist())


async def test_all_fifty_two_letters_come_back(engine: LocalEngine, tokenizer: Any) -> None:
    items = ItemTable(Item(id=str(place), title=f"Film {place}") for place in range(60))
    chooser = VllmChooser(engine, Questions(items, WORDING, tokenizer), timeout=60)
    choice = await chooser.choose(INTENT, tuple(Candidate(item_id=item.id, score=-float(item.id)) for item in items))
    await chooser.aclose()
    assert set(choice.scores) == {str(place) for place in range(52)}


async def test_the_person_counts(chooser: VllmChooser) -> None:
    async def told(history: tuple[str, ...] = (), **said: tuple[str, ...]) -> dict[str, float]:
        intent = Intent(kind=TurnKind.RECOMMEND, query="something dark", **said)  # type: ignore[arg-type]
        return (await chooser.choose(intent, CANDIDATES, history=history)).log_probabilities

    somebody, another, nobody = await told(("6",)), await told(("9",)), await told()
    assert somebody != another
    assert nobody not in (somebody, another)
    assert await told(("unknown",)) == nobody
    assert await told(disliked=("6",)) != await told(disliked=("9",))


def test_an_adapter_of_other_items_is_refused(adapter: Adapter, model_folder: Path, engine: LocalEngine) -> None:
    fewer = ItemTable(FILMS.items[:5])
    with pytest.raises(ArtifactError, match="was trained with other items"):
        VllmChooser.load(engine, adapter, model_folder, fewer, WORDING)


async def test_choices_and_answers_at_once_are_what_they_are_alone(
    engine: LocalEngine, chooser: VllmChooser, plain: VllmChooser
) -> None:
    """Text is guessed ahead from the prompt meanwhile, which has a sampler of its own."""
    generator = VllmGenerator(engine)
    talk = ChatPrompt(system="You are brief.", user="Repeat: a b c d a b c d a b", answer_schema={}, max_tokens=48)

    async def answer() -> str:
        return "".join([event async for event in generator.stream(talk) if isinstance(event, str)])

    async def choices() -> list[dict[str, float]]:
        found = []
        for asked in (chooser, plain, chooser, plain):
            choice = await asked.choose(INTENT, CANDIDATES, history=HISTORY)
            found.append(dict(sorted(choice.log_probabilities.items())))
        return found

    alone = await answer(), await choices()
    together = await asyncio.gather(answer(), answer(), choices(), choices())
    await generator.aclose()
    assert together[0] == together[1] == alone[0]
    for found in together[2:]:
        for one, before in zip(found, alone[1], strict=True):
            assert one == pytest.approx(before, abs=TOLERANCE)


@pytest.mark.parametrize(
    "wrong",
    [torch.zeros(5, 7), torch.zeros(576), torch.zeros(0, 576), torch.zeros(3, 4, 576), torch.full((4, 576), torch.nan)],
    ids=["hidden size", "a vector", "nothing", "a batch", "not numbers"],
)
async def test_no_embeddings_kill_the_engine(engine: LocalEngine, plain: VllmChooser, wrong: Tensor) -> None:
    address, deaths = engine.address, engine.status.deaths
    body = {"model": address.model, "max_tokens": 1, "logprobs": 1, "prompt_embeds": encoded(wrong)}
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {address.key}"}, timeout=60) as client:
        answer = await client.post(f"{address.url}/completions", json=body)
    assert answer.status_code == 400
    assert (await plain.choose(INTENT, CANDIDATES)).scores
    assert engine.status.deaths == deaths


async def test_what_the_server_refuses_is_one_clear_error(engine: LocalEngine, tokenizer: Any) -> None:
    chooser = VllmChooser(engine, Questions(FILMS, WORDING, tokenizer), name="an adapter that is not served")
    with pytest.raises(EngineError, match=r"refused to choose: .*does not exist"):
        await chooser.choose(INTENT, CANDIDATES)
    await chooser.aclose()
    with pytest.raises(EngineError, match="broke off its choice"):
        await chooser.choose(INTENT, CANDIDATES)


async def test_a_choice_that_takes_too_long_is_given_up(engine: LocalEngine, tokenizer: Any) -> None:
    chooser = VllmChooser(engine, Questions(FILMS, WORDING, tokenizer), timeout=0.001)
    try:
        with pytest.raises(EngineError, match="took too long to choose"):
            await chooser.choose(INTENT, CANDIDATES)
    finally:
        await chooser.aclose()
