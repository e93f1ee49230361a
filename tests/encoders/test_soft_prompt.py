"""Soft tokens: their size, their place in the prompt, and what is read back from a file."""

from pathlib import Path
from types import MappingProxyType

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from core.errors import ArtifactError
from core.markers import ITEM, PERSON
from encoders.soft_prompt import ITEM_LENGTH, SoftPromptProjector, assemble, padded, pieces, token_count

HIDDEN = 16


class Letters:
    """A tokenizer whose tokens are characters."""

    added_tokens_decoder = MappingProxyType[int, str]({})

    def apply_chat_template(self, conversation: list[dict[str, str]], **options: object) -> str:
        raise NotImplementedError

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        assert not add_special_tokens
        return [ord(one) - ord("a") for one in text]


@pytest.fixture
def table() -> Tensor:
    return torch.randn(26, HIDDEN, generator=torch.Generator().manual_seed(0)) * 3


@pytest.fixture
def projector(table: Tensor) -> SoftPromptProjector:
    torch.manual_seed(1)
    projector = SoftPromptProjector(6, HIDDEN, 4)
    projector.start_from(table, person_ids=[1, 2])
    return projector


def test_tokens_start_with_the_norm_of_the_models_own_and_those_of_items_longer(
    projector: SoftPromptProjector, table: Tensor
) -> None:
    usual = table.norm(dim=-1).mean()
    persons = projector.persons(torch.randn(3, 6))
    items = projector.items(torch.randn(3, 7, 6), torch.randn(3, 6), table[:7].expand(3, 7, HIDDEN))
    assert persons.shape == (3, 4, HIDDEN)
    assert items.shape == (3, 7, HIDDEN)
    torch.testing.assert_close(persons.norm(dim=-1), usual.expand(3, 4))
    torch.testing.assert_close(items.norm(dim=-1), ITEM_LENGTH * usual.expand(3, 7))


def test_people_and_candidates_differ_from_the_start(projector: SoftPromptProjector, table: Tensor) -> None:
    one, other = projector.persons(torch.eye(6)[:2])
    assert torch.cosine_similarity(one.flatten(), other.flatten(), dim=0) < 0.95
    first, second = projector.items(torch.eye(6)[:2], torch.zeros(6), table[[3, 3]])
    assert not torch.allclose(first, second)


def test_a_candidate_is_another_one_for_another_person(projector: SoftPromptProjector, table: Tensor) -> None:
    candidate = torch.ones(1, 6) / 6**0.5
    people = (*torch.eye(6)[:2], torch.zeros(6))
    for_one, for_other, for_nobody = (projector.items(candidate, who, table[:1]) for who in people)
    assert not torch.allclose(for_one, for_other)
    assert not torch.allclose(for_one, for_nobody)


def test_an_item_token_resembles_its_letter(projector: SoftPromptProjector, table: Tensor) -> None:
    tokens = projector.items(torch.randn(5, 6), torch.randn(6), table[:5])
    alike = functional.normalize(tokens, dim=-1) @ functional.normalize(table[:5], dim=-1).T
    assert alike.argmax(dim=1).tolist() == [0, 1, 2, 3, 4]


def test_nobody_has_tokens_of_their_own(projector: SoftPromptProjector) -> None:
    with torch.no_grad():
        projector.nobody.copy_(torch.ones(4, HIDDEN))
    tokens = projector.persons(torch.stack((torch.zeros(6), torch.ones(6))))
    torch.testing.assert_close(tokens[0], projector.token_norm * torch.ones(4, HIDDEN) / HIDDEN**0.5)
    assert not torch.allclose(tokens[1], tokens[0])
    tokens[0].sum().backward()  # type: ignore[no-untyped-call]
    assert projector.nobody.grad is not None
    assert all(weight.grad is None or not weight.grad.any() for weight in projector.person.parameters())


def test_a_saved_projector_gives_the_same_tokens(projector: SoftPromptProjector, tmp_path: Path) -> None:
    projector.save(tmp_path / "projector.safetensors")
    again = SoftPromptProjector.load(tmp_path / "projector.safetensors")
    person, item, letters = torch.randn(6), torch.randn(2, 6), torch.randn(2, HIDDEN)
    # Kept in half precision, eight times finer than the bfloat16 in which tokens are served.
    expected = projector.persons(person), projector.items(item, person, letters)
    torch.testing.assert_close(
        (again.persons(person), again.items(item, person, letters)), expected, rtol=4e-3, atol=4e-3
    )


@pytest.mark.parametrize("content", [None, b"", b"not a safetensors file"])
def test_a_missing_or_damaged_file_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "projector.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"is missing or can't be read\. Train the adapter again"):
        SoftPromptProjector.load(path)


def test_pieces_are_cut_at_markers() -> None:
    parts = pieces(f"ab{PERSON}c{ITEM}{ITEM}d", Letters())
    assert parts == ((0, 1), PERSON, (2,), ITEM, ITEM, (3,))
    assert token_count(parts, 4) == 10
    assert pieces("abc", Letters()) == ((0, 1, 2),)


def test_soft_tokens_stand_at_their_markers(table: Tensor) -> None:
    person, items = torch.full((4, HIDDEN), 7.0), torch.stack((torch.full((HIDDEN,), 8.0), torch.full((HIDDEN,), 9.0)))
    found = assemble(((0, 1), PERSON, (2,), ITEM, ITEM, (3,)), table, person, items)
    expected = torch.cat((table[:2], person, table[2:3], items, table[3:4]))
    torch.testing.assert_close(found, expected, rtol=0, atol=0)
    assert assemble(((0,), PERSON), table.bfloat16(), person).dtype == torch.bfloat16


def test_gradients_reach_the_projector(projector: SoftPromptProjector, table: Tensor) -> None:
    persons, items = projector.persons(torch.ones(6)), projector.items(torch.ones(1, 6), torch.ones(6), table[:1])
    assemble(((0,), PERSON, (1,), ITEM), table, persons, items).square().mean().backward()  # type: ignore[no-untyped-call]
    still = [name for name, weight in projector.named_parameters() if weight.grad is None]
    assert still == []


@pytest.mark.parametrize(
    ("persons", "count", "said"), [(False, 1, "place for a person"), (True, 0, "more items"), (True, 2, "places for 1")]
)
def test_tokens_that_dont_match_the_markers_are_refused(table: Tensor, persons: bool, count: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        assemble((PERSON, ITEM), table, table[:4] if persons else None, table[:count])


def test_batches_are_padded_on_either_side(table: Tensor) -> None:
    left, mask = padded([table[:1], table[:3]])
    assert mask.tolist() == [[0, 0, 1], [1, 1, 1]]
    torch.testing.assert_close(left[0], torch.cat((torch.zeros(2, HIDDEN), table[:1])))
    right, mask = padded([table[:1], table[:3]], side="right")
    assert mask.tolist() == [[1, 0, 0], [1, 1, 1]]
    torch.testing.assert_close(right[0, 0], table[0])
