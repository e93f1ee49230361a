"""The adversary takes out what tells the group and keeps what tells the next choice."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from core.errors import ArtifactError
from debias.groups import Groups
from debias.persons import PersonMap
from training.adversary import ReverseGradient, train_person_map

PEOPLE, ITEMS, D = 900, 40, 8
IDLE = 3  # dimensions that no choice follows: the group's, and room for what the adversary takes away


def world() -> tuple[np.ndarray, np.ndarray, np.ndarray, Groups]:
    """People whose first dimension is their group, and whose choices follow the other dimensions."""
    rng = np.random.default_rng(0)
    group = rng.integers(0, 2, PEOPLE)
    persons = rng.normal(size=(PEOPLE, D)).astype(np.float32)
    persons[:, 0] += 3 * group
    items = rng.normal(size=(ITEMS, D)).astype(np.float32)
    items[:, :IDLE] = 0
    chosen = (persons @ items.T + rng.gumbel(size=(PEOPLE, ITEMS))).argmax(axis=1)
    return persons, items, chosen, Groups.of("g", ["ab"[code] for code in group])


def fresh_auc(persons: np.ndarray, groups: Groups) -> float:
    half = PEOPLE // 2
    model = LogisticRegression().fit(persons[:half], groups.codes[:half])
    return float(roc_auc_score(groups.codes[half:], model.predict_proba(persons[half:])[:, 1]))


def hits(persons: np.ndarray, items: np.ndarray, chosen: np.ndarray) -> float:
    return float(((-(persons @ items.T)).argsort(axis=1)[:, :5] == chosen[:, None]).any(axis=1).mean())


def test_a_gradient_is_reversed_and_nothing_else() -> None:
    values = torch.tensor([1.0, 2.0], requires_grad=True)
    out = ReverseGradient.apply(values, 0.5)  # type: ignore[no-untyped-call]
    assert out.tolist() == [1.0, 2.0]
    (out * torch.tensor([3.0, 4.0])).sum().backward()
    assert values.grad is not None
    assert values.grad.tolist() == [-1.5, -2.0]


def test_a_fresh_classifier_is_fooled_and_choices_are_still_foretold() -> None:
    persons, items, chosen, groups = world()
    plain, fair = (
        train_person_map(persons, items, chosen, [groups], strength=strength, seed=0, directions=1, steps=100)(persons)
        for strength in (0.0, 3.0)
    )
    assert fresh_auc(persons, groups) > 0.95
    assert fresh_auc(plain, groups) > 0.95
    assert fresh_auc(fair, groups) < 0.65
    assert hits(fair, items, chosen) > hits(plain, items, chosen) - 0.1


def test_equal_seeds_give_equal_maps_and_unknown_groups_are_allowed() -> None:
    persons, items, chosen, groups = world()
    some = Groups.of("some", [None] * 500 + [groups.name_of(place) for place in range(500, PEOPLE)])
    one, other = (
        train_person_map(persons, items, chosen, [groups, some], strength=1.0, seed=3, steps=5) for _ in range(2)
    )
    assert one.matrix.tolist() == other.matrix.tolist()


def test_a_map_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "map.npz"
    PersonMap(np.eye(2, dtype=np.float32) * 2, np.ones(2, dtype=np.float32)).save(path)
    assert PersonMap.load(path)(np.array([1.0, 2.0])).tolist() == [3, 5]
    path.write_bytes(b"no map")
    with pytest.raises(ArtifactError, match="Train it again"):
        PersonMap.load(path)
