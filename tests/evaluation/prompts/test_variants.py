from pathlib import Path

import pytest

from core.errors import InputError
from evaluation.prompts.identity import hash_of
from evaluation.prompts.variants import PromptSettings, parse_variants

BASE = PromptSettings(candidates=20, correction=0.4)


def test_a_list_of_variants_is_read() -> None:
    base, hot, adapter, few = parse_variants("base, temperature=0.7,adapter:my-films+correction=0,candidates=5", BASE)
    assert (base.name, base.kind, base.settings) == ("base", "", BASE)
    assert (hot.settings.temperature, hot.settings.candidates) == (0.7, 20)
    assert (adapter.kind, adapter.model, adapter.settings.correction) == ("adapter", "my-films", 0)
    assert (few.settings.candidates, few.settings.rank) == (5, 5)  # no more can be ranked than there are


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No variant is named."),
        ("bsae", "'bsae' that means nothing"),
        ("adapter:", "'adapter:' that means nothing"),
        ("adapter:a+adapter:b", "'adapter:b' that means nothing"),
        ("temprature=1", "has no option temprature. It has temperature, candidates"),
        ("temperature=hot", "temperature can't be 'hot'"),
        ("candidates=1", "candidates can't be '1'"),
        ("correction=2", "correction can't be '2'"),
        ("base,base", "named twice"),
    ],
)
def test_a_mistake_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_variants(text, BASE)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_new_training_is_another_model(tmp_path: Path) -> None:
    first, copy, second = (tmp_path / name / "model.safetensors" for name in ("first", "copy", "second"))
    for path, content in ((first, 0), (copy, 0), (second, 1)):
        path.parent.mkdir()
        path.write_bytes(bytes(2 << 20) + bytes([content]) * (1 << 20))
    assert hash_of([first]) == hash_of([copy])
    assert hash_of([first]) != hash_of([second])
