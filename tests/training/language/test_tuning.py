"""One whole training on a small catalogue, as the command runs it."""

import copy
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.adapter import AdapterLayout, TrainedBy, base_model_identity, read_adapter
from core.errors import InputError
from encoders.soft_prompt import SoftPromptProjector
from tests.training.language.tiny import write_tiny_model
from training.language.base_model import load_language_model
from training.language.corpus import Corpus
from training.language.explanations import Explanation
from training.language.settings import LanguageTraining
from training.language.tuning import LanguageData, Tuned, language_data, make_lesson, save_adapter, tune

CPU = torch.device("cpu")
SETTINGS = LanguageTraining(
    examples=8, batch=4, candidates=4, late=3, latest=2, layers=1, explanations=0.2, tokens=2, width=8
)
FAST = {"epochs": 1, "dimensions": 8, "heads": 2}


@pytest.fixture(scope="module")
def data(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> LanguageData:
    work = tmp_path_factory.mktemp("rankers")
    made = language_data(corpus, SETTINGS, work, progress=False, **FAST)
    count = len(list(work.iterdir()))
    again = language_data(corpus, SETTINGS, work, progress=False, **FAST)
    assert len(list(work.iterdir())) == count == 2  # trained once, with and without the late choices
    assert [choice.rows.tolist() for choice in again.training] == [choice.rows.tolist() for choice in made.training]
    return made


@pytest.fixture(scope="module")
def tuned(corpus: Corpus, data: LanguageData, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    work = tmp_path_factory.mktemp("work")
    return tune(corpus, data, tiny_model, SETTINGS, work, base_name="tiny", device=CPU, progress=False)


def test_lists_hold_nothing_of_the_past_and_those_of_validation_what_was_chosen(
    data: LanguageData, corpus: Corpus
) -> None:
    assert data.training
    assert data.validation
    for choice in (*data.training, *data.validation):
        assert choice.label is None or choice.rows[choice.label] == choice.position.target
        assert not set(choice.rows.tolist()) & set(choice.position.history.tolist())
    assert all(choice.label is not None for choice in data.validation)
    for choice in data.training:
        held_out = set(corpus.sequences[choice.position.person][-2:].tolist())
        assert choice.position.target not in held_out
        assert not held_out & set(choice.position.history.tolist())


def test_evidence_of_explanations_knows_nothing_past_the_split(corpus: Corpus) -> None:
    counted = int(corpus.evidence._statistics.chosen.sum())
    assert counted == sum(len(sequence) - 2 for sequence in corpus.sequences)


def test_an_adapter_is_written_as_serving_reads_it(
    tuned: Tuned, corpus: Corpus, tiny_model: Path, tmp_path: Path
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    folder = tmp_path / "one"
    layout = save_adapter(tuned, corpus, SETTINGS, folder, TrainedBy(command="x", seed=0))
    config = json.loads((layout.lora / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["base_model_name_or_path"] == tuned.model.identity.name  # no folder of this machine
    manifest = read_adapter(AdapterLayout(folder), base_model_identity(tiny_model))
    assert (manifest.has_soft_prompt, manifest.has_lora, manifest.latest) == (True, True, 2)
    assert manifest.model_weight == pytest.approx(tuned.model_weight)
    projector = SoftPromptProjector.load(layout.projector)
    assert tuned.projector is not None
    # Both are kept in half precision.
    torch.testing.assert_close(projector.state_dict(), tuned.projector.state_dict(), rtol=1e-3, atol=1e-5)
    attention = tuned.model.model.config._attn_implementation
    base = AutoModelForCausalLM.from_pretrained(
        tiny_model, dtype=tuned.model.table.dtype, attn_implementation=attention
    )
    loaded = PeftModel.from_pretrained(base, layout.lora).eval()
    ids = torch.arange(40).reshape(2, 20)
    with torch.no_grad():
        torch.testing.assert_close(loaded(ids).logits, tuned.model.model.eval()(ids).logits, rtol=1e-2, atol=1e-2)


def test_a_lesson_that_several_share_changes_nothing(
    tuned: Tuned, corpus: Corpus, data: LanguageData, tiny_model: Path, tmp_path: Path
) -> None:
    base = load_language_model(tiny_model, name="tiny", device=CPU)
    lesson = make_lesson(base, corpus, data, SETTINGS, progress=False)
    taught = copy.deepcopy(lesson.projector.state_dict())
    for work in (tmp_path / "one", tmp_path / "other"):
        again = tune(corpus, data, tiny_model, SETTINGS, work, lesson=lesson, device=CPU, progress=False)
        assert again.projector is not None
        assert tuned.projector is not None
        torch.testing.assert_close(again.projector.state_dict(), tuned.projector.state_dict(), rtol=0, atol=0)
        assert again.model_weight == tuned.model_weight
    torch.testing.assert_close(lesson.projector.state_dict(), taught, rtol=0, atol=0)


def test_an_adapter_of_another_model_is_refused(tuned: Tuned, corpus: Corpus, tmp_path: Path) -> None:
    save_adapter(tuned, corpus, SETTINGS, tmp_path / "one", TrainedBy())
    other = write_tiny_model(tmp_path / "model", seed=1)
    config = json.loads((other / "config.json").read_text())
    for change, message in (({"hidden_size": 64}, "hidden size 32"), ({"rms_norm_eps": 0.5}, "was trained on tiny")):
        (other / "config.json").write_text(json.dumps({**config, **change}))
        with pytest.raises(InputError, match=message):
            read_adapter(AdapterLayout(tmp_path / "one"), base_model_identity(other))


def test_what_a_teacher_writes_is_learned_from(corpus: Corpus, data: LanguageData, tmp_path: Path) -> None:
    seen: list[int] = []

    def distil(explanations: Sequence[Explanation]) -> list[Explanation]:
        seen.append(len(explanations))
        return [replace(one, reasoning="What the teacher thinks of it.") for one in explanations]

    told = language_data(corpus, SETTINGS, tmp_path, progress=False, distil=distil, **FAST)
    assert seen == [len(data.explanations)]
    assert all("teacher" in one.answer for one in told.explanations)


def test_too_few_histories_are_one_clear_line(corpus: Corpus, tmp_path: Path) -> None:
    few = replace(corpus, interactions=corpus.interactions.head(0))
    with pytest.raises(InputError, match="too few histories"):
        language_data(few, SETTINGS, tmp_path, progress=False, **FAST)
